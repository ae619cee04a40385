/** What a spreadsheet would take for the beginning of a formula; the wide forms are the same to it. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** One line of a CSV (RFC 4180). Every cell is quoted, and one that would run as a formula begins with an apostrophe. */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => cellOf(String(cell))).join(',')}\r\n`;
}

function cellOf(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}
