import type { Locale } from '#shared/account.ts';
import type { ProviderName, RefundCause } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** A payment as its booking shows it. */
export interface PaymentFacts {
  status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'refunded';
  provider: string;
  amount: number;
  refundedAmount: number;
  currency: string;
}

/** One decision to give money back. */
export interface Refund {
  key: string;
  amount: number;
  cause: RefundCause;
  reason: string | null;
  actor: string;
  requestId: string | null;
  status: 'ordered' | 'pending' | 'done' | 'refused';
  reference: string | null;
  error: string | null;
  tries: number;
  at: Date;
  doneAt: Date | null;
}

/** What the provider is told of the sale. */
export interface Terms {
  title: string;
  venue: string;
  timeZone: string;
  startsAt: Date;
  locale: Locale;
  email: string;
  heldUntil: Date;
  expiresAt: Date;
  returnUrl: string;
}

/** An attempt to pay for a booking, and what became of its money. */
export interface Attempt {
  id: string;
  version: number;
  bookingId: string;
  userId: string;
  /** 1 for the first. */
  attempt: number;
  provider: ProviderName;
  amount: Money;
  seats: number;
  terms: Terms;
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  cancellingSince: Date | null;
  declined: boolean;
  /** When a card was refused last, by the provider's clock: what it tells again is known by it. */
  declinedAt: Date | null;
  extended: boolean;
  charge: string | null;
  paid: Money | null;
  paidAt: Date | null;
  bought: boolean;
  mismatch: boolean;
  refunds: readonly Refund[];
  createdAt: Date;
}

/** The checkout that can still be paid: a booking has one at most. */
export function liveAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(({ status }) => status === 'open' || status === 'cancelling');
}

/** The attempt whose money bought the booking. */
export function buyingAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(({ bought }) => bought);
}

/** What of its money is ours to keep: everything but what goes back or has gone, in minor units. */
export function keptAmount({ paid, refunds }: Pick<Attempt, 'paid' | 'refunds'>): number {
  return (paid?.amount ?? 0) - refunds.reduce((sum, { amount }) => sum + amount, 0);
}

/** How a booking shows its attempts: by the one that bought it, else by money that came, else by the last. */
export function paymentFactsOf(attempts: readonly Attempt[]): PaymentFacts | null {
  const shown =
    buyingAttempt(attempts) ?? attempts.findLast(({ status }) => status === 'paid') ?? attempts.at(-1) ?? null;
  if (!shown) return null;
  const { amount, currency } = shown.paid ?? shown.amount;
  const done = shown.refunds.filter(({ status }) => status === 'done');
  const refundedAmount = done.reduce((sum, refund) => sum + refund.amount, 0);
  return { status: paymentStatusOf(shown, refundedAmount), provider: shown.provider, amount, refundedAmount, currency };
}

function paymentStatusOf(attempt: Attempt, refundedAmount: number): PaymentFacts['status'] {
  if (attempt.status === 'ended') return 'failed';
  if (attempt.status !== 'paid') return attempt.declined ? 'failed' : 'pending';
  if (attempt.refunds.some(({ status }) => status !== 'done')) return 'refunding';
  if (refundedAmount >= (attempt.paid?.amount ?? 0)) return 'refunded';
  return attempt.mismatch ? 'pending' : 'succeeded';
}

export function isSamePayment(a: PaymentFacts | null, b: PaymentFacts | null): boolean {
  if (!a || !b) return a === b;
  return a.status === b.status && a.refundedAmount === b.refundedAmount && a.amount === b.amount;
}

/** The key under which one organiser's refund is remembered. */
export function refundRequestKey(actor: string, requestId: string): string {
  return `${actor}:${requestId}`;
}
