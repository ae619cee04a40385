import { personalRefusal } from '#server/booking/rules/tickets/personal.ts';
import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import { completeBooking } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toBooking } from '#server/models/views.ts';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { LinkedPersonalTicket, LinkedTicket } from '#shared/tickets/linked-ticket.ts';
import { personalSeats, seatsByType } from '#shared/tickets/personal-seats.ts';
import type { NamedPersonalTicket, PersonalTickets } from './personal-tickets.ts';
import type { TicketLinks } from './ticket-links.ts';

interface LinkedTicketsOptions {
  models: Pick<Models, 'bookings' | 'events'>;
  links: Pick<TicketLinks, 'bookingOf'>;
  /** The ticket's text of a booking; null unless it is confirmed. */
  ticketOf: (booking: BookingDoc) => string | null;
  personal: Pick<PersonalTickets, 'readKey' | 'textOf'>;
  now: Now;
}

/** A booking with its event. */
export interface BookingOfEvent {
  booking: BookingDoc;
  event: EventDoc;
  /** The seat whose own ticket it is about; absent for the whole booking. */
  personal?: OpenedPersonalTicket;
}

/** One seat's own ticket: `name` is that of its type, `of` how many seats of the type there are. */
export interface OpenedPersonalTicket {
  type: string;
  name: string;
  number: number;
  of: number;
  checkedInAt: string | null;
  isInside: boolean;
  /** `revoked`: the buyer has sent another link for this seat. */
  status: LinkedPersonalTicket['status'];
  /** The text of the QR code; null unless the ticket is valid. */
  ticket: string | null;
}

export type LinkedTickets = ReturnType<typeof createLinkedTickets>;

/** The tickets that links open. A text that is no key of this database is `NOT_FOUND`, and costs no read. */
export function createLinkedTickets({ models, links, ticketOf, personal, now }: LinkedTicketsOptions) {
  /** What a key opens: a booking, or one seat of it, and its event. */
  async function find(key: string): Promise<Result<BookingOfEvent>> {
    const seat = personal.readKey(key);
    const named = seat ?? links.bookingOf(key);
    const booking = named && (await models.bookings.findById(named.bookingId).lean<BookingDoc>());
    const event = booking && (await models.events.findById(booking.eventId).lean<EventDoc>());
    if (!booking || !event) return refuse('NOT_FOUND');
    return ok({ booking, event, ...(seat && { personal: openedTicket(booking, event, seat) }) });
  }

  /** The ticket that a key opens, as it is now. */
  async function show(key: string): Promise<Result<LinkedTicket | LinkedPersonalTicket>> {
    const found = await find(key);
    if (!found.ok) return found;
    const { booking, event, personal: seat } = found.data;
    // A move stays visible here when the buyer has acknowledged it: the reader may be another person.
    const { movesSeenAt: _, ...unseen } = booking;
    const shown = toBooking(unseen, event, ticketOf(booking));
    return ok(seat ? linkedPersonalTicket(shown, seat) : linkedTicketOf(shown));
  }

  function openedTicket(
    stored: BookingDoc,
    event: EventDoc,
    { bookingId, ...seat }: NamedPersonalTicket,
  ): OpenedPersonalTicket {
    const booking = completeBooking(stored);
    const { type, number } = seat;
    const status = statusOf(booking, seat);
    const known = personalSeats(booking).find((one) => one.type === type && one.number === number);
    const { isInside = false, checkedInAt = null } = known ?? {};
    return {
      type,
      name: event.ticketTypes.find(({ id }) => id === type)?.name ?? type,
      number,
      of: seatsByType(booking.tickets).get(type)?.seats ?? 0,
      checkedInAt: status === 'valid' ? (checkedInAt?.toISOString() ?? null) : null,
      isInside: status === 'valid' && isInside,
      status,
      ticket: status === 'valid' ? personal.textOf({ bookingId, ...seat }, event._id.toHexString()) : null,
    };
  }

  function linkedPersonalTicket(
    { version, eventId, event, status, ended, moved }: Booking,
    { ticket, status: own, type, name, number, of, checkedInAt, isInside }: OpenedPersonalTicket,
  ): LinkedPersonalTicket {
    return {
      personal: { type, name, number, of, checkedInAt, isInside },
      version,
      eventId,
      event,
      status: own,
      ended: status === 'cancelled' ? ended : null,
      moved,
      ticket,
      asOf: now().toISOString(),
    };
  }

  function linkedTicketOf(shown: Booking): LinkedTicket {
    const { id, version, code, eventId, event, seats, tickets, total, status, ended } = shown;
    const { checkedInSeats, moved, ticket } = shown;
    return {
      id,
      version,
      code,
      eventId,
      event,
      seats,
      tickets,
      total,
      status,
      ended,
      checkedInSeats,
      moved,
      ticket,
      asOf: now().toISOString(),
    };
  }

  return { find, show };
}

function statusOf(booking: BookingDoc, seat: Omit<NamedPersonalTicket, 'bookingId'>): OpenedPersonalTicket['status'] {
  const { personalTickets = [] } = booking;
  const error = personalRefusal({ ...booking, personalTickets }, seat);
  if (error?.details?.['ticket'] === 'revoked') return 'revoked';
  return booking.status === 'confirmed' && error === null ? 'valid' : 'cancelled';
}
