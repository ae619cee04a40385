import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { ProviderGateway } from '#server/payments/provider-gateway.ts';
import type { CheckoutState } from '#server/payments/provider.ts';
import { findOpenPayments } from '../store/queries/payment-queries.ts';

interface AccountPaymentsOptions {
  models: Pick<Models, 'payments'>;
  gateway: Pick<ProviderGateway, 'look' | 'cancel'>;
  log: Log;
}

/** The payments of one account that may still arrive: an account cannot be closed before. */
export function createAccountPayments({ models, gateway, log }: AccountPaymentsOptions) {
  /**
   * Asks the providers about the account's checkouts, and has settled what they report. Resolves with the ids of the
   * bookings whose payment is under way, or may be, since the provider does not answer.
   */
  async function findPaying(userId: string): Promise<string[]> {
    const open = await findOpenPayments(models, userId);
    const states = await Promise.all(open.map((payment) => ask(payment, gateway.look)));
    const paying = open.filter((_, i) => states[i] === 'processing' || states[i] === 'unknown');
    return paying.map(({ bookingId }) => bookingId.toHexString());
  }

  /** Ends the account's checkouts at the providers, as far as they answer; jobs go on with the others. */
  async function endCheckouts(userId: string): Promise<void> {
    const open = await findOpenPayments(models, userId);
    await Promise.all(open.map((payment) => ask(payment, gateway.cancel)));
  }

  async function ask(
    payment: PaymentDoc,
    call: (payment: PaymentDoc) => Promise<CheckoutState>,
  ): Promise<CheckoutState['status'] | 'unknown'> {
    try {
      return (await call(payment)).status;
    } catch (error) {
      log.warn({ paymentId: payment._id, err: error }, 'A checkout of an account to close has no outcome yet');
      return 'unknown';
    }
  }

  return { findPaying, endCheckouts };
}
