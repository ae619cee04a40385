import fc from 'fast-check';
import { expect, test } from 'vitest';
import { containedTax } from './contained-tax.ts';

const gross = fc.integer({ min: 0, max: 2 ** 52 });
const rate = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

test.each([
  [11_900, 19, 1_900],
  [10_700, 7, 700],
  [2_000, 19, 319],
  [2_000, 7, 131],
  [1_000, 8.1, 75],
  [100, 0, 0],
  [0, 19, 0],
  [1, 100, 0],
  [3, 100, 1],
])('%d in minor units contain at %d per cent a tax of %d', (amount, percent, tax) => {
  expect(containedTax(amount, percent)).toBe(tax);
});

test('net and tax are the gross amount, and the tax is at most half a unit off', () => {
  fc.assert(
    fc.property(gross, rate, (amount, percent) => {
      const tax = containedTax(amount, percent);
      expect(Number.isInteger(tax) && tax >= 0 && tax <= amount).toBe(true);
      const net = BigInt(amount - tax);
      // Half a unit of the net amount, on both sides, as whole numbers.
      const error = 2n * (net * BigInt(10_000 + Math.round(percent * 100)) - BigInt(amount) * 10_000n);
      const half = BigInt(10_000 + Math.round(percent * 100));
      expect(error <= half && error >= -half).toBe(true);
    }),
  );
});

test('a part of an amount contains no more tax than the whole', () => {
  fc.assert(
    fc.property(gross, gross, rate, (one, other, percent) => {
      const [less, more] = one < other ? [one, other] : [other, one];
      expect(containedTax(less, percent)).toBeLessThanOrEqual(containedTax(more, percent));
    }),
  );
});
