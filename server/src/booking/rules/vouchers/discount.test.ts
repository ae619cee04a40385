import { describe, expect, it } from 'vitest';
import { discountOf, isConcerned } from './discount.ts';
import { voucher } from './voucher.fixture.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const percent = (percentOff: number) => ({ percentOff, amountOff: null });
const amount = (off: number, currency = 'EUR') => ({ percentOff: null, amountOff: { amount: off, currency } });

describe('a discount of one ticket', () => {
  it.each([
    [1_000, 15, 150],
    [999, 10, 100],
    [994, 10, 99],
    // Exactly half a cent is rounded up.
    [50, 15, 8],
    [1_001, 50, 501],
    [1, 49, 0],
    [1, 50, 1],
    [1_000_000_000, 33, 330_000_000],
    [0, 50, 0],
  ])('of a price of %d minor units at %d per cent is %d', (price, off, expected) => {
    expect(discountOf(euros(price), percent(off))).toBe(expected);
  });

  it('at a hundred per cent is the price', () => {
    for (const price of [0, 1, 999, 1_000_000_000]) expect(discountOf(euros(price), percent(100))).toBe(price);
  });

  it('by an amount is that amount, and the price at most', () => {
    expect(discountOf(euros(1_000), amount(300))).toBe(300);
    expect(discountOf(euros(300), amount(300))).toBe(300);
    expect(discountOf(euros(200), amount(300))).toBe(200);
  });

  it('in another currency than the price is nothing', () => {
    expect(discountOf(euros(1_000), amount(300, 'USD'))).toBe(0);
  });

  it.each([
    [5_120, percent(33), 1_690],
    [5_120, percent(15), 770],
    [3_250, percent(15), 490],
    [5_120, amount(5, 'KWD'), 10],
    [5_120, percent(100), 5_120],
    [5_120, amount(9_000, 'KWD'), 5_120],
    // Nothing to take off is not rounded.
    [10, percent(1), 0],
  ])('of %d fils by %o is %d where the provider charges in tens', (price, discount, expected) => {
    expect(discountOf({ amount: price, currency: 'KWD' }, discount, 10)).toBe(expected);
  });

  it('leaves what the provider can charge, and less than a step below the exact price', () => {
    for (let price = 10; price <= 2_000; price += 70)
      for (let off = 1; off <= 100; off += 1) {
        const costs = price - discountOf(euros(price), percent(off), 10);
        const exact = price - discountOf(euros(price), percent(off));
        expect([costs % 10, costs >= 0, costs <= exact, costs > exact - 10]).toEqual([0, true, true, true]);
      }
  });

  it('is nothing where the voucher only opens types', () => {
    expect(discountOf(euros(1_000), { percentOff: null, amountOff: null })).toBe(0);
  });
});

describe('a voucher', () => {
  const type = (id: string, access: 'public' | 'voucher' = 'public') => ({ id, access, price: euros(1_000) });

  it('with a discount for all types concerns each public type, and of the hidden ones those that it opens', () => {
    const half = voucher({ percentOff: 50, opens: ['t3'] });
    expect(isConcerned(half, type('t1'))).toBe(true);
    expect(isConcerned(half, type('t3', 'voucher'))).toBe(true);
    expect(isConcerned(half, type('t4', 'voucher'))).toBe(false);
  });

  it('with a discount for some types concerns only those', () => {
    const half = voucher({ percentOff: 50, ticketTypes: ['t2'] });
    expect(isConcerned(half, type('t1'))).toBe(false);
    expect(isConcerned(half, type('t2'))).toBe(true);
  });

  it('without a discount concerns only the types that it opens, while they are hidden', () => {
    const key = voucher({ opens: ['t1'] });
    expect(isConcerned(key, type('t1', 'voucher'))).toBe(true);
    expect(isConcerned(key, type('t1'))).toBe(false);
    expect(isConcerned(key, type('t2'))).toBe(false);
  });

  it('whose amount is in another currency concerns no public type', () => {
    const off = voucher({ amountOff: { amount: 100, currency: 'USD' } });
    expect(isConcerned(off, type('t1'))).toBe(false);
  });
});
