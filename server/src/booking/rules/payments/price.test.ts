import { describe, expect, test } from 'vitest';
import type { Seller } from './price.ts';
import { priceRefusal } from './price.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };
const SELLER: Seller = { payments: 'stripe', takesMoney: true };

describe('the refusal of a price', () => {
  test('is null if the provider can charge the price', () => {
    expect(priceRefusal(PRICE, SELLER)).toBeNull();
    expect(priceRefusal(PRICE, { ...SELLER, payments: null })).toBeNull();
  });

  test('is none for a free event, or for an edit that leaves the price, with any provider', () => {
    const nobody = { payments: null, takesMoney: false };
    expect(priceRefusal({ amount: 0, currency: 'EUR' }, nobody)).toBeNull();
    expect(priceRefusal(undefined, nobody)).toBeNull();
  });

  test('states that no provider is set', () => {
    expect(priceRefusal(PRICE, { ...SELLER, payments: null, takesMoney: false })).toMatchObject({
      code: 'INVALID_STATE',
      details: { payments: null, reason: 'PAYMENTS is not set' },
    });
  });

  test('states that the provider cannot charge exactly this amount', () => {
    const step = { amount: 1_005, currency: 'KWD' };
    const details = { payments: 'stripe', step: 10 };
    expect(priceRefusal(step, SELLER)).toMatchObject({ code: 'INVALID_STATE', details });
    expect(priceRefusal({ ...step, amount: 1_010 }, SELLER)).toBeNull();
    expect(priceRefusal(step, { ...SELLER, payments: 'demo' })).toBeNull();
  });

  test('says how much the provider charges at least', () => {
    const price = (amount: number) => ({ amount, currency: 'EUR' });
    expect(priceRefusal(price(49), SELLER)).toMatchObject({ code: 'INVALID_STATE', details: { minimum: 50 } });
    expect(priceRefusal(price(50), SELLER)).toBeNull();
    expect(priceRefusal(price(1), { ...SELLER, payments: 'demo' })).toBeNull();
    expect(priceRefusal(price(1), { ...SELLER, payments: null })).toBeNull();
  });
});
