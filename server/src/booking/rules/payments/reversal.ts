import { roundDown } from '#shared/money/charge.ts';
import { isReversal } from '#shared/checkout.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Outcome } from '../command.ts';
import { paymentNotificationJob } from '../notify.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { BookingState } from '../state/booking-state.ts';
import { totalOf } from '../tickets/line-items.ts';
import type { Attempt, Refund } from './attempt.ts';
import { keptAmount, refundSum } from './attempt.ts';
import type { AcceptReversal, ListedReversal, NoteReversals } from './command.ts';
import { addRefund, addRefundJob, refreshPayment, refundStep } from './refund.ts';

type Reversals = readonly ListedReversal[];

/**
 * Notes what the provider lists of a charge: refunds by hand and disputes become facts of the payment, so that their
 * money is never refunded again, and refunds decided here that the provider can no longer carry out shrink to what is
 * left. What a failed reversal leaves without a booking is refunded.
 */
export function noteReversals(draft: BatchDraft, { bookingId, paymentId, reversals }: NoteReversals): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  const noted = fitToPaid(withListed(attempt, reversals, draft.now), reversals, draft.now);
  const changed = noted.refunds.filter((refund, i) => !isSameRefund(refund, attempt.refunds[i]));
  const [first] = changed;
  if (!first) return { ok: true, booking, attempt, repeated: true };
  draft.attempts.put(noted);
  for (const refund of changed) addJobs(draft, noted, refund);
  const after = changed.some((refund) => isReversal(refund) && refund.status === 'void')
    ? refundOwed(draft, booking, noted)
    : noted;
  const kind = changed.some(({ status }) => status === 'done') ? 'refunded' : 'refunding';
  const cause = { kind, actor: 'system', reason: first.cause } as const;
  return { ok: true, booking: refreshPayment(draft, booking, cause), attempt: after };
}

function isSameRefund(a: Refund, b: Refund | undefined): boolean {
  return a.status === b?.status && a.amount === b.amount && a.tries === b.tries;
}

/** The attempt with what is listed: corrections of its own refunds, and reversals known and new. */
function withListed(attempt: Attempt, reversals: Reversals, now: Date): Attempt {
  const known = attempt.refunds.map((refund) =>
    isReversal(refund) ? correctedReversal(refund, reversals, now) : correctedRefund(refund, reversals, now),
  );
  const references = new Set(known.map(({ reference }) => reference));
  const fresh = reversals
    .filter((one) => one.status !== 'failed' && !references.has(one.reference) && !isAskedFor(attempt, one))
    .map((reversal, i) => newReversal(`${attempt.id}.${known.length + i + 1}`, reversal, now));
  return { ...attempt, refunds: [...known, ...fresh] };
}

function isAskedFor({ refunds }: Attempt, { key }: ListedReversal): boolean {
  return key !== null && refunds.some((refund) => isOf(refund, key));
}

/** Whether the provider's key is of any try of this refund. */
function isOf(refund: Pick<Refund, 'key'>, key: string | null): boolean {
  return key?.startsWith(`${refund.key}:`) ?? false;
}

function newReversal(key: string, { kind, reference, amount, status }: ListedReversal, now: Date): Refund {
  const cause = kind === 'dispute' ? 'dispute' : 'provider';
  const known = { key, amount, cause, reason: null, actor: 'system', requestId: null, reference } as const;
  const isDone = status === 'done';
  return { ...known, status: statusOf(kind, status), error: null, tries: 1, at: now, doneAt: isDone ? now : null };
}

function statusOf(kind: ListedReversal['kind'], status: ListedReversal['status']): Refund['status'] {
  if (status === 'failed') return 'void';
  return kind === 'dispute' && status === 'pending' ? 'disputed' : status;
}

function correctedReversal(refund: Refund, reversals: Reversals, now: Date): Refund {
  const listed = reversals.find(({ reference }) => reference === refund.reference);
  if (!listed) return refund;
  const status = statusOf(listed.kind, listed.status);
  if (status === refund.status) return refund;
  return { ...refund, status, amount: status === 'void' ? 0 : listed.amount, doneAt: status === 'done' ? now : null };
}

/**
 * A refund decided here is looked up by its own job until it is done or refused; only what the list says against that
 * counts: a bank may return a refund weeks later, and a refused one may have been carried out.
 */
function correctedRefund(refund: Refund, reversals: Reversals, now: Date): Refund {
  const listed = reversals.filter(({ key }) => isOf(refund, key));
  const made = listed.find(({ status }) => status !== 'failed');
  if (refund.status === 'refused' && made) {
    const [status, doneAt] = made.status === 'done' ? (['done', now] as const) : (['pending', null] as const);
    return { ...refund, status, doneAt, reference: made.reference, amount: made.amount, error: null };
  }
  const isReturned = listed.some(({ reference, status }) => reference === refund.reference && status === 'failed');
  if (refund.status !== 'done' || !isReturned) return refund;
  return { ...refund, status: 'refused', error: 'The bank returned the refund', doneAt: null };
}

/** Refunds that the provider has not made yet, cut to what is left of the payment; the last decision is cut first. */
function fitToPaid(attempt: Attempt, reversals: Reversals, now: Date): Attempt {
  let excess = refundSum(attempt.refunds) - (attempt.paid?.amount ?? 0);
  const isMade = (refund: Refund) => reversals.some(({ key, status }) => status !== 'failed' && isOf(refund, key));
  const refunds = [...attempt.refunds].reverse().map((refund) => {
    const isUnsent = refund.status === 'ordered' || refund.status === 'refused';
    if (excess <= 0 || !isUnsent || isMade(refund)) return refund;
    const amount = roundDown(Math.max(0, refund.amount - excess), refundStep(attempt));
    excess -= refund.amount - amount;
    if (amount === 0) return { ...refund, amount, status: 'void' as const, error: null, doneAt: now };
    // Another amount under the same key would be refused by the provider.
    return refund.status === 'ordered' ? { ...refund, amount, tries: refund.tries + 1 } : { ...refund, amount };
  });
  return { ...attempt, refunds: refunds.reverse() };
}

function addJobs(draft: BatchDraft, { id }: Attempt, { key, cause, status, tries }: Refund): void {
  if (status === 'ordered') addRefundJob(draft, id, key, tries);
  if (status === 'done' && cause !== 'dispute')
    draft.addJob(paymentNotificationJob('refunded', draft.event.id, id, key));
}

/** Refunds what a reversal had seemed to give back already: all that is kept beyond the price of the booking's seats. */
function refundOwed(draft: BatchDraft, booking: BookingState, attempt: Attempt): Attempt {
  const due = attempt.bought && booking.status === 'confirmed' ? totalOf(booking.tickets).amount : 0;
  const amount = roundDown(keptAmount(attempt) - due, refundStep(attempt));
  // A wrong amount is refunded by an organiser.
  if (attempt.mismatch || amount <= 0) return attempt;
  const cause = attempt.bought ? 'cancelled' : 'late';
  return addRefund(draft, attempt, { amount, cause, reason: null, actor: 'system', requestId: null });
}

/** An organiser keeps the booking valid although this reversal took its money; again changes nothing. */
export function acceptReversal(draft: BatchDraft, { bookingId, paymentId, refundKey }: AcceptReversal): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  const reversal = attempt?.refunds.find((refund) => refund.key === refundKey && isReversal(refund));
  if (!booking || !attempt || !reversal) return refuse('NOT_FOUND');
  if (reversal.acceptedAt) return { ok: true, booking, repeated: true };
  const refunds = attempt.refunds.map((refund) =>
    refund === reversal ? { ...refund, acceptedAt: draft.now } : refund,
  );
  draft.attempts.put({ ...attempt, refunds });
  return { ok: true, booking };
}
