import type { Availability } from '#shared/event.ts';
import { MOST_EXTRAS } from '#shared/tickets/most-extras.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';

/** The state of the sale of one ticket type, within the sale of its event. */
interface TypeSale {
  state: 'not_open' | 'open' | 'closed' | 'sold_out';
  /** Tickets of this type that its limit and the free seats allow together. */
  left: number;
  /** The same where the type's own limit is the reason for it; null where the free seats of the event say it all. */
  ownLeft: number | null;
}

/** The state of a type at `nowMs`, the server's time. `seats`: the newest counts of its event. */
export function typeSale(type: TicketType, seats: Availability, nowMs: number): TypeSale {
  const ofPool = type.seats === 0 ? Infinity : Math.floor(seats.availableSeats / type.seats);
  const known = seats.ticketsLeft?.find((one) => one.type === type.id)?.available ?? type.available;
  // Without a limit the pool decides: `available` of an event from before the latest push would be older than it.
  const unlimited = type.seats === 0 ? mostInBooking(type) : ofPool;
  const left = type.limit === null ? unlimited : Math.min(known, ofPool);
  const ownLeft = type.limit !== null && left < ofPool ? left : null;
  return { state: stateOf(type, left, nowMs), left, ownLeft };
}

/** The type's own bound in one booking; `Infinity` where only seats bound it. */
export function mostInBooking({ maxPerBooking, seats }: Pick<TicketType, 'maxPerBooking' | 'seats'>): number {
  return maxPerBooking ?? (seats === 0 ? MOST_EXTRAS : Infinity);
}

function stateOf(type: TicketType, left: number, nowMs: number): TypeSale['state'] {
  if (type.salesFrom !== null && nowMs < Date.parse(type.salesFrom)) return 'not_open';
  if (type.salesUntil !== null && nowMs >= Date.parse(type.salesUntil)) return 'closed';
  return left === 0 ? 'sold_out' : 'open';
}

/** Whether no type that takes a seat can be booked now, and at least one is on sale and sold out. */
export function areExhausted(types: readonly TicketType[], seats: Availability, nowMs: number): boolean {
  const states = types.filter((type) => type.seats > 0).map((type) => typeSale(type, seats, nowMs).state);
  return states.includes('sold_out') && !states.includes('open');
}
