/** "1,235" for 1234.5. */
export function wholeText(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** "8.3 ms", without the decimal from 100 ms on. */
export function msText(value: number): string {
  return `${value < 100 ? value.toFixed(1) : wholeText(value)} ms`;
}
