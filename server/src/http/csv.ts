/** Characters that start a formula in spreadsheets, in full-width form as well (CSV injection). */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;

/** One line of CSV (RFC 4180). Quotes every cell; prefixes a cell that could run as a formula with an apostrophe. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => cellOf(String(cell))).join(',')}\r\n`;
}

/** A negative number is no formula, and can be added up. */
const NEGATIVE = /^-\d+(?:\.\d+)?$/;

function cellOf(text: string): string {
  const harmless = FORMULA_START.test(text) && !NEGATIVE.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
