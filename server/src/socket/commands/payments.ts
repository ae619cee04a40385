import type { Checkouts } from '#server/booking/payments/checkouts.ts';
import type { Refunds } from '#server/booking/payments/refunds.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { CommandTable } from '../command-definition.ts';
import { signedIn } from '../command-definition.ts';

type PaymentCommands = Pick<
  CommandTable,
  'checkout' | 'refundBooking' | 'listPaymentTroubles' | 'retryPayment' | 'keepBooking'
>;

export interface PaymentCommandDeps {
  checkouts: Checkouts;
  refunds: Refunds;
}

/** Commands on payments: buyers pay, organisers refund and resolve payment issues. */
export function paymentCommands({ checkouts, refunds }: PaymentCommandDeps): PaymentCommands {
  return {
    checkout: {
      ...commands.checkout,
      rate: 'write',
      run: (input, caller) => checkouts.checkout(input, signedIn(caller).userId),
    },
    refundBooking: {
      ...commands.refundBooking,
      rate: 'write',
      run: (input, caller) => refunds.refundBooking(input, signedIn(caller).userId),
    },
    listPaymentTroubles: {
      ...commands.listPaymentTroubles,
      rate: 'read',
      run: (input) => refunds.listIssues(input),
    },
    keepBooking: {
      ...commands.keepBooking,
      rate: 'write',
      run: (input, caller) => refunds.keepBooking(input, signedIn(caller).userId),
    },
    retryPayment: {
      ...commands.retryPayment,
      rate: 'write',
      run: (input, caller) => refunds.retry(input, signedIn(caller).userId),
    },
  };
}
