import { searchTextOf, searchWords } from '#shared/text/search-text.ts';

/** Where the letters of names are that fold to others: Latin, Greek, Cyrillic, Arabic, Vietnamese, kana, full width. */
const RANGES = [
  [0xaa, 0x24f],
  [0x370, 0x4ff],
  [0x620, 0x6ff],
  [0x1e00, 0x1fff],
  [0x3040, 0x30ff],
  [0xfb00, 0xfb06],
  [0xff10, 0xff9d],
] as const;

/** Accents, points and tones, but not the vowels of Indian scripts. */
const MARKS =
  '\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0900-\u0903\u093c\u09bc\u0e47-\u0e4e\u3099\u309a\uff9e\uff9f';
/** What a search text leaves out: marks, invisible characters, apostrophes and hyphens. */
const LEFT_OUT = `[${MARKS}\\p{Cf}\\p{Pd}'\`´’‘‛′·\u02b9-\u02bf\u0640\u2212]*`;
/** The pattern of a longer word would be too large for MongoDB. */
const MAX_WORD_LENGTH = 80;

/** Letters by what they fold to: "o" has ò, ø, ő and more, "ae" has æ. Capitals only if they are no other letter's. */
const VARIANTS = variants();

function variants(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [from, to] of RANGES) {
    for (let code = from; code <= to; code += 1) {
      const letter = String.fromCodePoint(code);
      const folded = searchTextOf(letter);
      const lower = letter.toLowerCase();
      const isCapital = lower !== letter && lower.length === 1;
      if (!/[\p{L}\p{N}]/u.test(letter) || folded === letter || isCapital) continue;
      found.set(folded, (found.get(folded) ?? '') + letter);
    }
  }
  return found;
}

interface Pattern {
  $regex: string;
  $options: string;
}

/** A MongoDB pattern for each word of a query, by the rules of `searchTextOf`. No character of a word is an operator. */
export function findWords(query: string): Pattern[] {
  return searchWords(query).map(findWord);
}

/** A MongoDB pattern for a text that has no spaces, such as an address or a code; hyphens do not count. */
export function findWhole(text: string): Pattern {
  return findWord(searchTextOf(text));
}

function findWord(word: string): Pattern {
  return { $regex: patternOf(word.slice(0, MAX_WORD_LENGTH)), $options: 'i' };
}

function patternOf(word: string): string {
  // Folding takes Korean syllables apart; names have them whole.
  const letters = [...word.normalize('NFC')];
  let pattern = '';
  for (let index = 0; index < letters.length; index += 1) {
    const [letter = '', next = ''] = letters.slice(index, index + 2);
    const ligatures = next === '' ? undefined : VARIANTS.get(letter + next);
    if (ligatures === undefined) pattern += letterPattern(letter);
    else {
      pattern += `(?:${letterPattern(letter)}${letterPattern(next)}|[${ligatures}]${LEFT_OUT})`;
      index += 1;
    }
  }
  return pattern;
}

function letterPattern(letter: string): string {
  const written = /[\p{L}\p{M}\p{N}]/u.test(letter) ? letter : `\\x{${letter.codePointAt(0)?.toString(16)}}`;
  return `[${written}${VARIANTS.get(letter) ?? ''}]${LEFT_OUT}`;
}
