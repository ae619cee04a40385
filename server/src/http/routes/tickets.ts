import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toString as qrCode } from 'qrcode';
import { z } from 'zod';
import type { Identity } from '#server/accounts/sessions.ts';
import type { TicketOf } from '#server/booking/tickets.ts';
import { renderCalendarFile } from '#server/calendar/calendar-file.ts';
import type { Now } from '#server/clock.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { id } from '#shared/protocol/primitives.ts';
import { namedLines, sellsSeatsAlone, ticketsText } from '#shared/tickets/named-lines.ts';
import { answerRefusal, parseInput } from '../answer.ts';
import type { Identify } from '../identity.ts';
import { requireSession } from '../identity.ts';

export interface TicketRoutes {
  models: Pick<Models, 'bookings' | 'events'>;
  ticketOf: TicketOf;
  /** The public address of the site. */
  origin: () => string;
  identify: Identify;
  now: Now;
}

/** With the quiet zone of four modules that scanners need (ISO/IEC 18004), black on white also on dark pages. */
const QR = { type: 'svg', margin: 4, errorCorrectionLevel: 'M', color: { dark: '#000000', light: '#ffffff' } } as const;

/** Files of a booking, for its buyer and organisers: the ticket's QR code and the calendar file. */
export function mountTickets(api: FastifyInstance, deps: TicketRoutes): void {
  const { identify } = deps;
  api.get(
    '/bookings/:id/ticket.svg',
    requireSession(identify, (identity, request, reply) => sendTicket(deps, identity, request, reply)),
  );
  api.get(
    '/bookings/:id/event.ics',
    requireSession(identify, (identity, request, reply) => sendCalendarFile(deps, identity, request, reply)),
  );
}

async function sendTicket(deps: TicketRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const found = await findBooking(deps, identity, request);
  if (!found.ok) return answerRefusal(reply, found.error);
  const text = deps.ticketOf(found.data);
  if (text === null) {
    return answerRefusal(reply, refuse('INVALID_STATE', { details: { status: found.data.status } }).error);
  }
  return reply.type('image/svg+xml; charset=utf-8').send(await qrCode(text, QR));
}

async function sendCalendarFile(deps: TicketRoutes, identity: Identity, request: FastifyRequest, reply: FastifyReply) {
  const found = await findBooking(deps, identity, request);
  const event = found.ok ? await deps.models.events.findById(found.data.eventId).lean<EventDoc>() : null;
  if (!found.ok || !event) return answerRefusal(reply, found.ok ? refuse('NOT_FOUND').error : found.error);
  const booking = found.data;
  const file = renderCalendarFile({
    booking,
    event,
    at: deps.now(),
    description: descriptionOf(booking, event),
    locale: identity.user.locale,
    url: `${deps.origin()}/events/${event._id.toHexString()}`,
  });
  return reply
    .type('text/calendar; charset=utf-8; method=PUBLISH')
    .header('content-disposition', `attachment; filename="${booking.code}.ics"`)
    .send(file);
}

/** The tickets, where the event has several types, and the code. */
function descriptionOf({ tickets, code }: BookingDoc, { ticketTypes }: EventDoc): string {
  return sellsSeatsAlone(ticketTypes) ? code : `${ticketsText(namedLines(tickets, ticketTypes))}, ${code}`;
}

/** Refuses the bookings of other accounts with NOT_FOUND, except for organisers. */
async function findBooking(
  { models }: TicketRoutes,
  { user }: Identity,
  request: FastifyRequest,
): Promise<Result<BookingDoc>> {
  const input = parseInput(z.object({ id }), request.params);
  if (!input.ok) return refuse('NOT_FOUND');
  const booking = await models.bookings.findById(input.data.id).lean<BookingDoc>();
  const visible = booking && (user.role === 'admin' || booking.userId.equals(user._id));
  return visible ? ok(booking) : refuse('NOT_FOUND');
}
