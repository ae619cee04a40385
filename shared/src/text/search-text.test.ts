import { describe, expect, it } from 'vitest';
import { isFoundBy, searchTextOf, searchWords } from './search-text.ts';

/** ICU's base strength in the root locale. */
const collator = new Intl.Collator('und', { sensitivity: 'base' });
const isBaseEqual = (one: string, other: string) => collator.compare(one, other) === 0;

function* signs(from: number, to: number, fits: RegExp): Generator<string> {
  for (let code = from; code <= to; code += 1) {
    const sign = String.fromCodePoint(code);
    if (fits.test(sign)) yield sign;
  }
}

describe('a search', () => {
  it.each([
    ['lodz', 'Łódź'],
    ['aegir', 'Ægir'],
    ['ŁÓDŹ', 'Lodz'],
    ['grosse ubung', 'Große Übung'],
    ['strasse', 'STRAẞE'],
    ['soren', 'Søren'],
    ['kadikoy', 'Kadıköy'],
    ['istanbul', 'İSTANBUL'],
    ['thorbjorn', 'Þorbjörn'],
    ['dakovo', 'Đakovo'],
    ['οδυσσευσ', 'ὈΔΥΣΣΕΎΣ'],
    ['jazz', 'ＪＡＺＺ　Ｎｉｇｈｔ'],
    ['カラオケ', 'からおけ ﾅｲﾄ'],
    ['2026', '٢٠٢٦ ۲۰۲۶'],
    ['مرحبا', 'مَرْحَبًا'],
    ["o'brien", 'O’Brien'],
    ['obrien', "O'Brien"],
    ['o’brien', 'OBrien'],
    ['letoile', 'L’Étoile'],
    ['etoile', 'L’Étoile'],
    ['jean-luc', 'Jean Luc'],
    ['jean luc', 'Jean‑Luc'],
    ['jeanluc', 'Jean-Luc'],
    ['Jean–Luc', 'jeanluc'],
    ['donaudampf', 'Donau\u00addampf'],
    ['col·lecció', 'colleccio'],
    ['Uzumaki Naruto', 'Naruto Uzumaki'],
    ['Uzumaki, Naruto', 'Naruto Uzumaki'],
  ])('for “%s” finds “%s”', (query, text) => {
    expect(isFoundBy(query, text)).toBe(true);
  });

  it.each([
    ['jazz', 'Jaz'],
    ['कि', 'का'],
    ['ดู', 'ดี'],
    ['jazz blues', 'Jazz'],
    ['o brien', 'Brian'],
  ])('for “%s” does not find “%s”', (query, text) => {
    expect(isFoundBy(query, text)).toBe(false);
  });

  it('for nothing finds everything', () => {
    for (const query of ['', '  ', '-', "'", ',']) expect(isFoundBy(query, 'Jazz'), query).toBe(true);
  });

  it('finds words over all texts, and none across the end of one', () => {
    expect(isFoundBy('halle jazz', 'Jazz', 'Stadthalle')).toBe(true);
    expect(isFoundBy('zst', 'Jazz', 'Stadthalle')).toBe(false);
  });
});

describe('the folding', () => {
  const ASCII = [...'abcdefghijklmnopqrstuvwxyz'];
  const PLAIN = [...ASCII, ...ASCII.flatMap((one) => ASCII.map((other) => one + other))];

  it('turns every Latin letter into the ASCII letters that ICU’s base strength holds equal to it', () => {
    let compared = 0;
    for (const letter of signs(0x80, 0xa7ff, /^\p{Script=Latin}$/u)) {
      const plain = PLAIN.find((one) => isBaseEqual(one, letter));
      if (plain === undefined) continue;
      compared += 1;
      expect(searchTextOf(letter), `${letter} U+${letter.codePointAt(0)?.toString(16)}`).toBe(plain);
    }
    expect(compared).toBeGreaterThan(600);
  });

  it('ignores the marks of living scripts that ICU’s base strength ignores, and keeps the vowels of Indian ones', () => {
    const living =
      /^[\p{sc=Inherited}\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Devanagari}\p{sc=Bengali}\p{sc=Tamil}\p{sc=Thai}]$/u;
    let ignored = 0;
    for (const mark of signs(0x300, 0xe7f, /^\p{M}$/u)) {
      if (!living.test(mark)) continue;
      if (isBaseEqual(`क${mark}`, 'क')) {
        ignored += 1;
        expect(searchTextOf(`क${mark}`), `U+${mark.codePointAt(0)?.toString(16)}`).toBe('क');
      } else if (/^[\p{sc=Devanagari}\p{sc=Bengali}\p{sc=Tamil}]$/u.test(mark)) {
        expect(searchTextOf(`क${mark}`), `U+${mark.codePointAt(0)?.toString(16)}`).not.toBe('क');
      }
    }
    expect(ignored).toBeGreaterThan(200);
  });

  it('turns the digits of every script into ASCII ones', () => {
    for (const digit of signs(0x80, 0xffff, /^\p{Nd}$/u)) {
      const value = [...'0123456789'].find((one) => isBaseEqual(one, digit));
      expect(searchTextOf(digit), `U+${digit.codePointAt(0)?.toString(16)}`).toBe(value);
    }
  });

  it('changes nothing the second time', () => {
    for (const text of ['Łódź', 'ｶﾞﾅ', 'ŉ', 'ﬃ', '½', 'Ⅷ', 'ǅ', 'ẚ', '´', 'İ']) {
      const folded = searchTextOf(text);
      expect(searchTextOf(folded), text).toBe(folded);
    }
  });

  it('gives each word of a query once', () => {
    expect(searchWords(' Jazz, JAZZ-Blues jázz ')).toEqual(['blues', 'jazz']);
  });

  it('leaves out words within others, and keeps the eight longest, so that no query makes a search slow', () => {
    expect(searchWords('a an and andante')).toEqual(['andante']);
    const letters = [...'abcdefghijklmnopqrstuvwxyz'];
    expect(searchWords(`${letters.join(' ')} jazz ${letters.map((letter) => `${letter}1`).join(' ')}`)).toHaveLength(8);
    expect(searchWords('one two three four five six seven eight nine ten eleven')).not.toContain('two');
  });
});
