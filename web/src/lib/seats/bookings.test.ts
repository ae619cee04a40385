import { expect, test } from 'vitest';
import { aBooking } from '#lib/live/fixtures.ts';
import { bookedAs, isComing, recentEnd } from './bookings.ts';

const before = Date.parse('2026-10-14T17:00:00.000Z');
const after = Date.parse('2026-10-14T18:00:00.000Z');

test('held and confirmed bookings count as upcoming until their event is over', () => {
  expect(isComing(aBooking({ status: 'held' }), before)).toBe(true);
  expect(isComing(aBooking({ status: 'confirmed' }), before)).toBe(true);
  expect(isComing(aBooking({ status: 'confirmed' }), after)).toBe(false);
});

test('ended bookings and bookings of cancelled events do not count as upcoming', () => {
  expect(isComing(aBooking({ status: 'expired' }), before)).toBe(false);
  const booking = aBooking({ status: 'confirmed' });
  expect(isComing({ ...booking, event: { ...booking.event, status: 'cancelled' } }, before)).toBe(false);
});

test('the last ended hold counts as recent for 15 minutes, and while its refund is pending', () => {
  const endedAt = '2026-10-01T12:10:00.000Z';
  const nowMs = Date.parse(endedAt) + 60_000;
  const ran = aBooking({ status: 'expired', ended: { by: 'time', reason: null, at: endedAt }, updatedAt: endedAt });
  expect(recentEnd([ran], nowMs)).toBe(ran);
  expect(recentEnd([ran], nowMs + 15 * 60_000)).toBeUndefined();
  const later = aBooking({ id: 'c'.repeat(24), status: 'confirmed', updatedAt: '2026-10-01T12:11:00.000Z' });
  expect(recentEnd([ran, later], nowMs), 'a later booking').toBeUndefined();
  expect(recentEnd([{ ...ran, source: 'waitlist' }], nowMs), 'an offer').toBeUndefined();
  expect(recentEnd([], nowMs)).toBeUndefined();
  const payment = { provider: 'demo', amount: 4000, refundedAmount: 0, currency: 'EUR' };
  const late = { ...ran, source: 'waitlist' as const, payment: { ...payment, status: 'refunding' as const } };
  expect(recentEnd([late], nowMs + 86_400_000), 'money on its way back').toBe(late);
});

test('a booking cancelled in steps is shown as it was made, at several prices as at one', () => {
  const euros = (amount: number) => ({ amount, currency: 'EUR' });
  const line = (type: string, count: number, amount: number, seats = 1) => {
    const price = euros(amount);
    return { type, name: type, count, price, seats };
  };
  const part = (...tickets: ReturnType<typeof line>[]) => {
    const seats = tickets.reduce((sum, { count, seats: each }) => sum + count * each, 0);
    return { by: 'buyer' as const, seats, tickets, amount: null, reason: null, at: '2026-10-02T12:00:00.000Z' };
  };
  const left = { seats: 2, tickets: [line('t1', 2, 2_000)], total: euros(4_000) };
  const cancelled = aBooking({
    ...left,
    status: 'cancelled',
    cancelledParts: [part(line('t1', 1, 2_000)), part(line('t3', 1, 5_500, 4), line('t4', 1, 500, 0))],
  });
  expect(bookedAs(cancelled)).toEqual({
    ...cancelled,
    seats: 7,
    tickets: [line('t1', 3, 2_000), line('t3', 1, 5_500, 4), line('t4', 1, 500, 0)],
    total: euros(12_000),
  });
  const whole = aBooking({ ...left, status: 'cancelled' });
  expect(bookedAs(whole)).toBe(whole);
});
