import type { FastifyReply } from 'fastify';
import { renderCalendarFile } from '#server/calendar/calendar-file.ts';
import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { BookingOfEvent } from '#server/tickets/linked-tickets.ts';
import type { TicketFilesMaker } from '#server/tickets/ticket-files.ts';
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
  async function sendPdf(reply: FastifyReply, { booking, event }: BookingOfEvent, locale: Locale) {
    const pdf = await ticketFiles.pdfOf(booking, event, locale);
    if (pdf === null)
      return answerRefusal(reply, refuse('INVALID_STATE', { details: { status: booking.status } }).error);
    return sendFile(reply, 'application/pdf', `ticket-${booking.code}.pdf`, pdf);
  }

  function sendCalendar(reply: FastifyReply, { booking, event }: BookingOfEvent, locale: Locale) {
    const file = renderCalendarFile({
      booking,
      event,
      at: now(),
      description: descriptionOf(booking, event),
      locale,
      url: `${origin()}/events/${event._id.toHexString()}`,
    });
    return sendFile(reply, 'text/calendar; charset=utf-8; method=PUBLISH', `${booking.code}.ics`, file);
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

/** The tickets, where the event has several types, and the code. */
function descriptionOf({ tickets, code }: BookingDoc, { ticketTypes }: EventDoc): string {
  return sellsSeatsAlone(ticketTypes) ? code : `${ticketsText(namedLines(tickets, ticketTypes))}, ${code}`;
}
