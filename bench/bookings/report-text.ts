/** A line of right-aligned columns of one width. */
export function tableLine(columns: readonly string[]): string {
  return columns.map((column) => column.padStart(12)).join('');
}

/** "server 0.99, mongod 0.50"; a sentence if the system gives no values. */
export function namedNumbersText(values: Readonly<Record<string, number>>, digits: number): string {
  const parts = Object.entries(values).map(([name, value]) => `${name} ${value.toFixed(digits)}`);
  return parts.join(', ') || 'not available on this system';
}
