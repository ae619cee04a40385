import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState } from '../state/booking-state.ts';
import { next } from '../state/booking-state.ts';
import type { Outcome } from '../command.ts';
import type { RefundAgain, RefundMoved, RefundPart } from './command.ts';
import type { Attempt, Refund } from './attempt.ts';
import { buyingAttempt, factsOf, keptAmount, refundRequest, sameFacts } from './attempt.ts';
import { invalidState } from '../policies.ts';
import { tellMoney } from '../notify.ts';
import type { Cause, Work } from '../state/batch-draft.ts';

/** The job that gives money back, and the one that ends a checkout. */
export const REFUND_JOB = 'refund';
export const CANCEL_CHECKOUT_JOB = 'cancel-checkout';

type Reason = Pick<Refund, 'amount' | 'cause' | 'reason' | 'actor' | 'requestId'>;

/** Decides a refund: recorded with its payment, carried out by a job of the same commit. */
export function orderRefund(work: Work, attempt: Attempt, why: Reason): Attempt {
  const key = `${attempt.id}.${attempt.refunds.length + 1}`;
  const fresh = { status: 'ordered', reference: null, error: null, tries: 1, at: work.now, doneAt: null } as const;
  const after = { ...attempt, refunds: [...attempt.refunds, { key, ...why, ...fresh }] };
  work.money.put(after);
  orderRefundJob(work, attempt.id, key, 1);
  return after;
}

function orderRefundJob(work: Work, paymentId: string, refundKey: string, tries: number): void {
  work.order({
    key: `${REFUND_JOB}:${refundKey}:${tries}`,
    kind: REFUND_JOB,
    payload: { paymentId, refundKey, tries },
  });
}

/** From here on the checkout is being cancelled at the provider, by a job of the same commit. */
export function stopPaying(work: Work, attempt: Attempt): Attempt {
  if (attempt.status !== 'open') return attempt;
  const after: Attempt = { ...attempt, status: 'cancelling', cancellingSince: work.now };
  work.money.put(after);
  const payload = { paymentId: attempt.id };
  work.order({ key: `${CANCEL_CHECKOUT_JOB}:${attempt.id}`, kind: CANCEL_CHECKOUT_JOB, payload });
  return after;
}

/** The share of the price that seats given back are worth: of what is left, where part of it was given back before. */
export function shareOf(attempt: Attempt, seats: number, ofSeats: number): number {
  return seats >= ofSeats ? keptAmount(attempt) : Math.floor((keptAmount(attempt) * seats) / ofSeats);
}

/** Part of the price back after a mistake; the seats stay. */
export function refundPart(work: Work, command: RefundPart): Outcome {
  const { actor, requestId, amount, reason, bookingId } = command;
  const earlier = work.money.asked(refundRequest(actor, requestId));
  const booking = work.booking(bookingId);
  if (earlier) return repeated(work, command, earlier);
  if (!booking) return refuse('NOT_FOUND');
  const attempt = buyingAttempt(work.money.of(bookingId));
  if (!attempt) return { ok: false, error: invalidState({ payment: booking.payment?.status ?? null }) };
  const kept = keptAmount(attempt);
  if (amount > kept) return { ok: false, error: invalidState({ refundable: kept }) };
  orderRefund(work, attempt, { amount, cause: 'organiser', reason, actor, requestId });
  return { ok: true, booking: refresh(work, booking, { kind: 'refunding', actor, reason }) };
}

function repeated(work: Work, command: RefundPart, { attempt, refund }: { attempt: Attempt; refund: Refund }): Outcome {
  const booking = work.booking(command.bookingId);
  const same =
    attempt.bookingId === command.bookingId && refund.amount === command.amount && refund.reason === command.reason;
  return same && booking ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
}

/** What the provider says of a refund. What it says of an earlier try does not count any more. */
export function refundMoved(work: Work, { bookingId, paymentId, refundKey, tries, state }: RefundMoved): Outcome {
  const booking = work.booking(bookingId);
  const attempt = work.money.find(bookingId, paymentId);
  const refund = attempt?.refunds.find(({ key }) => key === refundKey);
  if (!booking || !attempt || !refund) return refuse('NOT_FOUND');
  if (refund.status === 'done' || refund.tries !== tries) return { ok: true, booking, repeated: true };
  const after = moved(refund, state, work.now);
  const isKnown = after.status === refund.status && after.reference === refund.reference;
  if (isKnown) return { ok: true, booking, repeated: true };
  work.money.put(withRefund(attempt, after));
  if (after.status === 'done') work.order(tellMoney('refunded', attempt.id, refund.key));
  const kind = after.status === 'done' ? 'refunded' : 'refunding';
  return { ok: true, booking: refresh(work, booking, { kind, actor: 'system', reason: refund.cause }) };
}

function moved(refund: Refund, state: RefundMoved['state'], now: Date): Refund {
  if (state.status === 'refused') return { ...refund, status: 'refused', error: state.reason };
  const done = state.status === 'done';
  return { ...refund, status: state.status, reference: state.reference, error: null, doneAt: done ? now : null };
}

/** An organiser tries again what the provider has refused, or gives back money that did not match. */
export function refundAgain(work: Work, { bookingId, paymentId, refundKey, actor }: RefundAgain): Outcome {
  const booking = work.booking(bookingId);
  const attempt = work.money.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (refundKey === null) return giveBackMismatch(work, booking, attempt, actor);
  const refund = attempt.refunds.find(({ key }) => key === refundKey);
  if (!refund) return refuse('NOT_FOUND');
  if (refund.status !== 'refused') return { ok: true, booking };
  const tries = refund.tries + 1;
  work.money.put(withRefund(attempt, { ...refund, status: 'ordered', error: null, reference: null, tries }));
  orderRefundJob(work, attempt.id, refund.key, tries);
  return { ok: true, booking };
}

function giveBackMismatch(work: Work, booking: BookingState, attempt: Attempt, actor: string): Outcome {
  if (!attempt.mismatch) return { ok: false, error: invalidState({ payment: attempt.status }) };
  const amount = keptAmount(attempt);
  if (amount > 0) orderRefund(work, attempt, { amount, cause: 'mismatch', reason: null, actor, requestId: null });
  return { ok: true, booking: refresh(work, booking, { kind: 'refunding', actor, reason: 'mismatch' }) };
}

function withRefund(attempt: Attempt, refund: Refund): Attempt {
  return { ...attempt, refunds: attempt.refunds.map((one) => (one.key === refund.key ? refund : one)) };
}

/** The booking with its payment as it is now; it stays as it was where that shows nothing new. */
export function refresh<B extends BookingState>(work: Work, booking: B, cause: Cause): B {
  const payment = factsOf(work.money.of(booking.id));
  if (sameFacts(payment, booking.payment)) return booking;
  const after = { ...next(booking, work.now), payment };
  work.replace(booking, after, cause);
  return after;
}
