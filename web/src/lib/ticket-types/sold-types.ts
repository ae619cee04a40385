import type { Booking } from '#shared/booking.ts';
import type { Event } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { m } from '#lib/paraglide/messages.js';
import type { TicketCount, TicketType } from '#shared/tickets/ticket-type.ts';

/** A ticket type as a reader may book it; `fullPrice`: what it costs without the reader's voucher. */
export type SoldType = TicketType & { fullPrice?: Money };

/** The ticket types that everybody may book, in the organiser's order. */
export function publicTypes({ ticketTypes }: Pick<Event, 'ticketTypes'>): TicketType[] {
  return ticketTypes.filter(({ access, archived }) => access === 'public' && !archived);
}

/**
 * The types that this reader may book: the public ones, at the prices of the reader's voucher, and after them those
 * that the voucher opens. `opened`: the types that the voucher concerns.
 */
export function bookableTypes(event: Pick<Event, 'ticketTypes'>, opened: readonly SoldType[]): SoldType[] {
  const shown = publicTypes(event).map((type) => opened.find(({ id }) => id === type.id) ?? type);
  return [...shown, ...opened.filter(({ id, archived }) => !archived && !shown.some((type) => type.id === id))];
}

/**
 * Whether an event is sold by the number of seats alone: its only public type takes one seat and has no rule of its
 * own, so that a list of types would say nothing.
 */
export function isSoldBySeats(event: Pick<Event, 'ticketTypes' | 'maxSeatsPerBooking'>): boolean {
  const [type, ...others] = publicTypes(event);
  if (type === undefined || others.length > 0 || type.seats !== 1 || type.description !== '') return false;
  const hasWindow = type.salesFrom !== null || type.salesUntil !== null;
  const hasMost = type.maxPerBooking !== null && type.maxPerBooking < event.maxSeatsPerBooking;
  return type.limit === null && !hasWindow && !hasMost && type.minPerBooking <= 1;
}

/** Whether a hold is one of seats alone, whose number is all that can be changed. */
export function isHeldBySeats(
  { tickets, voucher }: Pick<Booking, 'tickets' | 'voucher'>,
  event: Pick<Event, 'ticketTypes' | 'maxSeatsPerBooking'>,
): boolean {
  const [line, ...others] = tickets;
  const isOfPublicType = line !== undefined && line.type === publicTypes(event)[0]?.id;
  return isSoldBySeats(event) && isOfPublicType && others.length === 0 && voucher === null;
}

/** Tickets with the names of their types; a type that the page does not know has a general one. */
export function namedTickets(
  tickets: readonly TicketCount[],
  types: readonly TicketType[],
): { name: string; count: number }[] {
  return tickets.map(({ type, count }) => ({
    name: types.find(({ id }) => id === type)?.name ?? m.tickets_some(),
    count,
  }));
}
