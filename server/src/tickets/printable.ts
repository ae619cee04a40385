/**
 * A text as fonts can show it: without marks of direction and control characters, for which fonts have no sign, but with
 * line breaks; a narrow space becomes a plain one.
 */
export function printable(text: string): string {
  return text
    .replace(/[^\P{Cc}\n]+|[\u2028\u2029]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\u202f\u2009]/g, '\u00a0');
}
