import type { FastifyReply } from 'fastify';
import { renderCalendarFile } from '#server/calendar/calendar-file.ts';
import type { Now } from '#server/clock.ts';
import type { BookingOfEvent } from '#server/tickets/linked-tickets.ts';
import type { TicketFilesMaker } from '#server/tickets/ticket-files.ts';
import { TICKET_WORDS } from '#server/tickets/ticket-words.ts';
import type { Locale } from '#shared/account.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { namedLines, sellsSeatsAlone, ticketsText } from '#shared/tickets/named-lines.ts';
import { answerRefusal } from '../../answer.ts';

interface TicketFileSenderOptions {
  ticketFiles: Pick<TicketFilesMaker, 'pdfOf'>;
  /** The public address of the site. */
  origin: () => string;
  now: Now;
}

export type TicketFileSender = ReturnType<typeof createTicketFileSender>;

/** Answers with the files of a booking. */
export function createTicketFileSender({ ticketFiles, origin, now }: TicketFileSenderOptions) {
  /** `INVALID_STATE` for a booking that is not confirmed, and has no ticket. */
  async function sendPdf(reply: FastifyReply, found: BookingOfEvent, locale: Locale) {
    const { booking, event, personal } = found;
    const pdf = await ticketFiles.pdfOf(booking, event, locale, personal);
    const status = personal?.status ?? booking.status;
    if (pdf === null) return answerRefusal(reply, refuse('INVALID_STATE', { details: { status } }).error);
    return sendFile(reply, 'application/pdf', `ticket-${nameOf(found)}.pdf`, pdf);
  }

  function sendCalendar(reply: FastifyReply, found: BookingOfEvent, locale: Locale) {
    const { booking, event, personal } = found;
    const file = renderCalendarFile({
      booking: personal && personal.status !== 'valid' ? { ...booking, status: 'cancelled' } : booking,
      event,
      at: now(),
      description: descriptionOf(found, locale),
      locale,
      url: `${origin()}/events/${event._id.toHexString()}`,
    });
    return sendFile(reply, 'text/calendar; charset=utf-8; method=PUBLISH', `${nameOf(found)}.ics`, file);
  }

  return { sendPdf, sendCalendar };
}

function sendFile(reply: FastifyReply, type: string, name: string, content: string | Buffer): FastifyReply {
  return reply
    .type(type)
    .header('content-disposition', `attachment; filename="${name}"`)
    .header('x-robots-tag', 'noindex')
    .send(content);
}

/** The booking code, or the number of the seat whose own ticket it is: its holder does not know the code. */
function nameOf({ booking, personal }: BookingOfEvent): string {
  return personal ? `${personal.number}-${personal.of}` : booking.code;
}

/** The tickets, where the event has several types, and the code; of one seat's own ticket its number. */
function descriptionOf({ booking, event, personal }: BookingOfEvent, locale: Locale): string {
  const { tickets, code } = booking;
  const { ticketTypes } = event;
  if (personal) return TICKET_WORDS[locale].personal(personal);
  return sellsSeatsAlone(ticketTypes) ? code : `${ticketsText(namedLines(tickets, ticketTypes))}, ${code}`;
}
