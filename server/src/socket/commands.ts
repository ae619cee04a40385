import type { Now } from '#server/clock.ts';
import type { Models } from '#server/models/models.ts';
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
import type { Caller, CommandTable } from './command-definition.ts';

export interface CommandsOptions {
  config: EventCommandOptions['config'];
  models: Models;
  events: Pick<EventCommandOptions, 'organise' | 'callOff'> &
    Pick<OrganiseCommandOptions, 'sales' | 'eventBookings' | 'door'>;
  bookings: BookingCommandOptions['bookings'];
  payments: PaymentCommandOptions;
  waitlist: WaitlistCommandOptions['waitlist'];
  isAdmin: (caller: Caller) => Promise<boolean>;
  now: Now;
}

/** The one table of commands: the dispatcher, the authorization test and /api/schema.json are made from it. */
export function createCommands(options: CommandsOptions): CommandTable {
  const { config, models, events, bookings, payments, waitlist, isAdmin, now } = options;
  const { organise, callOff, sales, eventBookings, door } = events;
  const { checkouts, refunds } = payments;
  return {
    ...eventCommands({ config, models, organise, callOff, isAdmin, now }),
    ...bookingCommands({ config, models, bookings, isAdmin }),
    ...paymentCommands({ checkouts, refunds }),
    ...waitlistCommands({ waitlist }),
    ...organiseCommands({ models, sales, eventBookings, door }),
  };
}
