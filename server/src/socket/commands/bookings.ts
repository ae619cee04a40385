import type { VoucherGuesses } from '#server/accounts/guessing/voucher-guesses.ts';
import type { Bookings } from '#server/booking/bookings.ts';
import type { Selling } from '#server/booking/payments/selling.ts';
import type { CommandInput } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { Caller, CommandTable, EventQueues } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type BookingCommands = Pick<
  CommandTable,
  | 'book'
  | 'changeHold'
  | 'confirmBooking'
  | 'acknowledgeMove'
  | 'shareTicket'
  | 'revokeTicket'
  | 'getBooking'
  | 'cancelBooking'
  | 'listBookings'
>;

export interface BookingCommandDeps {
  bookings: Bookings;
  queues: EventQueues;
  selling: Pick<Selling, 'saleRefusal'>;
  codeGuesses: Pick<VoucherGuesses, 'guardBooking'>;
  isAdmin: (caller: Caller) => Promise<boolean>;
}

/** Commands on bookings, for their owners; admins may read and cancel those of others. */
export function bookingCommands(deps: BookingCommandDeps): BookingCommands {
  const { bookings, queues, selling, codeGuesses, isAdmin } = deps;
  return {
    book: {
      ...commands.book,
      isForProvisional: true,
      rate: 'write',
      queues,
      run: async (input, caller) => {
        // A server that takes no money refuses priced events before their queue.
        const error = await selling.saleRefusal(input.eventId);
        if (error) return { ok: false, error };
        const buyer = signedIn(caller);
        return codeGuesses.guardBooking(codeOf(input), buyer, () =>
          bookings.book(input, buyer.userId, buyer.isProvisional),
        );
      },
    },
    changeHold: {
      ...commands.changeHold,
      isForProvisional: true,
      rate: 'write',
      run: (input, caller) => {
        const buyer = signedIn(caller);
        return codeGuesses.guardBooking(codeOf(input), buyer, () => bookings.changeHold(input, buyer.userId));
      },
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
    shareTicket: {
      ...commands.shareTicket,
      rate: 'write',
      run: (input, caller) => bookings.changePersonalTicket('shareTicket', input, signedIn(caller).userId),
    },
    revokeTicket: {
      ...commands.revokeTicket,
      rate: 'write',
      run: (input, caller) => bookings.changePersonalTicket('revokeTicket', input, signedIn(caller).userId),
    },
    getBooking: {
      ...commands.getBooking,
      isForProvisional: true,
      rate: 'read',
      run: (input, caller) => bookings.get(input.bookingId, signedIn(caller).userId, () => isAdmin(caller)),
    },
    cancelBooking: {
      ...commands.cancelBooking,
      isForProvisional: true,
      rate: 'write',
      run: (input, caller) => bookings.cancel(input, signedIn(caller).userId, () => isAdmin(caller)),
    },
    listBookings: {
      ...commands.listBookings,
      isForProvisional: true,
      rate: 'read',
      run: async (input, caller) => bookings.list(input, signedIn(caller).userId),
    },
  };
}

/** The code of the voucher that a command names. */
function codeOf(input: CommandInput<'book'> | CommandInput<'changeHold'>): string | undefined {
  return 'voucher' in input ? input.voucher : undefined;
}
