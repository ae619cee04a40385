import Stripe from 'stripe';
import type { PaymentProvider, Reversal, ReversalPage } from '../provider.ts';
import { fromStripeAmount } from './amounts.ts';

/** A dispute may be decided this long after its beginning, by which it is listed. */
const DISPUTE_S = 120 * 86_400;
/** Stripe's longest page. */
const PAGE = 100;
/** The first part of a cursor: which list it continues. Refunds come first. */
type List = 'refunds' | 'disputes';

/** Refunds and disputes as Stripe lists them, those made in its dashboard included. */
export function createReversals(stripe: Stripe): Pick<PaymentProvider, 'listReversals' | 'listReversalsSince'> {
  async function listReversals(charge: string): Promise<Reversal[]> {
    const reversals: Reversal[] = [];
    for await (const refund of stripe.refunds.list({ payment_intent: charge, limit: PAGE }))
      reversals.push(...ofRefund(refund));
    const { data } = await stripe.disputes.list({ payment_intent: charge, limit: PAGE }).catch(noneIfForbidden);
    return [...reversals, ...data.flatMap(ofDispute)];
  }

  async function listReversalsSince(since: Date, cursor: string | null): Promise<ReversalPage> {
    const [list, last] = (cursor ?? 'refunds').split(' ') as [List, string | undefined];
    const created = { gte: Math.floor(since.getTime() / 1000) };
    const params = { created, limit: PAGE, ...(last !== undefined && { starting_after: last }) };
    if (list === 'refunds') {
      const { data, has_more: isMore } = await stripe.refunds.list(params);
      return { reversals: data.flatMap(ofRefund), next: isMore ? `refunds ${lastId(data)}` : 'disputes' };
    }
    const began = { gte: created.gte - DISPUTE_S };
    const { data, has_more: isMore } = await stripe.disputes.list({ ...params, created: began });
    return { reversals: data.flatMap(ofDispute), next: isMore ? `disputes ${lastId(data)}` : null };
  }

  return { listReversals, listReversalsSince };
}

/** A restricted key may not read disputes; refunds must not wait for that. `listReversalsSince` reports it. */
function noneIfForbidden(error: unknown): { data: Stripe.Dispute[] } {
  if (error instanceof Stripe.errors.StripePermissionError) return { data: [] };
  throw error;
}

function lastId(data: readonly { id: string }[]): string {
  return data.at(-1)?.id ?? '';
}

function ofRefund({ id, payment_intent, amount, currency, metadata, status }: Stripe.Refund): Reversal[] {
  const isFailed = status === 'failed' || status === 'canceled';
  return ofCharge(payment_intent, {
    reference: id,
    kind: 'refund',
    key: metadata?.['key'] ?? null,
    amount: fromStripeAmount(amount, currency),
    status: isFailed ? 'failed' : status === 'succeeded' ? 'done' : 'pending',
  });
}

function ofDispute({ id, payment_intent, amount, currency, status }: Stripe.Dispute): Reversal[] {
  const money = fromStripeAmount(amount, currency);
  return ofCharge(payment_intent, {
    reference: id,
    kind: 'dispute',
    key: null,
    amount: money,
    status: NO_MONEY.has(status) ? 'failed' : status === 'lost' ? 'done' : 'pending',
  });
}

/** States of a dispute that takes no money: won, or only an inquiry so far. https://docs.stripe.com/disputes/inquiries */
const NO_MONEY: ReadonlySet<string> = new Set([
  'won',
  'prevented',
  'warning_closed',
  'warning_needs_response',
  'warning_under_review',
]);

/** None without a payment intent, which every charge of this server has. */
function ofCharge(charge: string | Stripe.PaymentIntent | null, reversal: Omit<Reversal, 'charge'>): Reversal[] {
  if (charge === null) return [];
  return [{ ...reversal, charge: typeof charge === 'string' ? charge : charge.id }];
}
