import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import type { Booking } from '#shared/booking.ts';
import type { CheckInResult, ScannedSeat } from '#shared/organiser.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';
import { personalSeats } from '#shared/tickets/personal-seats.ts';
import type { Engine } from './engine/engine.ts';
import { readCode } from './rules/code.ts';
import { missingRefusal } from './missing-refusal.ts';
import type { CommandResult } from './rules/command.ts';
import { findBooking, findBookingByCode } from './store/queries/booking-queries.ts';
import type { PersonalTicketId } from './rules/state/booking-state.ts';
import type { Tickets } from './tickets.ts';

interface CheckInsOptions {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
  /** The reply to a command on a booking. */
  reply: (result: CommandResult) => Result<Booking>;
  readTicket: Tickets['readTicket'];
  /** One seat's own ticket by its text; null for any other text. */
  readPersonalTicket: (text: string) => ({ bookingId: string } & PersonalTicketId) | null;
}

export type CheckIns = ReturnType<typeof createCheckIns>;

/** Check-in at the venue, by a ticket's text or a booking's code. */
export function createCheckIns({ models, engine, reply, readTicket, readPersonalTicket }: CheckInsOptions) {
  /** A text that is neither a ticket of this server nor the code of a booking is `NOT_FOUND`. */
  async function checkIn(input: CommandInput<'checkIn'>, actor: string): Promise<Result<CheckInResult>> {
    const { ticket, seats = null, requestId = null } = input;
    const scanned = readPersonalTicket(ticket.trim());
    const found = scanned ? await findBooking(models, scanned.bookingId) : await findByTicketOrCode(ticket.trim());
    if (!found) return missingRefusal(models, 'checkIn', { actor, requestId });
    const personal = scanned && { type: scanned.type, number: scanned.number, issue: scanned.issue };
    const named = { bookingId: found._id.toHexString(), ...(personal && { personal }) };
    const command = { type: 'checkIn', ...named, actor, requestId, seats } as const;
    const result = await engine.submit(found.eventId.toHexString(), command);
    const replied = reply(result);
    if (!replied.ok) return replied;
    const repeated = 'repeated' in result.outcome && result.outcome.repeated === true;
    const seat = personal && scannedSeat(replied.data, personal);
    return ok({ booking: replied.data, repeated, ...(seat && { personal: seat }) });
  }

  function findByTicketOrCode(text: string): Promise<BookingDoc | null> {
    const ticket = readTicket(text);
    return ticket ? findBooking(models, ticket.bookingId) : findBookingByCode(models, readCode(text));
  }

  return { checkIn };
}

function scannedSeat(booking: Booking, { type, number }: PersonalTicketId): ScannedSeat | undefined {
  const seat = personalSeats(booking).find((one) => one.type === type && one.number === number);
  return seat && { type, name: seat.name, number, of: seat.of, checkedInAt: seat.checkedInAt };
}
