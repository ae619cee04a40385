import type { Bookings } from '#server/booking/bookings.ts';
import type { Models } from '#server/models/models.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Caller, CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';
import type { PayableConfig } from './payable.ts';
import { sellable } from './payable.ts';

type BookingCommands = Pick<
  CommandTable,
  'book' | 'changeHold' | 'confirmBooking' | 'getBooking' | 'cancelBooking' | 'listBookings'
>;

export interface BookingCommandDeps {
  bookings: Bookings;
  models: Pick<Models, 'events'>;
  config: PayableConfig;
  isAdmin: (caller: Caller) => Promise<boolean>;
}

/** What a buyer does; admins see and cancel for them. */
export function bookingCommands({ bookings, isAdmin, ...selling }: BookingCommandDeps): BookingCommands {
  return {
    book: {
      ...commands.book,
      rate: 'write',
      run: async (input, caller) =>
        (await sellable(selling, input.eventId)) ?? bookings.book(input, signedIn(caller).userId),
    },
    changeHold: {
      ...commands.changeHold,
      rate: 'write',
      run: (input, caller) => bookings.changeHold(input, signedIn(caller).userId),
    },
    confirmBooking: {
      ...commands.confirmBooking,
      rate: 'write',
      run: (input, caller) => bookings.confirm(input, signedIn(caller).userId),
    },
    getBooking: {
      ...commands.getBooking,
      rate: 'read',
      run: (input, caller) => bookings.get(input.bookingId, signedIn(caller).userId, () => isAdmin(caller)),
    },
    cancelBooking: {
      ...commands.cancelBooking,
      rate: 'write',
      run: (input, caller) => bookings.cancel(input, signedIn(caller).userId, () => isAdmin(caller)),
    },
    listBookings: {
      ...commands.listBookings,
      rate: 'read',
      run: async (input, caller) => bookings.list(input, signedIn(caller).userId),
    },
  };
}
