import { expect, test } from 'vitest';
import { minorDigits } from './currency.ts';

test.each([
  ['EUR', 2],
  ['JPY', 0],
  ['ISK', 0],
  ['HUF', 2],
  ['MGA', 2],
  ['KWD', 3],
  ['IQD', 3],
])('the currency %s has %d decimals, whatever Intl prints', (currency, expected) => {
  expect(minorDigits(currency)).toBe(expected);
});
