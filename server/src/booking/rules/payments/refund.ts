import { chargeStep, roundDown } from '#shared/money/charge.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Outcome } from '../command.ts';
import { paymentNotificationJob } from '../notify.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { Cause } from '../state/ledger-entry.ts';
import type { BookingState, LineItem } from '../state/booking-state.ts';
import { nextVersion, withReason } from '../state/booking-state.ts';
import { totalOf } from '../tickets/line-items.ts';
import type { Attempt, Refund } from './attempt.ts';
import { buyingAttempt, isConcluded, isSamePayment, keptAmount, paymentFactsOf, refundRequestKey } from './attempt.ts';
import type { RefundPart, RetryRefund, UpdateRefund } from './command.ts';

/** Kinds of the jobs that carry a refund out, and that end a checkout at the provider. */
export const REFUND_JOB = 'refund';
export const CANCEL_CHECKOUT_JOB = 'cancel-checkout';

type NewRefund = Pick<Refund, 'amount' | 'tickets' | 'cause' | 'reason' | 'actor' | 'requestId'>;

/** Adds a refund to an attempt, with the job that carries it out. */
export function addRefund(draft: BatchDraft, attempt: Attempt, refund: NewRefund): Attempt {
  const key = `${attempt.id}.${attempt.refunds.length + 1}`;
  const fresh = { status: 'ordered', reference: null, error: null, tries: 1, at: draft.now, doneAt: null } as const;
  const after = { ...attempt, refunds: [...attempt.refunds, { key, ...refund, ...fresh }] };
  draft.attempts.put(after);
  addRefundJob(draft, attempt.id, key, 1);
  return after;
}

/** Adds the job that carries out this try of a refund. */
export function addRefundJob(draft: BatchDraft, paymentId: string, refundKey: string, tries: number): void {
  const payload = { eventId: draft.event.id, paymentId, refundKey, tries };
  draft.addJob({ key: `${REFUND_JOB}:${refundKey}:${tries}`, kind: REFUND_JOB, payload });
}

/**
 * Starts to cancel an open checkout, with the job that tells the provider; a checkout that is being cancelled stays as
 * it is.
 */
export function startCancelling(draft: BatchDraft, attempt: Attempt): Attempt {
  if (attempt.status !== 'open') return attempt;
  const after: Attempt = { ...attempt, status: 'cancelling', cancellingSince: draft.now };
  draft.attempts.put(after);
  const payload = { eventId: draft.event.id, paymentId: attempt.id };
  draft.addJob({ key: `${CANCEL_CHECKOUT_JOB}:${attempt.id}`, kind: CANCEL_CHECKOUT_JOB, payload });
  return after;
}

/**
 * The refund for some of a booking's tickets, in minor units: their price, at most what has not been refunded yet,
 * rounded down to the provider's step. `null`: all that has not been refunded yet.
 */
export function refundFor(attempt: Attempt, tickets: readonly LineItem[] | null): number {
  const kept = keptAmount(attempt);
  return roundDown(tickets === null ? kept : Math.min(kept, totalOf(tickets).amount), refundStep(attempt));
}

/**
 * Refunds part of the price; the same request again gives the same outcome. `INVALID_STATE` if the booking was not paid
 * for, less is kept than `amount`, or the provider refunds in larger steps; `REQUEST_ID_REUSED` for other input under a
 * known request id.
 */
export function refundPart(draft: BatchDraft, command: RefundPart): Outcome {
  const { actor, requestId, amount, reason, bookingId } = command;
  const earlier = draft.attempts.requestedRefund(refundRequestKey(actor, requestId));
  const booking = draft.booking(bookingId);
  if (earlier) {
    return booking && isRepeat(command, earlier) ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
  }
  if (!booking) return refuse('NOT_FOUND');
  const attempt = buyingAttempt(draft.attempts.of(bookingId));
  if (!attempt) return refuse('INVALID_STATE', { details: { payment: booking.payment?.status ?? null } });
  const kept = keptAmount(attempt);
  if (amount > kept) return refuse('INVALID_STATE', { details: { refundable: kept } });
  const step = refundStep(attempt);
  if (amount % step !== 0) return refuse('INVALID_STATE', { details: { refundable: kept, step } });
  addRefund(draft, attempt, { amount, cause: 'organiser', reason, actor, requestId });
  const after = {
    ...nextVersion(booking, draft.now),
    payment: paymentFactsOf(draft.attempts.of(bookingId)),
    reasons: withReason(booking, { kind: 'refund', reason, seats: null, amount, at: draft.now }),
  };
  draft.changeBooking(booking, after, { kind: 'refunding', actor, reason });
  return { ok: true, booking: after };
}

/** Every refund of this attempt is a multiple of this, in minor units. */
export function refundStep({ provider, paid, amount }: Attempt): number {
  return chargeStep(provider, (paid ?? amount).currency);
}

function isRepeat(
  { bookingId, amount, reason }: RefundPart,
  { attempt, refund }: { attempt: Attempt; refund: Refund },
): boolean {
  return attempt.bookingId === bookingId && refund.amount === amount && refund.reason === reason;
}

/** Records what the provider says of a refund; what is about an earlier try does not count any more. */
export function updateRefund(draft: BatchDraft, command: UpdateRefund): Outcome {
  const { bookingId, paymentId, refundKey, tries, state } = command;
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  const refund = attempt?.refunds.find(({ key }) => key === refundKey);
  if (!booking || !attempt || !refund) return refuse('NOT_FOUND');
  if (isConcluded(refund) || refund.tries !== tries) return { ok: true, booking, repeated: true };
  const after = updatedRefund(refund, state, draft.now);
  const isKnown = after.status === refund.status && after.reference === refund.reference;
  if (isKnown) return { ok: true, booking, repeated: true };
  draft.attempts.put(withRefund(attempt, after));
  if (after.status === 'done') draft.addJob(paymentNotificationJob('refunded', draft.event.id, attempt.id, refund.key));
  const kind = after.status === 'done' ? 'refunded' : 'refunding';
  return { ok: true, booking: refreshPayment(draft, booking, { kind, actor: 'system', reason: refund.cause }) };
}

function updatedRefund(refund: Refund, state: UpdateRefund['state'], now: Date): Refund {
  if (state.status === 'refused') return { ...refund, status: 'refused', error: state.reason };
  const doneAt = state.status === 'done' ? now : null;
  return { ...refund, status: state.status, reference: state.reference, error: null, doneAt };
}

/** Tries again a refund that the provider has refused, or refunds a payment whose amount did not match. */
export function retryRefund(draft: BatchDraft, { bookingId, paymentId, refundKey, actor }: RetryRefund): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (refundKey === null) return refundMismatch(draft, booking, attempt, actor);
  const refund = attempt.refunds.find(({ key }) => key === refundKey);
  if (!refund) return refuse('NOT_FOUND');
  if (refund.status !== 'refused') return { ok: true, booking };
  const tries = refund.tries + 1;
  // A refund from before shares were rounded may be off the provider's step, and would be refused for ever.
  const amount = roundDown(refund.amount, refundStep(attempt));
  const again = { ...refund, amount, status: 'ordered', error: null, reference: null, tries } as const;
  draft.attempts.put(withRefund(attempt, again));
  addRefundJob(draft, attempt.id, refund.key, tries);
  return { ok: true, booking };
}

function refundMismatch(draft: BatchDraft, booking: BookingState, attempt: Attempt, actor: string): Outcome {
  if (!attempt.mismatch) return refuse('INVALID_STATE', { details: { payment: attempt.status } });
  const amount = keptAmount(attempt);
  if (amount > 0) addRefund(draft, attempt, { amount, cause: 'mismatch', reason: null, actor, requestId: null });
  return { ok: true, booking: refreshPayment(draft, booking, { kind: 'refunding', actor, reason: 'mismatch' }) };
}

function withRefund(attempt: Attempt, refund: Refund): Attempt {
  return { ...attempt, refunds: attempt.refunds.map((one) => (one.key === refund.key ? refund : one)) };
}

/** The booking with its payment as the draft has it; unchanged, without a ledger entry, if that shows nothing new. */
export function refreshPayment<B extends BookingState>(draft: BatchDraft, booking: B, cause: Cause): B {
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  if (isSamePayment(payment, booking.payment)) return booking;
  const after = { ...nextVersion(booking, draft.now), payment };
  draft.changeBooking(booking, after, cause);
  return after;
}
