import type { Locale } from '#shared/account.ts';
import type { CheckoutLine, ProviderName, RefundCause } from '#shared/checkout.ts';
import { isReversal } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

// Amounts are minor units.

/** A payment as its booking shows it. */
export interface PaymentFacts {
  status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'refunded';
  provider: string;
  amount: number;
  refundedAmount: number;
  currency: string;
  /** A payment is under way at the provider: its outcome is awaited, and nothing is to be paid again. */
  processing?: true;
  /** The buyer's bank disputes the payment, and the dispute is not decided yet. */
  disputed?: true;
}

/** Tickets as a receipt names them. */
export interface PaidTickets {
  seats: number;
  /** Absent for seats of one price without a voucher. */
  lines?: readonly CheckoutLine[];
}

/**
 * One decision to return money, carried out once, however often its job runs; or a reversal: money that went back
 * without a decision here (cause `provider` or `dispute`), noted as the provider lists it.
 */
export interface Refund {
  /** Payment id and number; together with `tries` the idempotency key for the provider. */
  key: string;
  /** In minor units; 0 once void. */
  amount: number;
  /** The cancelled tickets whose price it gives back; absent where it gives back money alone. */
  tickets?: PaidTickets;
  cause: RefundCause;
  reason: string | null;
  /** A user's id, or `system`. */
  actor: string;
  /** The request id of the organiser's command; `null` for a refund that no command asked for. */
  requestId: string | null;
  /**
   * `ordered`: not sent to the provider yet; `refused`: the provider refused it, and a person must examine it;
   * `disputed`: the bank holds the money until the dispute is decided; `void`: it moves no money, since the money went
   * back by hand instead, or since the reversal failed.
   */
  status: 'ordered' | 'pending' | 'done' | 'refused' | 'disputed' | 'void';
  /** The provider's id of the refund or dispute. */
  reference: string | null;
  error: string | null;
  /** How often the refund was sent again after the provider had refused it. */
  tries: number;
  at: Date;
  doneAt: Date | null;
  /** Of a reversal: when an organiser decided that the booking stays valid all the same. */
  acceptedAt?: Date;
}

/** The terms sent to the provider, stored so that a retry sends the same. */
export interface CheckoutTerms {
  title: string;
  venue: string;
  timeZone: string;
  startsAt: Date;
  locale: Locale;
  /** Empty once the buyer's account is gone. */
  email: string;
  heldUntil: Date;
  expiresAt: Date;
  returnUrl: string;
  /** The tax in the price, in per cent; absent where the event had no rate. */
  taxRate?: number;
  /** Absent for seats of one price without a voucher, and in payments from before there were ticket types. */
  lines?: readonly CheckoutLine[];
}

/** An attempt to pay for a booking, with its payment and refunds. */
export interface Attempt {
  id: string;
  version: number;
  bookingId: string;
  userId: string;
  /** 1 for the booking's first. */
  attempt: number;
  provider: ProviderName;
  /** What is to be paid. */
  amount: Money;
  seats: number;
  terms: CheckoutTerms;
  /** `cancelling`: the provider is asked to end the checkout, and has not confirmed that yet. */
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  cancellingSince: Date | null;
  /** Whether the provider says that a payment is under way. */
  processing?: boolean;
  /** Whether the last card was declined, and the buyer has not tried again since. */
  declined: boolean;
  /** When a card was last declined, by the provider's clock: a repeated notice is recognised by it. */
  declinedAt: Date | null;
  /** Whether a declined card has given the hold more time. */
  extended: boolean;
  /** The provider's id of the payment. */
  charge: string | null;
  paid: Money | null;
  paidAt: Date | null;
  /** Whether the payment bought the booking. */
  bought: boolean;
  /** Whether another amount was paid than asked for. */
  mismatch: boolean;
  refunds: readonly Refund[];
  createdAt: Date;
}

/** What is known of an attempt before its provider hears of it. */
type NewAttempt = Pick<
  Attempt,
  'id' | 'bookingId' | 'userId' | 'attempt' | 'provider' | 'amount' | 'seats' | 'terms' | 'createdAt'
>;

/** An open attempt for which nothing was paid. */
export function newAttempt(known: NewAttempt): Attempt {
  return {
    ...known,
    version: 0,
    status: 'open',
    cancellingSince: null,
    declined: false,
    declinedAt: null,
    extended: false,
    charge: null,
    paid: null,
    paidAt: null,
    bought: false,
    mismatch: false,
    refunds: [],
  };
}

/** The attempt whose checkout can still be paid: a booking has one at most. */
export function liveAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(isLive);
}

function isLive({ status }: Attempt): boolean {
  return status === 'open' || status === 'cancelling';
}

/** The attempt whose payment bought the booking. */
export function buyingAttempt(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.find(({ bought }) => bought);
}

/** What was paid less all refunds, those on their way included; 0 also if a dispute took what was refunded before. */
export function keptAmount({ paid, refunds }: Pick<Attempt, 'paid' | 'refunds'>): number {
  return Math.max(0, (paid?.amount ?? 0) - refundSum(refunds));
}

export function refundSum(refunds: readonly Pick<Refund, 'amount'>[]): number {
  return refunds.reduce((sum, { amount }) => sum + amount, 0);
}

/** Whether a reversal took money, or may, and no organiser has decided yet that its booking stays valid. */
export function isOpenReversal(refund: Refund): boolean {
  return isReversal(refund) && refund.status !== 'void' && refund.acceptedAt === undefined;
}

/** Whether a refund moves no more money: it is done, or void. */
export function isConcluded({ status }: Pick<Refund, 'status'>): boolean {
  return status === 'done' || status === 'void';
}

/** The payment that a booking shows: of the attempt that bought it, else of the last paid one, else of the last one. */
export function paymentFactsOf(attempts: readonly Attempt[]): PaymentFacts | null {
  const shown =
    buyingAttempt(attempts) ?? attempts.findLast(({ status }) => status === 'paid') ?? attempts.at(-1) ?? null;
  if (!shown) return null;
  const { amount, currency } = shown.paid ?? shown.amount;
  const refundedAmount = refundSum(shown.refunds.filter(({ status }) => status === 'done'));
  const status = paymentStatusOf(shown, refundedAmount);
  return {
    status,
    provider: shown.provider,
    amount,
    refundedAmount,
    currency,
    ...(shown.processing && isLive(shown) && { processing: true as const }),
    ...(shown.refunds.some((refund) => refund.status === 'disputed') && { disputed: true as const }),
  };
}

function paymentStatusOf(attempt: Attempt, refundedAmount: number): PaymentFacts['status'] {
  if (attempt.status === 'ended') return 'failed';
  if (attempt.status !== 'paid') return attempt.declined ? 'failed' : 'pending';
  // A dispute may still be decided for the organiser.
  if (attempt.refunds.some((refund) => !isConcluded(refund) && refund.status !== 'disputed')) return 'refunding';
  if (refundedAmount >= (attempt.paid?.amount ?? 0)) return 'refunded';
  return attempt.mismatch ? 'pending' : 'succeeded';
}

export function isSamePayment(a: PaymentFacts | null, b: PaymentFacts | null): boolean {
  if (!a || !b) return a === b;
  if (a.processing !== b.processing || a.disputed !== b.disputed) return false;
  const isSamePrice = a.amount === b.amount && a.currency === b.currency;
  return a.status === b.status && a.refundedAmount === b.refundedAmount && isSamePrice;
}

/** The key under which one organiser's refund request is remembered. */
export function refundRequestKey(actor: string, requestId: string): string {
  return `${actor}:${requestId}`;
}
