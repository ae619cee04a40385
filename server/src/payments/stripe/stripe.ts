import type Stripe from 'stripe';
import type { Now } from '#server/clock.ts';
import { ProviderRefused } from '../provider.ts';
import type { CheckoutRequest, CheckoutState, OpenedCheckout, PaymentProvider } from '../provider.ts';
import type { RefundRequest, RefundState } from '../provider.ts';
import { checkoutState, sessionParams } from './checkout.ts';
import { createStripeClient, type StripeSettings } from './client.ts';
import { isDeadKey, isRefusal, reasonOf } from './errors.ts';
import { refundParams, refundState } from './refunds.ts';
import { verifyWebhook } from './webhook.ts';

export interface StripeOptions extends StripeSettings {
  webhookSecret: string;
  now: Now;
}

/** Without it the payment is only named, and its state would cost a second question. */
const WITH_PAYMENT = { expand: ['payment_intent'] };

/** Payments by Stripe: its Checkout takes the money on a page of its own. */
export function createStripe(options: StripeOptions): PaymentProvider {
  const stripe = createStripeClient(options);
  const { sessions } = stripe.checkout;

  async function openCheckout(order: CheckoutRequest): Promise<OpenedCheckout> {
    const { id, url } = await sessions.create(sessionParams(order), { idempotencyKey: order.key }).catch((error) => {
      throw isRefusal(error) || isDeadKey(error) ? new ProviderRefused(reasonOf(error), { cause: error }) : error;
    });
    // Only a session that is open has a page.
    if (url === null) throw new ProviderRefused(`The checkout ${id} is over`);
    return { reference: id, url };
  }

  async function cancelCheckout(reference: string): Promise<CheckoutState> {
    try {
      return checkoutState(await sessions.expire(reference, WITH_PAYMENT));
    } catch (error) {
      // Not open any more: it is paid, being paid, or over, and Stripe's refusal does not say which.
      if (isRefusal(error)) return lookUp(reference);
      throw error;
    }
  }

  /**
   * Stripe forgets no session, so one that is missing belongs to another account's key: that is thrown and not refused,
   * for it may be paid all the same.
   */
  async function lookUp(reference: string): Promise<CheckoutState> {
    return checkoutState(await sessions.retrieve(reference, WITH_PAYMENT));
  }

  async function refund(order: RefundRequest): Promise<RefundState> {
    const params = refundParams(order);
    if (params === null) return { status: 'refused', reason: 'Stripe cannot move exactly this amount' };
    try {
      return refundState(await stripe.refunds.create(params, { idempotencyKey: order.key }));
    } catch (error) {
      // Stripe forgets a key after a day, and keeps a fault for one: whether the money went back is in its list.
      const made = isRefusal(error) || isDeadKey(error) ? await madeBefore(stripe, order) : undefined;
      if (made !== undefined) return refundState(made);
      if (isRefusal(error)) return { status: 'refused', reason: reasonOf(error) };
      throw error;
    }
  }

  return {
    name: 'stripe',
    ...{ openCheckout, cancelCheckout, lookUp, refund },
    lookUpRefund: async (reference) => refundState(await stripe.refunds.retrieve(reference)),
    verifyWebhook: (body, headers) => verifyWebhook({ body, headers }, options),
  };
}

async function madeBefore(stripe: Stripe, { charge, key }: RefundRequest): Promise<Stripe.Refund | undefined> {
  for await (const refund of stripe.refunds.list({ payment_intent: charge, limit: 100 }))
    if (refund.metadata?.['key'] === key) return refund;
  return undefined;
}
