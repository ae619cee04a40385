import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { LineItem } from '../state/booking-state.ts';

/** The seats that all tickets take from the event's pool. */
export function seatsOf(tickets: readonly Pick<LineItem, 'count' | 'seats'>[]): number {
  let seats = 0;
  for (const line of tickets) seats += line.count * line.seats;
  return seats;
}

/** What all tickets cost; at least one line. */
export function totalOf(tickets: readonly Pick<LineItem, 'count' | 'price'>[]): Money {
  let amount = 0;
  for (const { count, price } of tickets) amount += count * price.amount;
  return { amount, currency: tickets[0]?.price.currency ?? '' };
}

/** How many tickets of a type there are. */
export function countOf(tickets: readonly TicketCount[], type: string): number {
  return tickets.find((line) => line.type === type)?.count ?? 0;
}

/** Whether two lists have as many tickets of each type, in whatever order. */
export function isSameTickets(a: readonly TicketCount[], b: readonly TicketCount[]): boolean {
  return a.length === b.length && a.every(({ type, count }) => countOf(b, type) === count);
}

/** The line items without these tickets; null if there are fewer of a type. */
export function without(tickets: readonly LineItem[], taken: readonly TicketCount[]): LineItem[] | null {
  if (taken.some(({ type, count }) => count > countOf(tickets, type))) return null;
  return tickets
    .map((line) => ({ ...line, count: line.count - countOf(taken, line.type) }))
    .filter(({ count }) => count > 0);
}
