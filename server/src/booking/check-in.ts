import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { Booking } from '#shared/booking.ts';
import type { CheckInResult } from '#shared/organiser.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { Engine } from './engine/engine.ts';
import { readCode } from './rules/code.ts';
import { missingRefusal } from './missing-refusal.ts';
import type { CommandResult } from './rules/command.ts';
import { findBooking, findBookingByCode } from './store/queries/booking-queries.ts';
import type { Tickets } from './tickets.ts';

interface CheckInsOptions {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
  /** The reply to a command on a booking. */
  reply: (result: CommandResult) => Result<Booking>;
  readTicket: Tickets['readTicket'];
}

export type CheckIns = ReturnType<typeof createCheckIns>;

/** Check-in at the venue, by a ticket's text or a booking's code. */
export function createCheckIns({ models, engine, reply, readTicket }: CheckInsOptions) {
  /** A text that is neither a ticket of this server nor the code of a booking is `NOT_FOUND`. */
  async function checkIn(input: CommandInput<'checkIn'>, actor: string): Promise<Result<CheckInResult>> {
    const { ticket, seats = null, requestId = null } = input;
    const found = await findByTicketOrCode(ticket.trim());
    if (!found) return missingRefusal(models, 'checkIn', { actor, requestId });
    const command = { type: 'checkIn', bookingId: found._id.toHexString(), actor, requestId, seats } as const;
    const result = await engine.submit(found.eventId.toHexString(), command);
    const replied = reply(result);
    if (!replied.ok) return replied;
    return ok({ booking: replied.data, repeated: 'repeated' in result.outcome && result.outcome.repeated === true });
  }

  function findByTicketOrCode(text: string): Promise<BookingDoc | null> {
    const ticket = readTicket(text);
    return ticket ? findBooking(models, ticket.bookingId) : findBookingByCode(models, readCode(text));
  }

  return { checkIn };
}
