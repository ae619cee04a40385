import { expect, test } from 'vitest';
import { chargeStep, leastCharge, shareOf } from './charge.ts';

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

test('shares are whole steps, and the last seats get what the rounding has left', () => {
  const kept = (amount: number) => ({ amount, currency: 'KWD' });
  expect(shareOf(kept(29_900), 1, 3, 'stripe')).toBe(9_960);
  expect(shareOf(kept(29_900), 1, 3, 'demo')).toBe(9_966);
  expect(shareOf(kept(19_940), 2, 2, 'stripe')).toBe(19_940);
  expect(shareOf(kept(5), 1, 3, 'stripe')).toBe(0);
});
