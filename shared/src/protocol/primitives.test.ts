import { expect, it } from 'vitest';
import { singleLine } from './primitives.ts';

const isAccepted = (text: string) => singleLine(80).safeParse(text).success;

/** Blank on every screen, although some are letters: Hangul and Khmer fillers, Braille without dots, selectors. */
const INVISIBLE = [
  '\u3164',
  '\u115f',
  '\u1160',
  '\uffa0',
  '\u17b4',
  '\u2800',
  '\ufe0f',
  '\u034f',
  '\u00ad',
  '\u200b',
  '\u200d',
  '\u2060',
  '\ufeff',
  '\u{e0020}',
  '\u{1d159}',
  '\u180e',
  '\u00a0',
  '\u2003',
  '\u3000',
  ' ',
  '\t',
  '\u0301',
];

it.each(INVISIBLE.map((sign) => [sign.codePointAt(0)?.toString(16), sign]))(
  'a required text of U+%s alone is refused, and accepted beside a letter',
  (_, sign) => {
    expect([isAccepted(sign ?? ''), isAccepted(` ${sign?.repeat(3)} `)]).toEqual([false, false]);
    if (sign !== '\t') expect(isAccepted(`A${sign}`)).toBe(true);
  },
);

it.each(['A', '李', '한', 'कि', 'é', 'e\u0301', '🎷', '?', '1', 'ـ'])('a required text “%s” is accepted', (text) => {
  expect(isAccepted(text)).toBe(true);
});
