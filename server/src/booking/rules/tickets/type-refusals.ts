import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { MOST_EXTRAS } from '#shared/tickets/most-extras.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { LineItem, Requested } from '../state/booking-state.ts';
import type { EventState, TicketTypeState } from '../state/event-state.ts';
import { totalOf } from './line-items.ts';
import { ticketTypeOf } from './resolve.ts';

/** The first refusal of a rule that looks at the tickets of each type alone. */
function firstOf(
  event: EventState,
  tickets: readonly TicketCount[],
  rule: (type: TicketTypeState, count: number) => Refusal | null,
): Refusal | null {
  for (const { type: id, count } of tickets) {
    const type = ticketTypeOf(event, id);
    const refusal = type ? rule(type, count) : null;
    if (refusal) return refusal;
  }
  return null;
}

/** A type is sold within its own window only: `SALES_CLOSED`. */
export function typeWindowRefusal(
  tickets: readonly TicketCount[],
  { event, now }: { event: EventState; now: Date },
): Refusal | null {
  return firstOf(event, tickets, ({ id, salesFrom, salesUntil }) => {
    if (salesFrom && now < salesFrom) {
      const retryAfterMs = salesFrom.getTime() - now.getTime();
      const details = { reason: 'not_open', ticketType: id, salesOpenAt: salesFrom.toISOString(), retryAfterMs };
      return refuse('SALES_CLOSED', { details, retryAfterMs }).error;
    }
    if (salesUntil && now >= salesUntil)
      return refuse('SALES_CLOSED', { details: { reason: 'closed', ticketType: id } }).error;
    return null;
  });
}

/** The tickets of one type in a booking are neither more than its maximum nor fewer than its minimum: `LIMIT_EXCEEDED`. */
export function typeCountRefusal(tickets: readonly TicketCount[], { event }: { event: EventState }): Refusal | null {
  return firstOf(event, tickets, (type, count) => {
    const most = type.maxPerBooking ?? (type.seats === 0 ? MOST_EXTRAS : null);
    if (most !== null && count > most) return limitExceeded(type, most);
    return count < type.minPerBooking ? limitExceeded(type, type.minPerBooking) : null;
  });
}

/** No more tickets of a type than its limit are held and sold: `SOLD_OUT`. `tickets`: those that are added. */
export function typeSoldOutRefusal(tickets: readonly TicketCount[], { event }: { event: EventState }): Refusal | null {
  return firstOf(event, tickets, (type, count) => {
    const left = leftByLimit(type);
    if (count <= left) return null;
    const { availableSeats } = event.counters;
    return refuse('SOLD_OUT', { details: { availableSeats, ticketType: type.id, available: left } }).error;
  });
}

/** The buyer pays what the buyer saw: a seat's price, or the total of all tickets. */
export function priceChangedRefusal(asked: Requested, tickets: readonly LineItem[]): Refusal | null {
  const [first] = tickets;
  if (!first) return null;
  const total = totalOf(tickets);
  const isSame = 'tickets' in asked ? isSeen(asked.total, total) : isSeen(asked.price, first.price);
  if (isSame) return null;
  const seat = tickets.find(({ seats }) => seats > 0) ?? first;
  const ticketTypes = tickets.map(({ type, price }) => ({ id: type, price }));
  return refuse('PRICE_CHANGED', { details: { price: seat.price, total, ticketTypes } }).error;
}

/** The tickets of a type that its limit leaves; `Infinity` without one. */
export function leftByLimit({ limit, held, sold }: Pick<TicketTypeState, 'limit' | 'held' | 'sold'>): number {
  return limit === null ? Infinity : Math.max(0, limit - held - sold);
}

/** How many tickets of a type its limit and the free seats allow together; of an extra, as many as one booking takes. */
export function availableOf(type: TicketTypeState, availableSeats: number): number {
  if (type.archived) return 0;
  const left = leftByLimit(type);
  if (type.seats > 0) return Math.min(left, Math.floor(availableSeats / type.seats));
  return left === Infinity ? (type.maxPerBooking ?? MOST_EXTRAS) : left;
}

function isSeen(seen: Money | null, now: Money): boolean {
  return !seen || (seen.amount === now.amount && seen.currency === now.currency);
}

function limitExceeded({ id }: TicketTypeState, limit: number): Refusal {
  return refuse('LIMIT_EXCEEDED', { details: { limit, ticketType: id } }).error;
}
