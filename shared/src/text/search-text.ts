/**
 * The version of the rules below. It is stored beside each search text; a server that starts rewrites the texts of
 * other versions, so a change of the rules needs a new number here.
 */
export const SEARCH_TEXT_VERSION = 2;

/**
 * Letters that Unicode does not decompose, by what they fold to. The first line has those that ICU's base strength
 * holds equal (CLDR root); the second has more that people write without, such as ı in Kadıköy.
 */
const LETTERS = lettersOf(
  'ss:ß ae:æ oe:œ o:øꞝ d:ðđꝺ h:ħ l:ł σ:ς a:ꞛꟁ f:ꝼ g:ᵹꞡ k:ꞣ n:ꞥ r:ꝛꞃꞧ s:ꞅꞩꟙ t:ꞇ u:ꞟ w:ꟃ aa:ꜳ ao:ꜵ au:ꜷ av:ꜹꜻ ay:ꜽ oo:ꝏ vy:ꝡ ll:ỻ th:ᵺ ' +
    'dz:ʣ ts:ƾʦ tz:ꜩ ls:ʪ lz:ʫ db:ȸ qp:ȹ zw:ƍ b:ɓ d:ɗɖ e:ə i:ı k:ƙĸ n:ŋ t:ŧ th:þ y:ƴ',
);

function lettersOf(table: string): ReadonlyMap<string, string> {
  const groups = table.split(' ').map((group) => group.split(':'));
  return new Map(groups.flatMap(([plain = '', letters = '']) => [...letters].map((letter) => [letter, plain])));
}

/** Written or left out at will, and in many forms: O'Brien, O’Brien, Oʼahu, col·lecció. */
const APOSTROPHES = /['`’‘‛′·\u02b9-\u02bf]/g;

/**
 * Marks that ICU's base strength ignores: accents, points and tones, not the vowels of Indian scripts. Then invisible
 * characters, among them the soft hyphen, and the Arabic tatweel.
 */
const IGNORED =
  /(?=[\p{sc=Inherited}\p{sc=Common}\p{sc=Cyrillic}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\u0900-\u0903\u093c\u0981-\u0983\u09bc\u09fe\u0a01-\u0a03\u0a3c\u0a70\u0a71\u0a81-\u0a83\u0abc\u0b01-\u0b03\u0b3c\u0b82\u0c00-\u0c04\u0c3c\u0c81-\u0c83\u0cbc\u0d00-\u0d03\u0d81-\u0d83\u0e47-\u0e4e\u0ec8-\u0ece\u17c6-\u17d1\u17d3\u17dd\u1036-\u1038])\p{M}|[\p{Cf}\u0640]/gu;

const HYPHENS = /[\p{Pd}\u2212]/gu;

/** Text without case, accents, apostrophes, and forms of letters, digits and kana that mean the same. */
function fold(text: string): string {
  return (
    text
      // Unicode decomposes the acute accent, which serves as an apostrophe, into a space and a mark.
      .replaceAll('´', '')
      .normalize('NFKD')
      .replace(APOSTROPHES, '')
      .replace(IGNORED, '')
      .toLowerCase()
      .replace(/[^\0-\x7f]/gu, plainOf)
  );
}

function plainOf(sign: string): string {
  const code = sign.codePointAt(0) ?? 0;
  // Katakana to hiragana.
  if (code >= 0x30a1 && code <= 0x30f6) return String.fromCodePoint(code - 0x60);
  return LETTERS.get(sign) ?? (/\p{Nd}/u.test(sign) ? digitOf(code) : sign);
}

/** The digits of a script are ten code points in a row, which begin at a multiple of 16 or 6 behind one. */
function digitOf(code: number): string {
  const row = code - (code % 16);
  return String(code - (/\p{Nd}/u.test(String.fromCodePoint(row)) ? row : row + 6));
}

/** What is stored to search in: without hyphens, so that "Jean-Luc" is found as "jeanluc", "jean luc" and "jean-luc". */
export function searchTextOf(...texts: string[]): string {
  return texts.map((text) => fold(text).replace(HYPHENS, '')).join('\n');
}

/** More words make a search slower, and hardly ever find less. */
const MOST_WORDS = 8;

/**
 * The words of a query, each of which has to occur in a search text; in any order, without the commas between them. A
 * word within another one is left out, and of many words the longest count.
 */
export function searchWords(query: string): string[] {
  const split = fold(query).replace(HYPHENS, ' ').split(/\s+/);
  const words = [...new Set(split.map((word) => word.replace(/^[,;]+|[,;]+$/g, '')))].filter(Boolean);
  const found: string[] = [];
  for (const word of words.toSorted((a, b) => b.length - a.length)) {
    if (found.length === MOST_WORDS) break;
    if (!found.some((longer) => longer.includes(word))) found.push(word);
  }
  return found;
}

/** Whether all words of a query occur in these texts. */
export function isFoundBy(query: string, ...texts: string[]): boolean {
  const text = searchTextOf(...texts);
  return searchWords(query).every((word) => text.includes(word));
}
