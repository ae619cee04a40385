import { expect, test } from 'vitest';
import { parseWholeNumber } from './whole-number.ts';

test.each([
  ['8000', 8_000],
  ['8,000', 8_000],
  ['8.000', 8_000],
  [' 8 000 ', 8_000],
  ['8\u202f000', 8_000],
  ['8’000', 8_000],
  ['1,000,000', 1_000_000],
  ['0', 0],
])('“%s” is the whole number %d', (text, number) => {
  expect(parseWholeNumber(text)).toBe(number);
});

test.each(['', '8,00', '8,0000', '12,5', '1e3', '-5', '8k', ',000', '1234567890', '1,234.567'])(
  '“%s” is no whole number',
  (text) => {
    expect(parseWholeNumber(text)).toBeNull();
  },
);
