import { expect, test } from 'vitest';
import { aBooking } from '#lib/live/fixtures.ts';
import { isComing } from './bookings.ts';
import { cancelUntil } from './deadline.ts';

const before = Date.parse('2026-10-14T17:00:00.000Z');
const after = Date.parse('2026-10-14T18:00:00.000Z');

test('held and confirmed bookings are coming until the event is over', () => {
  expect(isComing(aBooking({ status: 'held' }), before)).toBe(true);
  expect(isComing(aBooking({ status: 'confirmed' }), before)).toBe(true);
  expect(isComing(aBooking({ status: 'confirmed' }), after)).toBe(false);
});

test('ended bookings and those of cancelled events are not', () => {
  expect(isComing(aBooking({ status: 'expired' }), before)).toBe(false);
  const booking = aBooking({ status: 'confirmed' });
  expect(isComing({ ...booking, event: { ...booking.event, status: 'cancelled' } }, before)).toBe(false);
});

test('cancelling ends so many hours before the start', () => {
  expect(cancelUntil({ startsAt: '2026-10-14T18:00:00.000Z', cancelBeforeHours: 24 })).toBe('2026-10-13T18:00:00.000Z');
});
