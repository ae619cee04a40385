import { expect, test } from 'vitest';
import { linkedParts } from './linked-parts.ts';

/** The links of a text: what is shown, and where it leads. */
const links = (text: string) =>
  linkedParts(text).flatMap(({ text, href }) => (href === undefined ? [] : [[text, href]]));

test('addresses of the web and of mailboxes become links, and the text around them stays', () => {
  expect(linkedParts('See https://band.example/tour?x=1#live, or write to anna@band.example.')).toEqual([
    { text: 'See ' },
    { text: 'https://band.example/tour?x=1#live', href: 'https://band.example/tour?x=1#live' },
    { text: ', or write to ' },
    { text: 'anna@band.example', href: 'mailto:anna@band.example' },
    { text: '.' },
  ]);
  expect(links('www.band.example')).toEqual([['www.band.example', 'https://www.band.example/']]);
  expect(links('http://пример.рф/концерт')[0]?.[0]).toBe('http://пример.рф/концерт');
  expect(linkedParts('No address here: a.b, c@d, http://')).toEqual([{ text: 'No address here: a.b, c@d, http://' }]);
  expect(linkedParts('')).toEqual([]);
});

test('punctuation after an address belongs to the sentence, brackets of the address to the address', () => {
  const shown = (text: string) => links(text).map(([text]) => text);
  expect(shown('(https://band.example/a)')).toEqual(['https://band.example/a']);
  expect(shown('https://en.example/Jazz_(music)')).toEqual(['https://en.example/Jazz_(music)']);
  expect(shown('(see https://en.example/Jazz_(music)).')).toEqual(['https://en.example/Jazz_(music)']);
  expect(shown('“https://band.example” and <https://band.example>!')).toEqual([
    'https://band.example',
    'https://band.example',
  ]);
});

test('nothing else becomes a link', () => {
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://band.example',
    'https://shop.example@evil.example/',
    'https://shop.example:443@evil.example/',
    'https://localhost/x',
    'https://[',
    `https://band.example/${'x'.repeat(2_000)}`,
  ])
    expect(
      links(text).filter(([, href]) => !href?.startsWith('mailto:')),
      text,
    ).toEqual([]);
});

test('the number of links, and the time to find them, are bounded', () => {
  const many = 'https://band.example/ '.repeat(220);
  expect(links(many)).toHaveLength(50);
  expect(
    linkedParts(many)
      .map(({ text }) => text)
      .join(''),
  ).toBe(many);
  const startedMs = performance.now();
  for (const hostile of [
    'a@'.repeat(2_500),
    'a.'.repeat(2_500),
    `${'a'.repeat(4_990)}@`,
    'www.'.repeat(1_250),
    ')'.repeat(5_000),
  ])
    expect(
      linkedParts(hostile)
        .map(({ text }) => text)
        .join(''),
    ).toBe(hostile);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
