import { expect, it } from 'vitest';
import { isFoundBy } from '#shared/text/search-text.ts';
import { findWords } from './find-text.ts';

/** Whether MongoDB would find a text, tested by a JavaScript pattern, which writes a code point as \u{…}. */
function finds(query: string, text: string): boolean {
  return findWords(query).every(({ $regex }) => new RegExp($regex.replaceAll('\\x{', '\\u{'), 'iu').test(text));
}

const NAMES = [
  'Naruto Uzumaki',
  'Łukasz Żółć',
  'Ægir Þórðarson',
  'Zoë Müller-Groß',
  'Jean‑Luc O’Brien',
  'Søren Kœnig',
  'Nguyễn Thị Ánh',
  'Ólafur Đorđević',
  'Şebnem Işık İpek',
  'ＴＡＲＯ ヤマダ',
  'やまだ がく',
  'Ὀδυσσεύς Ελύτης',
  'Алёна Йожикова',
  'أحمد مُحَمَّد',
  '김한솔',
  'अंकित कुमार',
  'Zoe\u0308 Ano\u0301nima',
];
const QUERIES = [
  'uzumaki naruto',
  'lukasz',
  'ZOLC',
  'aegir',
  'thordarson',
  'muller gross',
  'müller-groß',
  'jean-luc',
  'jeanluc',
  'obrien',
  "o'brien",
  'soren koenig',
  'nguyen anh',
  'dordevic',
  'sebnem isik',
  'ipek',
  'taro',
  'ｔａｒｏ',
  'やまた',
  'ガク',
  'οδυσσευσ',
  'ΕΛΥΤΗΣ',
  'алена',
  'йож',
  'احمد',
  'محمد',
  '김한',
  '한솔',
  'कुमार',
  'कमार',
  'zoe',
  'anonima',
  'nobody',
];

it('a search pattern finds in a text what a search finds in its search text', () => {
  let found = 0;
  for (const query of QUERIES) {
    for (const name of NAMES) {
      expect([query, name, finds(query, name)]).toEqual([query, name, isFoundBy(query, name)]);
      if (finds(query, name)) found += 1;
    }
  }
  expect(found).toBeGreaterThanOrEqual(QUERIES.length - 2);
});

it('a search pattern has no operators, whatever the characters of the query', () => {
  for (const query of ['.*', '(', '[a', 'a|b', '\\', '^$', 'a{2}', '[^x]'])
    expect(finds(query, 'aa b'), query).toBe(false);
  expect(finds('(a.b)', 'x (a.b) y')).toBe(true);
});
