import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromStripeAmount, toStripeAmount } from './amounts.ts';

describe('an amount is sent with the decimals that Stripe uses for its currency', () => {
  test.each([
    ['EUR', 2000, 2000],
    ['JPY', 500, 500],
    ['KRW', 15_000, 15_000],
    ['HUF', 499_050, 499_050],
    ['TWD', 80_045, 80_045],
    ['ISK', 5000, 500_000],
    ['UGX', 20_000, 2_000_000],
    ['MGA', 500_000, 5000],
    ['KWD', 5120, 5120],
    ['TND', 0, 0],
  ])('%s %d', (currency, amount, expected) => {
    expect(toStripeAmount({ amount, currency })).toBe(expected);
    expect(fromStripeAmount(expected, currency.toLowerCase())).toEqual({ amount, currency });
  });
});

describe('an amount that Stripe cannot transfer exactly is refused', () => {
  test.each([
    ['KWD', 5124, 'its last digit has to be 0'],
    ['BHD', 1, 'its last digit has to be 0'],
    ['MGA', 150, 'Stripe knows no part of an ariary'],
  ])('%s %d: %s', (currency, amount) => {
    expect(toStripeAmount({ amount, currency })).toBeNull();
  });
});

test('every currency converts to Stripe and back to the same amount, or is refused', () => {
  const currency = fc.constantFrom(...Intl.supportedValuesOf('currency'));
  const amount = fc.integer({ min: 0, max: 1_000_000_000 });
  fc.assert(
    fc.property(currency, amount, (code, minor) => {
      const money = { amount: minor, currency: code };
      const sent = toStripeAmount(money);
      if (sent === null) return;
      expect(Number.isSafeInteger(sent)).toBe(true);
      expect(fromStripeAmount(sent, code.toLowerCase())).toEqual(money);
    }),
    { seed: 20261124 },
  );
});
