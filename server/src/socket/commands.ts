import type { BookingCommandOptions } from './commands/bookings.ts';
import { bookingCommands } from './commands/bookings.ts';
import type { EventCommandOptions } from './commands/events.ts';
import { eventCommands } from './commands/events.ts';
import type { OrganiseCommandOptions } from './commands/organiser.ts';
import { organiseCommands } from './commands/organiser.ts';
import type { PaymentCommandOptions } from './commands/payments.ts';
import { paymentCommands } from './commands/payments.ts';
import type { WaitlistCommandOptions } from './commands/waitlist.ts';
import { waitlistCommands } from './commands/waitlist.ts';
import type { CommandTable } from './command-definition.ts';

/** The one table of commands: the dispatcher, the authorization test and /api/schema.json are made from it. */
export function createCommands(
  options: EventCommandOptions &
    BookingCommandOptions &
    PaymentCommandOptions &
    WaitlistCommandOptions &
    OrganiseCommandOptions,
): CommandTable {
  return {
    ...eventCommands(options),
    ...bookingCommands(options),
    ...paymentCommands(options),
    ...waitlistCommands(options),
    ...organiseCommands(options),
  };
}
