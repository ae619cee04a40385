import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState } from '../state/booking-state.ts';
import { nextVersion } from '../state/booking-state.ts';
import type { Outcome } from '../command.ts';
import type { RefundAgain, RefundMoved, RefundPart } from './command.ts';
import type { Attempt, Refund } from './attempt.ts';
import { buyingAttempt, paymentFactsOf, keptAmount, refundRequestKey, isSamePayment } from './attempt.ts';
import { invalidStateRefusal } from '../refusals.ts';
import { paymentNotificationJob } from '../notify.ts';
import type { Cause, BatchDraft } from '../state/batch-draft.ts';

/** The job that gives money back, and the one that ends a checkout. */
export const REFUND_JOB = 'refund';
export const CANCEL_CHECKOUT_JOB = 'cancel-checkout';

type RefundReason = Pick<Refund, 'amount' | 'cause' | 'reason' | 'actor' | 'requestId'>;

/** Decides a refund: recorded with its payment, carried out by a job of the same commit. */
export function addRefund(draft: BatchDraft, attempt: Attempt, why: RefundReason): Attempt {
  const key = `${attempt.id}.${attempt.refunds.length + 1}`;
  const fresh = { status: 'ordered', reference: null, error: null, tries: 1, at: draft.now, doneAt: null } as const;
  const after = { ...attempt, refunds: [...attempt.refunds, { key, ...why, ...fresh }] };
  draft.attempts.put(after);
  addRefundJob(draft, attempt.id, key, 1);
  return after;
}

function addRefundJob(draft: BatchDraft, paymentId: string, refundKey: string, tries: number): void {
  draft.addJob({
    key: `${REFUND_JOB}:${refundKey}:${tries}`,
    kind: REFUND_JOB,
    payload: { paymentId, refundKey, tries },
  });
}

/** From here on the checkout is being cancelled at the provider, by a job of the same commit. */
export function startCancelling(draft: BatchDraft, attempt: Attempt): Attempt {
  if (attempt.status !== 'open') return attempt;
  const after: Attempt = { ...attempt, status: 'cancelling', cancellingSince: draft.now };
  draft.attempts.put(after);
  const payload = { paymentId: attempt.id };
  draft.addJob({ key: `${CANCEL_CHECKOUT_JOB}:${attempt.id}`, kind: CANCEL_CHECKOUT_JOB, payload });
  return after;
}

/** The share of the price that seats given back are worth: of what is left, where part of it was given back before. */
export function refundShare(attempt: Attempt, seats: number, ofSeats: number): number {
  return seats >= ofSeats ? keptAmount(attempt) : Math.floor((keptAmount(attempt) * seats) / ofSeats);
}

/** Part of the price back after a mistake; the seats stay. */
export function refundPart(draft: BatchDraft, command: RefundPart): Outcome {
  const { actor, requestId, amount, reason, bookingId } = command;
  const earlier = draft.attempts.requestedRefund(refundRequestKey(actor, requestId));
  const booking = draft.booking(bookingId);
  if (earlier) return repeatedRefund(draft, command, earlier);
  if (!booking) return refuse('NOT_FOUND');
  const attempt = buyingAttempt(draft.attempts.of(bookingId));
  if (!attempt) return { ok: false, error: invalidStateRefusal({ payment: booking.payment?.status ?? null }) };
  const kept = keptAmount(attempt);
  if (amount > kept) return { ok: false, error: invalidStateRefusal({ refundable: kept }) };
  addRefund(draft, attempt, { amount, cause: 'organiser', reason, actor, requestId });
  return { ok: true, booking: refreshPayment(draft, booking, { kind: 'refunding', actor, reason }) };
}

function repeatedRefund(
  draft: BatchDraft,
  command: RefundPart,
  { attempt, refund }: { attempt: Attempt; refund: Refund },
): Outcome {
  const booking = draft.booking(command.bookingId);
  const same =
    attempt.bookingId === command.bookingId && refund.amount === command.amount && refund.reason === command.reason;
  return same && booking ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
}

/** What the provider says of a refund. What it says of an earlier try does not count any more. */
export function refundMoved(
  draft: BatchDraft,
  { bookingId, paymentId, refundKey, tries, state }: RefundMoved,
): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  const refund = attempt?.refunds.find(({ key }) => key === refundKey);
  if (!booking || !attempt || !refund) return refuse('NOT_FOUND');
  if (refund.status === 'done' || refund.tries !== tries) return { ok: true, booking, repeated: true };
  const after = movedRefund(refund, state, draft.now);
  const isKnown = after.status === refund.status && after.reference === refund.reference;
  if (isKnown) return { ok: true, booking, repeated: true };
  draft.attempts.put(withRefund(attempt, after));
  if (after.status === 'done') draft.addJob(paymentNotificationJob('refunded', attempt.id, refund.key));
  const kind = after.status === 'done' ? 'refunded' : 'refunding';
  return { ok: true, booking: refreshPayment(draft, booking, { kind, actor: 'system', reason: refund.cause }) };
}

function movedRefund(refund: Refund, state: RefundMoved['state'], now: Date): Refund {
  if (state.status === 'refused') return { ...refund, status: 'refused', error: state.reason };
  const done = state.status === 'done';
  return { ...refund, status: state.status, reference: state.reference, error: null, doneAt: done ? now : null };
}

/** An organiser tries again what the provider has refused, or gives back money that did not match. */
export function refundAgain(draft: BatchDraft, { bookingId, paymentId, refundKey, actor }: RefundAgain): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (refundKey === null) return refundMismatch(draft, booking, attempt, actor);
  const refund = attempt.refunds.find(({ key }) => key === refundKey);
  if (!refund) return refuse('NOT_FOUND');
  if (refund.status !== 'refused') return { ok: true, booking };
  const tries = refund.tries + 1;
  draft.attempts.put(withRefund(attempt, { ...refund, status: 'ordered', error: null, reference: null, tries }));
  addRefundJob(draft, attempt.id, refund.key, tries);
  return { ok: true, booking };
}

function refundMismatch(draft: BatchDraft, booking: BookingState, attempt: Attempt, actor: string): Outcome {
  if (!attempt.mismatch) return { ok: false, error: invalidStateRefusal({ payment: attempt.status }) };
  const amount = keptAmount(attempt);
  if (amount > 0) addRefund(draft, attempt, { amount, cause: 'mismatch', reason: null, actor, requestId: null });
  return { ok: true, booking: refreshPayment(draft, booking, { kind: 'refunding', actor, reason: 'mismatch' }) };
}

function withRefund(attempt: Attempt, refund: Refund): Attempt {
  return { ...attempt, refunds: attempt.refunds.map((one) => (one.key === refund.key ? refund : one)) };
}

/** The booking with its payment as it is now; it stays as it was where that shows nothing new. */
export function refreshPayment<B extends BookingState>(draft: BatchDraft, booking: B, cause: Cause): B {
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  if (isSamePayment(payment, booking.payment)) return booking;
  const after = { ...nextVersion(booking, draft.now), payment };
  draft.changeBooking(booking, after, cause);
  return after;
}
