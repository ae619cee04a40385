import type { Log } from '#server/log.ts';
import { isReversal } from '#shared/checkout.ts';
import type { Models } from '#server/models/models.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { CheckoutRequest, CheckoutState, Providers, RefundState } from './provider.ts';
import { AmountTooSmall, ProviderRefused, providerOf } from './provider.ts';
import type { SettlementPort } from './settlement-port.ts';

type RefundRecord = PaymentDoc['refunds'][number];

/** Refunds whose outcome the provider has not reported yet. */
const AWAITED: ReadonlySet<RefundRecord['status']> = new Set(['ordered', 'pending', 'disputed']);

interface ProviderGatewayOptions {
  models: Pick<Models, 'payments'>;
  providers: Providers;
  settlement: SettlementPort;
  log: Log;
}

/** Outcomes of payments for metrics, each counted once however often a provider reports it. */
type PaymentCounts = Record<
  'opened' | 'confirmed' | 'refunding' | 'mismatch' | 'declined' | 'unpaid' | 'refunded' | 'refundsRefused',
  number
>;

export type ProviderGateway = ReturnType<typeof createProviderGateway>;

/**
 * Calls the providers and reports their answers to the settlement. No call holds a transaction or an event's queue: it
 * may take long, fail, or have worked although no answer came.
 */
export function createProviderGateway({ models, providers, settlement, log }: ProviderGatewayOptions) {
  const counts: PaymentCounts = {
    opened: 0,
    confirmed: 0,
    refunding: 0,
    mismatch: 0,
    declined: 0,
    unpaid: 0,
    refunded: 0,
    refundsRefused: 0,
  };

  /** Takes a value that was awaited before: "+= await" would add to the count as it was before other calls counted. */
  function count(outcome: keyof PaymentCounts, isNew: boolean): void {
    counts[outcome] += Number(isNew);
  }

  /** The attempt with its checkout at the provider, opened now, or again by the same key if the answer was lost. */
  async function open(payment: PaymentDoc): Promise<PaymentDoc & { reference: string; url: string }> {
    if (hasCheckout(payment)) return payment;
    const provider = providerOf(providers, payment.provider);
    const { reference, url } = await provider.openCheckout(checkoutRequestOf(payment)).catch(async (error) => {
      if (error instanceof AmountTooSmall)
        await models.payments.updateOne({ _id: payment._id }, { $set: { isTooSmall: true } });
      throw error;
    });
    const { matchedCount } = await models.payments.updateOne(
      { _id: payment._id, reference: null },
      { $set: { reference, url } },
    );
    counts.opened += matchedCount;
    const stored = await models.payments.findById(payment._id).orFail().lean<PaymentDoc>();
    return { ...stored, reference, url };
  }

  /** Looks up the state of a checkout and reports it. */
  async function look(payment: PaymentDoc): Promise<CheckoutState> {
    const state = await endedIfRefused(async () => {
      const { reference } = await open(payment);
      return providerOf(providers, payment.provider).lookUp(reference);
    });
    return report(payment, state);
  }

  /** Ends a checkout unless the payment was faster, and reports the state after that. */
  async function cancel(payment: PaymentDoc): Promise<CheckoutState> {
    const state = await endedIfRefused(async () => {
      const { reference } = await open(payment);
      return providerOf(providers, payment.provider).cancelCheckout(reference);
    });
    return report(payment, state);
  }

  async function report(payment: PaymentDoc, state: CheckoutState): Promise<CheckoutState> {
    if (state.status === 'paid') await reportPaid(payment, state);
    const isUnderWay = state.status === 'processing';
    if (isUnderWay !== (payment.processing ?? false) && (isUnderWay || state.status === 'open'))
      await settlement.processing(payment, isUnderWay);
    if (state.status === 'ended' && payment.status !== 'ended') count('unpaid', await settlement.unpaid(payment));
    return state;
  }

  async function reportPaid(payment: PaymentDoc, { charge, amount }: Extract<CheckoutState, { status: 'paid' }>) {
    if (payment.status === 'paid') return;
    const outcome = await settlement.paid(payment, { charge, amount });
    if (outcome) counts[outcome] += 1;
    if (outcome !== 'mismatch') return;
    const requested = { amount: payment.amount, currency: payment.currency };
    const about = { paymentId: payment._id, bookingId: payment.bookingId, paid: amount, requested };
    log.error(about, 'The paid amount is not the requested one: nothing is confirmed, a person must examine it');
  }

  async function declined(payment: PaymentDoc, at: Date): Promise<void> {
    count('declined', await settlement.declined(payment, at));
  }

  /** Sends a refund, or looks up its state, and reports it. A refund that is done or refused already is left alone. */
  async function refund(payment: PaymentDoc, refundKey: string): Promise<void> {
    const refund = payment.refunds.find(({ key }) => key === refundKey);
    if (!refund || !AWAITED.has(refund.status)) return;
    if (isReversal(refund)) return void (await lookAtCharge(payment));
    const { key, tries, amount, reference } = refund;
    const provider = providerOf(providers, payment.provider);
    const { charge, paid } = payment;
    if (charge === null || paid === null) throw new Error(`Payment ${String(payment._id)} has no charge to refund`);
    const request = { key: `${key}:${tries}`, charge, amount: { amount, currency: paid.currency } };
    const state = await refusedIfRefused(() =>
      reference === null ? provider.refund(request) : provider.lookUpRefund(reference),
    );
    // Stripe refuses a refund of what was given back by hand: then the payment itself changes, and no person is needed.
    if (state.status === 'refused' && (await isOvertaken(payment, refund))) return;
    const isNew = await settlement.refund(payment, { key, tries }, state);
    if (isNew) countRefund(payment, key, state);
  }

  /** Whether reversals of the charge leave less for a refund than was decided; its job then sends what is left. */
  async function isOvertaken(payment: PaymentDoc, { key, tries, amount }: RefundRecord): Promise<boolean> {
    const after = (await lookAtCharge(payment)).find((refund) => refund.key === key);
    return after !== undefined && (after.tries !== tries || after.amount !== amount);
  }

  /** Looks up all refunds and disputes of a payment's charge and reports them; resolves with the refunds after that. */
  async function lookAtCharge(payment: PaymentDoc): Promise<PaymentDoc['refunds']> {
    if (payment.charge === null) return payment.refunds;
    const reversals = await providerOf(providers, payment.provider).listReversals(payment.charge);
    return settlement.reversals(payment, reversals);
  }

  function countRefund({ _id, bookingId }: PaymentDoc, refundKey: string, state: RefundState): void {
    if (state.status === 'done') counts.refunded += 1;
    if (state.status !== 'refused') return;
    counts.refundsRefused += 1;
    const about = { paymentId: _id, bookingId, refundKey, reason: state.reason };
    log.error(about, 'The provider refused a refund: a person must examine it');
  }

  return { counts, open, look, cancel, declined, refund, lookAtCharge };
}

function hasCheckout(payment: PaymentDoc): payment is PaymentDoc & { reference: string; url: string } {
  return payment.reference !== null && payment.url !== null;
}

/** A checkout that can never be opened was never paid. */
async function endedIfRefused(call: () => Promise<CheckoutState>): Promise<CheckoutState> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ProviderRefused) return { status: 'ended' };
    throw error;
  }
}

async function refusedIfRefused(call: () => Promise<RefundState>): Promise<RefundState> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ProviderRefused) return { status: 'refused', reason: error.message };
    throw error;
  }
}

/** The request as it was recorded with the attempt: the same bytes each time. */
function checkoutRequestOf(payment: PaymentDoc): CheckoutRequest {
  const { attempt, amount, currency, seats, terms } = payment;
  const bookingId = payment.bookingId.toHexString();
  return { ...terms, key: checkoutKey(bookingId, attempt), bookingId, attempt, amount: { amount, currency }, seats };
}

/** The key of an attempt at its provider. */
function checkoutKey(bookingId: string, attempt: number): string {
  return `${bookingId}:${attempt}`;
}
