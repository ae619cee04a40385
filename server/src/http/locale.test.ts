import { expect, it } from 'vitest';
import { preferredLocale } from './locale.ts';

it.each([
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['fr,en;q=0.3,de;q=0.7', 'de'],
  ['fr, en-GB;q=0.9, de;q=0.9', 'en'],
  ['de;q=0,fr', 'en'],
  ['DE', 'de'],
  ['de;q=nonsense,en;q=0.1', 'de'],
  ['*', 'en'],
  ['', 'en'],
  [undefined, 'en'],
])('Accept-Language "%s" selects the locale %s', (header, expected) => {
  expect(preferredLocale(header)).toBe(expected);
});
