import { expect, test } from 'vitest';
import { chargeStep, leastCharge, roundDown } from './charge.ts';

test.each([
  ['stripe', 'EUR', 1],
  ['stripe', 'JPY', 1],
  ['stripe', 'KWD', 10],
  ['stripe', 'BHD', 10],
  ['stripe', 'JOD', 10],
  ['stripe', 'OMR', 10],
  ['stripe', 'TND', 10],
  ['stripe', 'MGA', 100],
  ['demo', 'KWD', 1],
])('%s charges %s in steps of %d', (provider, currency, step) => {
  expect(chargeStep(provider, currency)).toBe(step);
});

test.each([
  ['stripe', 'EUR', 50],
  ['stripe', 'HUF', 17_500],
  ['stripe', 'KWD', 10],
  ['demo', 'EUR', 1],
])('%s charges at least what it takes in %s: %d', (provider, currency, least) => {
  expect(leastCharge(provider, currency)).toBe(least);
});

test('a refund is rounded down to whole steps', () => {
  expect([roundDown(9_966, 10), roundDown(9_966, 1), roundDown(5, 10)]).toEqual([9_960, 9_966, 0]);
});
