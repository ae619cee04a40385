import type { Selling } from '#server/booking/payments/selling.ts';
import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
import type { BookingCommandDeps } from './commands/bookings.ts';
import { bookingCommands } from './commands/bookings.ts';
import type { EventCommandDeps } from './commands/events.ts';
import { eventCommands } from './commands/events.ts';
import type { OrganiserCommandDeps } from './commands/organiser.ts';
import { organiserCommands } from './commands/organiser.ts';
import type { PaymentCommandDeps } from './commands/payments.ts';
import { paymentCommands } from './commands/payments.ts';
import type { ReminderCommandDeps } from './commands/reminders.ts';
import { reminderCommands } from './commands/reminders.ts';
import type { VoucherCommandDeps } from './commands/vouchers.ts';
import { voucherCommands } from './commands/vouchers.ts';
import type { WaitlistCommandDeps } from './commands/waitlist.ts';
import { waitlistCommands } from './commands/waitlist.ts';
import type { Caller, CommandTable, EventQueues } from './command-definition.ts';

interface CommandsDeps {
  models: Models;
  engine: EventQueues;
  events: Pick<EventCommandDeps, 'eventReads' | 'eventEditing' | 'eventCancellation'> &
    Pick<OrganiserCommandDeps, 'sales' | 'attendees' | 'checkIns'> &
    ReminderCommandDeps &
    Pick<VoucherCommandDeps, 'vouchers' | 'voucherChecks'>;
  bookings: BookingCommandDeps['bookings'];
  payments: PaymentCommandDeps & { selling: Selling };
  waitlist: WaitlistCommandDeps['waitlist'];
  codeGuesses: BookingCommandDeps['codeGuesses'] & VoucherCommandDeps['codeGuesses'];
  isAdmin: (caller: Caller) => Promise<boolean>;
  now: Now;
}

/** The table of all commands, from which the dispatcher and the authorization test are made. */
export function createCommands(deps: CommandsDeps): CommandTable {
  const { models, engine: queues, events, bookings, payments, waitlist, codeGuesses, isAdmin, now } = deps;
  const { eventReads, eventEditing, eventCancellation, sales, attendees, checkIns, vouchers, voucherChecks } = events;
  const { selling, checkouts, refunds } = payments;
  return {
    ...eventCommands({ eventReads, eventEditing, eventCancellation, selling, isAdmin, now }),
    ...bookingCommands({ bookings, queues, selling, codeGuesses, isAdmin }),
    ...voucherCommands({ vouchers, voucherChecks, codeGuesses, isAdmin }),
    ...paymentCommands({ checkouts, refunds }),
    ...waitlistCommands({ waitlist, queues }),
    ...reminderCommands({ reminders: events.reminders }),
    ...organiserCommands({ models, sales, attendees, checkIns, now }),
  };
}
