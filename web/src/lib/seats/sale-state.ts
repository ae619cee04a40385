import type { Event } from '#shared/event.ts';

/** Where an event's sale stands at a moment; the panel and the card show one of these. */
export type SaleState = 'draft' | 'cancelled' | 'over' | 'before' | 'closed' | 'sold_out' | 'open';

/** `nowMs` is the server's time, as far as the page knows it. */
export function saleState(event: Event, availableSeats: number, nowMs: number): SaleState {
  if (event.status === 'draft') return 'draft';
  if (event.status === 'cancelled') return 'cancelled';
  if (nowMs >= Date.parse(event.endsAt ?? event.startsAt)) return 'over';
  if (event.salesOpenAt !== null && nowMs < Date.parse(event.salesOpenAt)) return 'before';
  if (nowMs >= Date.parse(event.salesCloseAt)) return 'closed';
  return availableSeats === 0 ? 'sold_out' : 'open';
}

/** "Few left" is said from ten seats or a twentieth of the house downwards, never of a house that small to begin with. */
export function isFewLeft(availableSeats: number, totalSeats: number): boolean {
  if (availableSeats === 0 || availableSeats === totalSeats) return false;
  return availableSeats <= 10 || availableSeats <= totalSeats / 20;
}

/** The largest party someone can ask for now, at least 1 so that a control has a value. */
export function largestPartySize(event: Event, availableSeats: number): number {
  return Math.max(1, Math.min(event.maxSeatsPerBooking, event.maxSeatsPerUser ?? Infinity, availableSeats));
}
