import type Stripe from 'stripe';
import type { RefundRequest, RefundState } from '../provider.ts';
import { toStripeAmount } from './amounts.ts';

/** The request that gives money back, or null where Stripe cannot move exactly this much. */
export function refundParams({ key, charge, amount }: RefundRequest): Stripe.RefundCreateParams | null {
  const part = toStripeAmount(amount);
  return part === null ? null : { payment_intent: charge, amount: part, metadata: { key } };
}

/** What Stripe says of a refund. One that failed or was called off is over: its money is back on the account. */
export function refundState({ id, status, failure_reason: reason }: Stripe.Refund): RefundState {
  if (status === 'succeeded') return { status: 'done', reference: id };
  if (status === 'failed' || status === 'canceled') return { status: 'refused', reason: reason ?? status };
  return { status: 'pending', reference: id };
}
