import { createAccountBookings } from '#server/booking/account-bookings.ts';
import { createAdoption } from '#server/booking/adoption.ts';
import { createBookings } from '#server/booking/bookings.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import type { CommandResult } from '#server/booking/rules/command.ts';
import type { TicketOf } from '#server/booking/tickets.ts';
import { createWaitlist } from '#server/booking/waitlist/waitlist.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { composePayments } from './payments.ts';

interface BookingsParts {
  models: Models;
  engine: Engine;
  payments: Pick<ReturnType<typeof composePayments>, 'checkouts' | 'ofAccounts'>;
  tickets: { ticketOf: TicketOf };
  /** The reply to a command on a booking. */
  reply: (result: CommandResult) => Result<Booking>;
  random: () => number;
  now: Now;
}

/** The commands of buyers, and what becomes of an account's bookings with the account. */
export function composeBookings({ models, engine, payments, tickets, reply, random, now }: BookingsParts) {
  const bookings = createBookings({
    models,
    engine,
    ticketOf: tickets.ticketOf,
    random,
    retract: payments.checkouts.retract,
  });
  return {
    bookings,
    waitlist: createWaitlist({ models, engine }),
    accountBookings: createAccountBookings({ models, engine, payments: payments.ofAccounts, now }),
    provisionalHolds: createAdoption({ models, engine, bookings, reply }),
  };
}
