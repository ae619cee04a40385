import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { toString as qrCode } from 'qrcode';
import { z } from 'zod';
import type { Identity } from '#server/accounts/sessions.ts';
import type { TicketOf } from '#server/booking/tickets.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { BookingOfEvent } from '#server/tickets/linked-tickets.ts';
import type { PersonalTickets } from '#server/tickets/personal-tickets.ts';
import type { TicketLinks } from '#server/tickets/ticket-links.ts';
import type { PassSubjects } from '#server/wallet/pass-subjects.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import { id } from '#shared/protocol/primitives.ts';
import type { PersonalTicketKeys } from '#shared/tickets/personal-ticket.ts';
import { personalSeats } from '#shared/tickets/personal-seats.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import type { Identify } from '../../identity.ts';
import { requireSession } from '../../identity.ts';
import type { RateLimits } from '../../rate-limit.ts';
import type { PassSender } from '../wallet/pass-senders.ts';
import type { TicketFileSender } from './ticket-file-sender.ts';

export interface TicketRoutes {
  models: Pick<Models, 'bookings' | 'events'>;
  ticketOf: TicketOf;
  files: TicketFileSender;
  /** The wallets that this server has keys for. */
  passes: readonly PassSender[];
  subjects: Pick<PassSubjects, 'own'>;
  keyOf: TicketLinks['keyOf'];
  personalKeyOf: PersonalTickets['keyOf'];
  identify: Identify;
  limits: Pick<RateLimits, 'files'>;
}

/** With the quiet zone of four modules that scanners need (ISO/IEC 18004), black on white also on dark pages. */
const QR = { type: 'svg', margin: 4, errorCorrectionLevel: 'M', color: { dark: '#000000', light: '#ffffff' } } as const;

/** Files of a booking, for its buyer and organisers: the ticket's QR code, its PDF, passes, and the calendar file. */
export function mountTickets(api: FastifyInstance, deps: TicketRoutes): void {
  const { files, identify, limits } = deps;
  api.get(
    '/bookings/:id/ticket.svg',
    requireSession(identify, (identity, request, reply) => sendTicket(deps, identity, request, reply)),
  );
  api.get(
    '/bookings/:id/link',
    requireSession(identify, async (identity, request, reply) => {
      const found = await findBooking(deps, identity, request);
      if (!found.ok) return answerRefusal(reply, found.error);
      return reply.send({ key: deps.keyOf(found.data._id.toHexString()) });
    }),
  );
  api.get(
    '/bookings/:id/personal-tickets',
    requireSession(identify, async (identity, request, reply) => {
      const found = await findBooking(deps, identity, request);
      return found.ok ? reply.send(personalKeys(deps, found.data)) : answerRefusal(reply, found.error);
    }),
  );
  api.get(
    '/bookings/:id/ticket.pdf',
    { onRequest: limits.files },
    requireSession(identify, async (identity, request, reply) => {
      const found = await findWithEvent(deps, identity, request);
      return found.ok ? files.sendPdf(reply, found.data, identity.user.locale) : answerRefusal(reply, found.error);
    }),
  );
  api.get(
    '/bookings/:id/event.ics',
    requireSession(identify, async (identity, request, reply) => {
      const found = await findWithEvent(deps, identity, request);
      return found.ok ? files.sendCalendar(reply, found.data, identity.user.locale) : answerRefusal(reply, found.error);
    }),
  );
  for (const { path, send } of deps.passes) {
    api.get(
      `/bookings/:id/${path}`,
      { onRequest: limits.files },
      requireSession(identify, async (identity, request, reply) => {
        const found = await findWithEvent(deps, identity, request);
        return found.ok ? send(reply, await deps.subjects.own(found.data)) : answerRefusal(reply, found.error);
      }),
    );
  }
}

/** A key for each seat of a confirmed booking; none for others. */
function personalKeys({ personalKeyOf }: TicketRoutes, booking: BookingDoc): PersonalTicketKeys {
  const bookingId = booking._id.toHexString();
  const seats = booking.status === 'confirmed' ? personalSeats(booking) : [];
  const tickets = seats.map(({ type, number, issue }) => {
    return { type, number, issue, key: personalKeyOf({ bookingId, type, number, issue }) };
  });
  return { tickets };
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

async function findWithEvent(
  deps: TicketRoutes,
  identity: Identity,
  request: FastifyRequest,
): Promise<Result<BookingOfEvent>> {
  const found = await findBooking(deps, identity, request);
  if (!found.ok) return found;
  const event = await deps.models.events.findById(found.data.eventId).lean<EventDoc>();
  return event ? ok({ booking: found.data, event }) : refuse('NOT_FOUND');
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
