import type { BookingDoc } from '#server/models/booking.ts';
import type { Models } from '#server/models/models.ts';
import { toBooking } from '#server/models/views.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';
import type { CheckInResult } from '#shared/organiser.ts';
import { readCode } from './rules/code.ts';
import type { Engine } from './engine/engine.ts';
import { toBookingDoc, toLedgerEvent } from './store/records.ts';
import type { createTickets } from './tickets.ts';

export interface CheckInsOptions extends ReturnType<typeof createTickets> {
  models: Pick<Models, 'bookings'>;
  engine: Engine;
}

/** Whoever stands at the door with a ticket or a code. */
export function createCheckIns({ models, engine, ticketOf, readTicket }: CheckInsOptions) {
  /** What is no ticket of ours, and no booking's code, is `NOT_FOUND`. */
  async function checkIn({ ticket, seats }: CommandInput<'checkIn'>, actor: string): Promise<Result<CheckInResult>> {
    const found = await find(ticket.trim());
    if (!found) return refuse('NOT_FOUND');
    const command = { type: 'checkIn', bookingId: found._id.toHexString(), actor, seats: seats ?? null } as const;
    const { outcome, event } = await engine.submit(found.eventId.toHexString(), command);
    if (!outcome.ok) return outcome;
    if (!('booking' in outcome) || !event) throw new Error('A check-in was settled without a booking');
    const doc = toBookingDoc(outcome.booking);
    const booking = toBooking(doc, toLedgerEvent(event), ticketOf(doc));
    return ok({ booking, repeated: outcome.repeated ?? false });
  }

  function find(text: string): Promise<BookingDoc | null> {
    const ticket = readTicket(text);
    const query = ticket
      ? models.bookings.findById(ticket.bookingId)
      : models.bookings.findOne({ code: readCode(text) });
    return query.lean<BookingDoc>().exec();
  }

  return { checkIn };
}

export type CheckIns = ReturnType<typeof createCheckIns>;
