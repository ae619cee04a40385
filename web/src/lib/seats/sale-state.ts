import type { Event } from '#shared/event.ts';

/** The state of an event's sale, as the booking panel and the event card show it. */
export type SaleState = 'draft' | 'cancelled' | 'over' | 'before' | 'closed' | 'sold_out' | 'open';

/** The state of a sale at `nowMs`, the server's time. */
export function saleState(event: Event, availableSeats: number, nowMs: number): SaleState {
  if (event.status === 'draft') return 'draft';
  if (event.status === 'cancelled') return 'cancelled';
  if (nowMs >= Date.parse(event.endsAt ?? event.startsAt)) return 'over';
  if (event.salesOpenAt !== null && nowMs < Date.parse(event.salesOpenAt)) return 'before';
  if (nowMs >= Date.parse(event.salesCloseAt)) return 'closed';
  return availableSeats === 0 ? 'sold_out' : 'open';
}

/** Whether a published event has begun and is not over; without an end it is over as it begins. */
export function isGoingOn({ status, startsAt, endsAt }: Event, nowMs: number): boolean {
  return status === 'published' && endsAt !== null && nowMs >= Date.parse(startsAt) && nowMs < Date.parse(endsAt);
}

/** Whether at most ten seats, or a twentieth of all, are left; never before the first one is sold. */
export function isFewLeft(availableSeats: number, totalSeats: number): boolean {
  if (availableSeats === 0 || availableSeats === totalSeats) return false;
  return availableSeats <= 10 || availableSeats <= totalSeats / 20;
}

/**
 * The largest party size that a control offers beside a live seat count: no more seats than are free, but never less
 * than the chosen number, which a live change must not alter.
 */
export function offeredPartySize(event: Event, availableSeats: number, chosen: number): number {
  return Math.max(largestPartySize(event, availableSeats), Math.min(chosen, largestPartySize(event, event.totalSeats)));
}

/** The largest party size that can be requested, at least 1 so that a control has a value. */
export function largestPartySize(event: Event, availableSeats: number): number {
  return Math.max(1, Math.min(event.maxSeatsPerBooking, event.maxSeatsPerUser ?? Infinity, availableSeats));
}
