import type { Bookings } from '#server/booking/bookings.ts';
import type { Selling } from '#server/booking/payments/selling.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Caller, CommandTable, EventQueues } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type BookingCommands = Pick<
  CommandTable,
  'book' | 'changeHold' | 'confirmBooking' | 'acknowledgeMove' | 'getBooking' | 'cancelBooking' | 'listBookings'
>;

export interface BookingCommandDeps {
  bookings: Bookings;
  queues: EventQueues;
  selling: Pick<Selling, 'saleRefusal'>;
  isAdmin: (caller: Caller) => Promise<boolean>;
}

/** Commands on bookings, for their owners; admins may read and cancel those of others. */
export function bookingCommands({ bookings, queues, selling, isAdmin }: BookingCommandDeps): BookingCommands {
  return {
    book: {
      ...commands.book,
      rate: 'write',
      queues,
      run: async (input, caller) => {
        // A server that takes no money refuses priced events before their queue.
        const error = await selling.saleRefusal(input.eventId);
        return error ? { ok: false, error } : bookings.book(input, signedIn(caller).userId);
      },
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
    acknowledgeMove: {
      ...commands.acknowledgeMove,
      rate: 'write',
      run: (input, caller) => bookings.acknowledgeMove(input, signedIn(caller).userId),
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
