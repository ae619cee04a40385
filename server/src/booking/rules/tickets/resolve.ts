import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { BookingState, HoldChange, LineItem } from '../state/booking-state.ts';
import type { EventState, TicketTypeState } from '../state/event-state.ts';
import { countOf, seatsOf } from './line-items.ts';

/** Tickets by the event's types, at today's prices, and the seats that they take together. */
export interface Wanted {
  tickets: readonly LineItem[];
  seats: number;
}

type Resolved = { ok: true; wanted: Wanted } | { ok: false; error: Refusal };

/** Whether anybody may book the type; sales windows and limits are rules of their own. */
export function isOffered({ archived, access }: TicketTypeState): boolean {
  return !archived && access === 'public';
}

/** Whether a buyer may book the type whose voucher opens these hidden ones. */
function isOpen(type: TicketTypeState | undefined, opens: readonly string[]): type is TicketTypeState {
  if (!type || type.archived) return false;
  return type.access === 'public' || opens.includes(type.id);
}

/** The event's ticket type with this id. */
export function ticketTypeOf({ ticketTypes }: Pick<EventState, 'ticketTypes'>, id: string) {
  return ticketTypes.find((type) => type.id === id);
}

/**
 * What a buyer asks for, by the event's types, at full prices; `opens`: hidden types that a voucher opens.
 * `INVALID_INPUT` for seats where several types could be meant, for a type that is unknown, archived or hidden, and for
 * extras without a seat.
 */
export function resolveWanted(
  event: EventState,
  asked: { seats: number } | { tickets: readonly TicketCount[] },
  opens: readonly string[] = [],
): Resolved {
  if (!('tickets' in asked)) return resolveSeats(event, asked.seats);
  const tickets: LineItem[] = [];
  for (const [index, { type: id, count }] of asked.tickets.entries()) {
    const type = ticketTypeOf(event, id);
    if (!isOpen(type, opens)) return unknownType(index);
    tickets.push(lineOf(type, count));
  }
  return withSeats(tickets);
}

function resolveSeats(event: EventState, seats: number): Resolved {
  const [only, ...others] = event.ticketTypes.filter((type) => isOffered(type) && type.seats > 0);
  if (!only || others.length > 0 || only.seats !== 1) return ambiguousSeats();
  return { ok: true, wanted: { tickets: [lineOf(only, seats)], seats } };
}

/**
 * What a hold shall be. Tickets that it has keep their price, also of types that are sold no more; others have today's.
 * `opens` and `INVALID_INPUT` as by `resolveWanted`.
 */
export function resolveChange(
  event: EventState,
  hold: Pick<BookingState, 'tickets'>,
  change: HoldChange,
  opens: readonly string[] = [],
): Resolved {
  if (!('tickets' in change)) {
    const [only, ...others] = hold.tickets;
    if (!only || others.length > 0 || only.seats !== 1) return ambiguousSeats();
    const isMore = change.seats > only.count;
    if (isMore && !isOpen(ticketTypeOf(event, only.type), opens)) return ambiguousSeats();
    return { ok: true, wanted: { tickets: [{ ...only, count: change.seats }], seats: change.seats } };
  }
  const tickets: LineItem[] = [];
  for (const [index, { type: id, count }] of change.tickets.entries()) {
    const line = hold.tickets.find(({ type }) => type === id);
    const type = ticketTypeOf(event, id);
    const isMore = count > countOf(hold.tickets, id);
    if (isMore && !isOpen(type, opens)) return unknownType(index);
    if (line) tickets.push({ ...line, count });
    else if (type) tickets.push(lineOf(type, count));
  }
  return withSeats(tickets);
}

function lineOf({ id, price, seats }: TicketTypeState, count: number): LineItem {
  return { type: id, count, price, seats };
}

function withSeats(tickets: readonly LineItem[]): Resolved {
  const seats = seatsOf(tickets);
  if (seats === 0) return invalidInput(['tickets'], 'An extra is sold only beside a ticket with a seat');
  return { ok: true, wanted: { tickets, seats } };
}

/** A hidden type answers exactly as an unknown one. */
function unknownType(index: number): Resolved {
  return invalidInput(['tickets', index, 'type'], 'The event has no such ticket type');
}

function ambiguousSeats(): Resolved {
  return invalidInput(['seats'], 'Expected "tickets": seats alone do not say of which ticket type');
}

function invalidInput(path: (string | number)[], message: string): Resolved {
  return refuse('INVALID_INPUT', { issues: [{ path, code: 'custom', message }] });
}
