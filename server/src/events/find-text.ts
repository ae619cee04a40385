import { foldText } from '#server/models/event.ts';

/** Letters with accents by the letter that they fold to: "u" has ù, ú, û, ü and more. */
const ACCENTED = accented();

function accented(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (let code = 0xc0; code <= 0x24f; code += 1) {
    const letter = String.fromCodePoint(code);
    const plain = foldText(letter);
    if (plain.length === 1 && plain !== letter.toLowerCase()) found.set(plain, (found.get(plain) ?? '') + letter);
  }
  return found;
}

/**
 * A MongoDB pattern that finds a text anywhere in a field, ignoring case and accents. No character of the text is an
 * operator.
 */
export function findText(query: string): { $regex: string; $options: string } {
  const letters = [...foldText(query.trim()).replaceAll('ss', 'ß')];
  return { $regex: letters.map(patternOf).join(''), $options: 'i' };
}

function patternOf(letter: string): string {
  if (letter === 'ß') return '(?:ß|ss)';
  const accents = ACCENTED.get(letter) ?? '';
  if (/[\p{L}\p{N}]/u.test(letter)) return `[${letter}${accents}]\\p{M}*`;
  return /\s/u.test(letter)
    ? '\\s+'
    : letter.replace(/[^\p{L}\p{N}]/gu, (sign) => `\\x{${sign.codePointAt(0)?.toString(16)}}`);
}
