const DIGITS = 6;

/**
 * The digits of a mailed code in what was typed or pasted: of "Your code: 123 456" its six digits. Of a text without six
 * digits in a row, the first six there are.
 */
export function codeDigits(typed: string): string {
  const text = typed.normalize('NFKC');
  const whole = /(?<!\d)(\d{3})[\s-]?(\d{3})(?!\d)/.exec(text);
  if (whole) return `${whole[1]}${whole[2]}`;
  return text.replace(/\D/g, '').slice(0, DIGITS);
}
