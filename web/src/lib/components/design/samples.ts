import type { Booking } from '#shared/booking.ts';
import type { Event } from '#shared/event.ts';
import { aBooking, anEvent } from '#lib/live/fixtures.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** A sample event that starts in seven days. */
export function sampleEvent(nowMs: number, more: Partial<Event> = {}): Event {
  const at = (days: number) => new Date(nowMs + days * DAY_MS).toISOString();
  return anEvent({ startsAt: at(7), salesCloseAt: at(7), ...more });
}

export function withSeats(event: Event, held: number, sold: number): Event {
  return { ...event, heldSeats: held, soldSeats: sold, availableSeats: event.totalSeats - held - sold };
}

/** A sample booking of `event`, confirmed unless `more` says otherwise. */
export function sampleBooking(event: Event, nowMs: number, more: Partial<Booking> = {}): Booking {
  const { title, venue, timeZone, startsAt, endsAt, status, cancelReason } = event;
  return aBooking({
    eventId: event.id,
    event: { title, venue, timeZone, startsAt, endsAt, status, cancelReason },
    status: 'confirmed',
    holdExpiresAt: null,
    cancelUntil: new Date(nowMs + 6 * DAY_MS).toISOString(),
    ticket: 'FR1.0123456789abcdef01234567.0123456789abcdef01234567.7KQM2XTD9PWA.sample-only',
    createdAt: new Date(nowMs).toISOString(),
    ...more,
  });
}

/** A sample hold of ten minutes that ends in `leftMs`. */
export function sampleHold(event: Event, nowMs: number, leftMs: number): Booking {
  const endMs = nowMs + leftMs;
  return sampleBooking(event, nowMs, {
    status: 'held',
    ticket: null,
    cancelUntil: null,
    holdExpiresAt: new Date(endMs).toISOString(),
    createdAt: new Date(endMs - 10 * MINUTE_MS).toISOString(),
  });
}
