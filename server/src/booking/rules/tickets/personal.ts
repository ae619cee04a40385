import { refuse } from '#shared/protocol/errors.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { freeUnknownSeats, knownTicket, MOST_PERSONAL_TICKETS, seatsByType } from '#shared/tickets/personal-seats.ts';
import type { BookingState, LineItem, PersonalTicketId, PersonalTicketState } from '../state/booking-state.ts';

/** Why a seat's own ticket is not valid: `INVALID_STATE`, with `ticket`, or with `most` for a booking of more seats. */
export function personalRefusal(
  booking: Pick<BookingState, 'tickets' | 'seats' | 'personalTickets'>,
  { type, number, issue }: PersonalTicketId,
): Refusal | null {
  const invalid = (details: Record<string, unknown>) => refuse('INVALID_STATE', { details }).error;
  if (booking.seats > MOST_PERSONAL_TICKETS) return invalid({ most: MOST_PERSONAL_TICKETS });
  if (number > (seatsByType(booking.tickets).get(type)?.seats ?? 0)) return invalid({ ticket: 'cancelled' });
  return issue === (knownTicket(booking, { type, number })?.issue ?? 0) ? null : invalid({ ticket: 'revoked' });
}

/** The booking's personal tickets with a change of one of them. */
export function withPersonal(
  { personalTickets }: Pick<BookingState, 'personalTickets'>,
  id: PersonalTicketId,
  change: Partial<PersonalTicketState>,
): readonly PersonalTicketState[] {
  const known = knownTicket({ personalTickets }, id);
  const { type, number, issue } = id;
  const changed = { type, number, issue, sharedAt: null, checkedInAt: null, ...known, ...change };
  return known ? personalTickets.map((one) => (one === known ? changed : one)) : [...personalTickets, changed];
}

/**
 * The booking's personal tickets after `entering` more seats were checked in by the ticket of the whole booking: seats
 * of which nothing is known come first, then those whose ticket was not sent, and those whose ticket was sent last.
 */
export function withSeatsInside(
  booking: Pick<BookingState, 'seats' | 'checkedInSeats' | 'personalTickets'>,
  entering: number,
  now: Date,
): readonly PersonalTicketState[] {
  const known = booking.personalTickets;
  const outside = known.filter(({ checkedInAt }) => checkedInAt === null);
  const isKept = ({ sharedAt }: PersonalTicketState) => sharedAt === null;
  const order = [...outside.filter(isKept), ...outside.filter((one) => !isKept(one))];
  const named = order.slice(0, Math.max(0, entering - freeUnknownSeats(booking)));
  return named.length === 0 ? known : known.map((one) => (named.includes(one) ? { ...one, checkedInAt: now } : one));
}

/** The personal tickets that a partial cancellation leaves: of each type those with the highest numbers end. */
export function remainingPersonal(
  { personalTickets }: Pick<BookingState, 'personalTickets'>,
  kept: readonly LineItem[],
): readonly PersonalTicketState[] {
  const seats = seatsByType(kept);
  return personalTickets.filter(({ type, number }) => number <= (seats.get(type)?.seats ?? 0));
}
