import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { toBooking } from '#server/models/views.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { LinkedTicket } from '#shared/tickets/linked-ticket.ts';
import type { TicketLinks } from './ticket-links.ts';

interface LinkedTicketsOptions {
  models: Pick<Models, 'bookings' | 'events'>;
  links: Pick<TicketLinks, 'bookingOf'>;
  /** The ticket's text of a booking; null unless it is confirmed. */
  ticketOf: (booking: BookingDoc) => string | null;
  now: Now;
}

/** A booking with its event. */
export interface BookingOfEvent {
  booking: BookingDoc;
  event: EventDoc;
}

export type LinkedTickets = ReturnType<typeof createLinkedTickets>;

/** The tickets that links open. A text that is no key of this database is `NOT_FOUND`, and costs no read. */
export function createLinkedTickets({ models, links, ticketOf, now }: LinkedTicketsOptions) {
  /** The booking that a key opens, and its event. */
  async function find(key: string): Promise<Result<BookingOfEvent>> {
    const named = links.bookingOf(key);
    const booking = named && (await models.bookings.findById(named.bookingId).lean<BookingDoc>());
    const event = booking && (await models.events.findById(booking.eventId).lean<EventDoc>());
    return booking && event ? ok({ booking, event }) : refuse('NOT_FOUND');
  }

  /** The ticket that a key opens, as it is now. */
  async function show(key: string): Promise<Result<LinkedTicket>> {
    const found = await find(key);
    return found.ok ? ok(linkedTicketOf(found.data)) : found;
  }

  function linkedTicketOf({ booking, event }: BookingOfEvent): LinkedTicket {
    // A move stays visible here when the buyer has acknowledged it: the reader may be another person.
    const { movesSeenAt: _, ...unseen } = booking;
    const shown = toBooking(unseen, event, ticketOf(booking));
    const { id, version, code, eventId, event: shownEvent, seats, tickets, total, status, ended } = shown;
    const { checkedInSeats, moved, ticket } = shown;
    return {
      id,
      version,
      code,
      eventId,
      event: shownEvent,
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
