import { expect, test } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { aBooking } from '#lib/live/fixtures.ts';
import { googleCalendarUrl } from './calendar.ts';
import { qrPath } from '#shared/tickets/qr-path.ts';
import { cancellableSeats, refundFor } from './refund-share.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');
const paid = (more: Partial<NonNullable<Booking['payment']>> = {}) =>
  aBooking({
    status: 'confirmed',
    seats: 3,
    payment: { status: 'succeeded', provider: 'demo', amount: 10_000, refundedAmount: 0, currency: 'EUR', ...more },
  });

test('a QR code has three finders, each seven modules wide, and nothing outside its square', () => {
  const { size, path } = qrPath(
    'FR1.0123456789abcdef01234567.0123456789abcdef01234567.7KQM2XTD9PWA.abcdefghijklmnopqrstuv',
  );
  const bars = [...path.matchAll(/M(\d+) (\d+)h(\d+)v1h-(\d+)z/g)].map((bar) => bar.slice(1).map(Number));
  expect(bars.map(([x, y, long]) => `M${x} ${y}h${long}v1h-${long}z`).join('')).toBe(path);
  for (const [x, y] of [
    [0, 0],
    [size - 7, 0],
    [0, size - 7],
  ] as const)
    expect(bars).toContainEqual([x, y, 7, 7]);
  for (const [x = 0, y = 0, long = 0] of bars) {
    expect(x + long).toBeLessThanOrEqual(size);
    expect(y).toBeLessThan(size);
  }
});

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const adults = (count: number) => ({ count, price: euros(4_000) });
const children = (count: number) => ({ count, price: euros(1_200) });

test('a refund is what the cancelled tickets cost, at most what is paid and not refunded', () => {
  expect(refundFor(paid(), null)).toEqual(euros(10_000));
  expect(refundFor(paid(), [children(1)])).toEqual(euros(1_200));
  expect(refundFor(paid(), [adults(2), children(1)])).toEqual(euros(9_200));
  expect(refundFor(paid({ refundedAmount: 4_000 }), null)?.amount).toBe(6_000);
  expect(refundFor(paid({ refundedAmount: 9_000 }), [adults(1)])?.amount).toBe(1_000);
  const dinars = { count: 1, price: { amount: 3_333, currency: 'KWD' } };
  expect(refundFor(paid({ provider: 'stripe', currency: 'KWD' }), [dinars])?.amount).toBe(3_330);
});

test('without a payment, or with all of it refunded, there is no refund', () => {
  expect(refundFor(aBooking({ status: 'confirmed', payment: null }), null)).toBeNull();
  expect(refundFor(paid({ status: 'pending' }), null)).toBeNull();
  expect(refundFor(paid({ status: 'refunded', refundedAmount: 10_000 }), null)).toBeNull();
  expect(refundFor(paid({ refundedAmount: 10_000 }), [adults(1)])).toBeNull();
});

test('seats can be cancelled until the deadline and before any check-in', () => {
  const until = (cancelUntil: string | null, more: Partial<Booking> = {}) =>
    cancellableSeats(aBooking({ status: 'confirmed', seats: 2, cancelUntil, ...more }), NOW_MS);
  expect(until('2026-10-02T12:00:00.000Z')).toBe(2);
  expect(until('2026-10-01T11:59:59.000Z')).toBe(0);
  expect(until(null)).toBe(0);
  expect(until('2026-10-02T12:00:00.000Z', { checkedInSeats: 1 })).toBe(0);
  expect(until(null, { status: 'held' })).toBe(2);
  expect(until('2026-10-02T12:00:00.000Z', { status: 'cancelled' })).toBe(0);
});

test('the calendar link has title, venue and UTC times; without an end the event takes two hours', () => {
  const url = new URL(googleCalendarUrl(aBooking()));
  expect(url.origin).toBe('https://calendar.google.com');
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    text: 'Jazz im Hinterhof',
    dates: '20261014T180000Z/20261014T200000Z',
    ctz: 'Europe/Berlin',
    location: 'Alte Schlosserei',
  });
});
