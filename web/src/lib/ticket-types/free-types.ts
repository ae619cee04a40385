import type { Availability, Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { publicTypes } from './sold-types.ts';
import { typeSale } from './type-sale.ts';

/** The types that cost nothing and can be booked now; none if they are extras only, which need a seat beside them. */
export function freeTypes(event: Event, seats: Availability, nowMs: number): TicketType[] {
  const free = publicTypes(event).filter((type) => type.price.amount === 0);
  const open = free.filter((type) => typeSale(type, seats, nowMs).state === 'open');
  return open.some((type) => type.seats > 0) ? open : [];
}
