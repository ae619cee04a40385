import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { BookingOfEvent, LinkedTickets, OpenedPersonalTicket } from '#server/tickets/linked-tickets.ts';
import type { PersonalTickets } from '#server/tickets/personal-tickets.ts';
import type { TicketLinks } from '#server/tickets/ticket-links.ts';
import type { PassTicket } from './pass-serials.ts';
import { serialOf, ticketOfSerial } from './pass-serials.ts';

/** What a pass shows. */
export interface PassSubject {
  serial: string;
  booking: BookingDoc;
  event: EventDoc;
  /** The seat whose own ticket it is; absent for the whole booking. */
  personal?: OpenedPersonalTicket;
  /** The buyer's name; null for passes that others may hold. */
  holder: string | null;
  /** The text of the QR code; null where the ticket is not valid any more. */
  ticket: string | null;
  /** The last change of what it shows. */
  changedAt: Date;
}

interface PassSubjectOptions {
  models: Pick<Models, 'users'>;
  linked: Pick<LinkedTickets, 'find'>;
  links: Pick<TicketLinks, 'keyOf'>;
  personal: Pick<PersonalTickets, 'keyOf' | 'readKey'>;
  ticketOf: (booking: BookingDoc) => string | null;
}

export type PassSubjects = ReturnType<typeof createPassSubjects>;

/** What a pass shows of a ticket. Nothing is cached: each pass reads its booking and event. */
export function createPassSubjects({ models, linked, links, personal, ticketOf }: PassSubjectOptions) {
  async function subjectOf(
    ticket: PassTicket,
    { booking, event, personal: seat }: BookingOfEvent,
  ): Promise<PassSubject> {
    const text = seat ? seat.ticket : ticketOf(booking);
    return {
      serial: serialOf(ticket),
      booking,
      event,
      ...(seat && { personal: seat }),
      holder: ticket.kind === 'own' ? await nameOf(booking) : null,
      ticket: event.status === 'cancelled' ? null : text,
      changedAt: new Date(Math.max(booking.updatedAt.getTime(), event.updatedAt.getTime())),
    };
  }

  async function nameOf({ userId }: BookingDoc): Promise<string | null> {
    return (await models.users.findById(userId, { name: 1 }).lean())?.name ?? null;
  }

  return {
    /** The buyer's ticket of a whole booking. */
    own: (found: BookingOfEvent) => subjectOf({ kind: 'own', bookingId: found.booking._id.toHexString() }, found),
    /** What the key of a link opens. */
    byKey(key: string, found: BookingOfEvent): Promise<PassSubject> {
      const seat = personal.readKey(key);
      const bookingId = found.booking._id.toHexString();
      return subjectOf(seat ? { kind: 'personal', ...seat } : { kind: 'linked', bookingId }, found);
    },
    /** What a serial number names; null for a text that names nothing. Does not ask who may see it. */
    async bySerial(serial: string): Promise<PassSubject | null> {
      const ticket = ticketOfSerial(serial);
      if (!ticket) return null;
      const key = ticket.kind === 'personal' ? personal.keyOf(ticket) : links.keyOf(ticket.bookingId);
      const found = await linked.find(key);
      return found.ok ? subjectOf(ticket, found.data) : null;
    },
  };
}
