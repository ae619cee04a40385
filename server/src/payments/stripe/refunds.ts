import type Stripe from 'stripe';
import type { RefundRequest, RefundState } from '../provider.ts';
import { toStripeAmount } from './amounts.ts';

/** Stripe's parameters of a refund, or null if Stripe cannot transfer exactly this amount. */
export function refundParams({ key, charge, amount }: RefundRequest): Stripe.RefundCreateParams | null {
  const stripeAmount = toStripeAmount(amount);
  return stripeAmount === null ? null : { payment_intent: charge, amount: stripeAmount, metadata: { key } };
}

/** The state of a refund. A failed or cancelled one is refused for good: its amount is back on the account. */
export function refundState({ id, status, failure_reason: reason }: Stripe.Refund): RefundState {
  if (status === 'succeeded') return { status: 'done', reference: id };
  if (status === 'failed' || status === 'canceled') return { status: 'refused', reason: reason ?? status };
  return { status: 'pending', reference: id };
}
