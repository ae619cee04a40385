import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { refundWords } from './refund-words.ts';

const paid: NonNullable<Booking['payment']> = {
  status: 'succeeded',
  provider: 'demo',
  amount: 4_000,
  refundedAmount: 0,
  currency: 'EUR',
};
const words = (more: Partial<typeof paid>, to?: string) => refundWords({ payment: { ...paid, ...more } }, to);

test('a refund under way is the reader’s own for the buyer, and names the buyer for an organiser', () => {
  expect(words({ status: 'refunding' })).toBe('Your refund is under way.');
  expect(words({ status: 'refunding' }, 'Ida')).toBe('The refund to Ida is under way.');
  for (const to of [undefined, 'Ida']) {
    expect(words({ refundedAmount: 4_000 }, to)).toBe('€40.00 was refunded.');
    expect(words({ refundedAmount: 2_000 }, to)).toBe('€20.00 of €40.00 was refunded.');
  }
});

test('a booking without a refund says nothing of one', () => {
  expect([words({}), words({}, 'Ida'), refundWords({ payment: null })]).toEqual([null, null, null]);
});
