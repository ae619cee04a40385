import type Stripe from 'stripe';
import type { Now } from '#server/clock.ts';
import { AmountTooSmall, ProviderRefused } from '../provider.ts';
import type {
  CheckoutRequest,
  CheckoutState,
  OpenedCheckout,
  PaymentProvider,
  RefundRequest,
  RefundState,
} from '../provider.ts';
import { toStripeAmount } from './amounts.ts';
import { checkoutState, sessionParams } from './checkout.ts';
import { createStripeClient, type StripeSettings } from './client.ts';
import { isDeadKey, isRefusal, reasonOf } from './errors.ts';
import { createReversals } from './reversals.ts';
import { verifyWebhook } from './webhook.ts';

interface StripeOptions extends StripeSettings {
  webhookSecret: string;
  now: Now;
}

/** Without it Stripe returns only the payment intent's id, and its state would cost a second request. */
const WITH_PAYMENT = { expand: ['payment_intent'] };

/** Payments by Stripe Checkout, on a page of Stripe. */
export function createStripe(options: StripeOptions): PaymentProvider {
  const stripe = createStripeClient(options);
  const { sessions } = stripe.checkout;

  async function openCheckout(request: CheckoutRequest): Promise<OpenedCheckout> {
    const { id, url } = await sessions
      .create(sessionParams(request), { idempotencyKey: request.key })
      .catch((error) => {
        if (isRefusal(error) && error.code === 'amount_too_small') throw new AmountTooSmall(reasonOf(error));
        throw isRefusal(error) || isDeadKey(error) ? new ProviderRefused(reasonOf(error), { cause: error }) : error;
      });
    // Only an open session has a page.
    if (url === null) throw new ProviderRefused(`The checkout ${id} is over`);
    return { reference: id, url };
  }

  async function cancelCheckout(reference: string): Promise<CheckoutState> {
    try {
      return checkoutState(await sessions.expire(reference, WITH_PAYMENT));
    } catch (error) {
      // The session is paid, being paid or expired, and Stripe's refusal does not say which.
      if (isRefusal(error)) return lookUp(reference);
      throw error;
    }
  }

  /**
   * Throws for a missing session instead of refusing it: Stripe keeps all sessions, so the secret key belongs to another
   * account, and the session may be paid all the same.
   */
  async function lookUp(reference: string): Promise<CheckoutState> {
    return checkoutState(await sessions.retrieve(reference, WITH_PAYMENT));
  }

  async function refund(request: RefundRequest): Promise<RefundState> {
    const params = refundParams(request);
    if (params === null) return { status: 'refused', reason: 'Stripe cannot transfer exactly this amount' };
    try {
      return refundState(await stripe.refunds.create(params, { idempotencyKey: request.key }));
    } catch (error) {
      // Stripe drops a key after a day, and replays a failure until then: its list shows whether the refund was made.
      const made = isRefusal(error) || isDeadKey(error) ? await findRefund(stripe, request) : undefined;
      if (made !== undefined) return refundState(made);
      if (isRefusal(error)) return { status: 'refused', reason: reasonOf(error) };
      throw error;
    }
  }

  return {
    name: 'stripe',
    openCheckout,
    cancelCheckout,
    lookUp,
    refund,
    lookUpRefund: async (reference) => refundState(await stripe.refunds.retrieve(reference)),
    ...createReversals(stripe),
    verifyWebhook: (body, headers) => verifyWebhook({ body, headers }, options),
  };
}

async function findRefund(stripe: Stripe, { charge, key }: RefundRequest): Promise<Stripe.Refund | undefined> {
  for await (const refund of stripe.refunds.list({ payment_intent: charge, limit: 100 }))
    if (refund.metadata?.['key'] === key) return refund;
  return undefined;
}

/** Stripe's parameters of a refund, or null if Stripe cannot transfer exactly this amount. */
function refundParams({ key, charge, amount }: RefundRequest): Stripe.RefundCreateParams | null {
  const stripeAmount = toStripeAmount(amount);
  return stripeAmount === null ? null : { payment_intent: charge, amount: stripeAmount, metadata: { key } };
}

/** The state of a refund. A failed or cancelled one is refused for good: its amount is back on the account. */
function refundState({ id, status, failure_reason: reason }: Stripe.Refund): RefundState {
  if (status === 'succeeded') return { status: 'done', reference: id };
  if (status === 'failed' || status === 'canceled') return { status: 'refused', reason: reason ?? status };
  return { status: 'pending', reference: id };
}
