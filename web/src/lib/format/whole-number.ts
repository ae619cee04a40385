/** Groups of three digits, with one separator of any language between them: 8,000 · 8.000 · 8 000 · 8'000. */
const GROUPED = /^\d{1,3}([.,'’\s])\d{3}(?:\1\d{3})*$/;

/** A whole number of at most nine digits, with or without separators between its thousands; null if it is none. */
export function parseWholeNumber(text: string): number | null {
  const trimmed = text.trim();
  const digits = GROUPED.test(trimmed) ? trimmed.replace(/\D/g, '') : trimmed;
  return /^\d{1,9}$/.test(digits) ? Number(digits) : null;
}
