import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import type { Cancel } from '../command.ts';
import type { BookingState, LineItem } from '../state/booking-state.ts';
import type { EventState } from '../state/event-state.ts';
import { countOf, seatsOf, without } from './line-items.ts';
import { ticketTypeOf } from './resolve.ts';

type Parts = { ok: true; kept: LineItem[]; cancelled: LineItem[] } | { ok: false; error: Refusal };

/**
 * A booking's line items in two: those that a cancellation leaves, and those that it is about. `INVALID_STATE` for more
 * than there are; `INVALID_INPUT` for seats of a booking that is not of one type with one seat a ticket.
 */
export function keptTickets(
  { tickets, seats }: Pick<BookingState, 'tickets' | 'seats'>,
  command: Pick<Cancel, 'seats' | 'tickets'>,
): Parts {
  if (!command.tickets && command.seats === null) return { ok: true, kept: [], cancelled: [...tickets] };
  const taken = command.tickets ?? ticketsOfSeats(tickets, command.seats ?? 0);
  if (!taken) {
    const message = 'Expected "tickets": the booking has several ticket types, or tickets of several seats';
    return refuse('INVALID_INPUT', { issues: [{ path: ['seats'], code: 'custom', message }] });
  }
  const kept = without(tickets, taken);
  if (kept) {
    const cancelled = tickets.map((line) => ({ ...line, count: countOf(taken, line.type) }));
    return { ok: true, kept, cancelled: cancelled.filter(({ count }) => count > 0) };
  }
  const details = command.tickets ? { tickets: tickets.map(({ type, count }) => ({ type, count })) } : { seats };
  return refuse('INVALID_STATE', { details });
}

function ticketsOfSeats(tickets: readonly LineItem[], seats: number) {
  const [only, ...others] = tickets;
  return only && others.length === 0 && only.seats === 1 ? [{ type: only.type, count: seats }] : null;
}

/** Why what is left of a booking does not keep its types' rules: `INVALID_STATE`. */
export function remainderRefusal(kept: readonly LineItem[], { event }: { event: EventState }): Refusal | null {
  if (seatsOf(kept) === 0) return refuse('INVALID_STATE', { details: { reason: 'extra_alone' } }).error;
  for (const { type: id, count } of kept) {
    const minimum = ticketTypeOf(event, id)?.minPerBooking ?? 0;
    if (count < minimum) return refuse('INVALID_STATE', { details: { ticketType: id, minimum } }).error;
  }
  return null;
}
