import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { CheckoutRequest, CheckoutState, RefundState } from './provider.ts';
import { ProviderRefused } from './provider.ts';
import type { Providers } from './providers.ts';
import { providerOf } from './providers.ts';
import type { SettlementPort } from './settlement-port.ts';

export interface ProviderGatewayOptions {
  models: Pick<Models, 'payments'>;
  providers: Providers;
  settlement: SettlementPort;
  log: Log;
}

/** How often what happened, for metrics: what is told again is not counted again. */
export type PaymentCounts = Record<
  'opened' | 'confirmed' | 'refunding' | 'mismatch' | 'declined' | 'unpaid' | 'refunded' | 'refundsRefused',
  number
>;

export type ProviderGateway = ReturnType<typeof createProviderGateway>;

/**
 * Asks the providers and tells the settlement what they say. Nothing here holds a transaction or a queue: each call may take
 * long, fail, or have worked although no answer came.
 */
export function createProviderGateway({ models, providers, settlement, log }: ProviderGatewayOptions) {
  const counts: PaymentCounts = {
    ...{ opened: 0, confirmed: 0, refunding: 0, mismatch: 0, declined: 0, unpaid: 0, refunded: 0, refundsRefused: 0 },
  };

  /** Called once it is known: "+= await" would add to what the count was before, and others count meanwhile. */
  function count(what: keyof PaymentCounts, isNew: boolean): void {
    counts[what] += Number(isNew);
  }

  /** The attempt with its checkout at the provider; opened now, or again by the same key where the answer was lost. */
  async function open(payment: PaymentDoc): Promise<PaymentDoc & { reference: string; url: string }> {
    if (hasCheckout(payment)) return payment;
    const { reference, url } = await providerOf(providers, payment.provider).openCheckout(checkoutRequestOf(payment));
    const { matchedCount } = await models.payments.updateOne(
      { _id: payment._id, reference: null },
      { $set: { reference, url } },
    );
    counts.opened += matchedCount;
    const stored = await models.payments.findById(payment._id).orFail().lean<PaymentDoc>();
    return { ...stored, reference, url };
  }

  /** Asks what became of a checkout, and tells the settlement. */
  async function look(payment: PaymentDoc): Promise<CheckoutState> {
    const ask = async () => {
      const { reference } = await open(payment);
      return providerOf(providers, payment.provider).lookUp(reference);
    };
    return tell(payment, await endedIfRefused(ask));
  }

  /** Ends a checkout, unless money was faster; tells the settlement which it was. */
  async function cancel(payment: PaymentDoc): Promise<CheckoutState> {
    const end = async () => {
      const { reference } = await open(payment);
      return providerOf(providers, payment.provider).cancelCheckout(reference);
    };
    return tell(payment, await endedIfRefused(end));
  }

  async function tell(payment: PaymentDoc, state: CheckoutState): Promise<CheckoutState> {
    if (state.status === 'paid') await paid(payment, state);
    if (state.status === 'ended' && payment.status !== 'ended') count('unpaid', await settlement.unpaid(payment));
    return state;
  }

  async function paid(payment: PaymentDoc, { charge, amount }: Extract<CheckoutState, { status: 'paid' }>) {
    if (payment.status === 'paid') return;
    const outcome = await settlement.paid(payment, { charge, amount });
    if (outcome) counts[outcome] += 1;
    if (outcome !== 'mismatch') return;
    const asked = { amount: payment.amount, currency: payment.currency };
    const about = { paymentId: payment._id, bookingId: payment.bookingId, came: amount, asked };
    log.error(about, 'Other money came than was asked for: nothing is confirmed, a person has to look at it');
  }

  async function declined(payment: PaymentDoc, at: Date): Promise<void> {
    count('declined', await settlement.declined(payment, at));
  }

  /** Gives money back, or asks how far that is. What is done or refused already is left alone. */
  async function refund(payment: PaymentDoc, refundKey: string): Promise<void> {
    const refund = payment.refunds.find(({ key }) => key === refundKey);
    if (!refund || refund.status === 'done' || refund.status === 'refused') return;
    const { key, tries, amount, reference } = refund;
    const provider = providerOf(providers, payment.provider);
    const { charge, paid: came } = payment;
    if (charge === null || came === null) throw new Error(`Payment ${String(payment._id)} has no money to give back`);
    const order = { key: `${key}:${tries}`, charge, amount: { amount, currency: came.currency } };
    const state = await refusedIfRefused(() =>
      reference === null ? provider.refund(order) : provider.lookUpRefund(reference),
    );
    const isNew = await settlement.refund(payment, { key, tries }, state);
    if (isNew) noteRefund(payment, key, state);
  }

  function noteRefund({ _id, bookingId }: PaymentDoc, refundKey: string, state: RefundState): void {
    if (state.status === 'done') counts.refunded += 1;
    if (state.status !== 'refused') return;
    counts.refundsRefused += 1;
    const about = { paymentId: _id, bookingId, refundKey, reason: state.reason };
    log.error(about, 'A refund was refused by the provider: it needs a person to look at it');
  }

  return { counts, open, look, cancel, declined, refund };
}

function hasCheckout(payment: PaymentDoc): payment is PaymentDoc & { reference: string; url: string } {
  return payment.reference !== null && payment.url !== null;
}

/** What can never be opened was never paid. */
async function endedIfRefused(ask: () => Promise<CheckoutState>): Promise<CheckoutState> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ProviderRefused) return { status: 'ended' };
    throw error;
  }
}

async function refusedIfRefused(give: () => Promise<RefundState>): Promise<RefundState> {
  try {
    return await give();
  } catch (error) {
    if (error instanceof ProviderRefused) return { status: 'refused', reason: error.message };
    throw error;
  }
}

/** The order as it was recorded: the same bytes each time. */
export function checkoutRequestOf(payment: PaymentDoc): CheckoutRequest {
  const { attempt, amount, currency, seats, terms } = payment;
  const bookingId = payment.bookingId.toHexString();
  return { ...terms, key: checkoutKey(bookingId, attempt), bookingId, attempt, amount: { amount, currency }, seats };
}

/** The key of an attempt at its provider. */
export function checkoutKey(bookingId: string, attempt: number): string {
  return `${bookingId}:${attempt}`;
}
