import type { RefundCause } from '#shared/checkout.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState, Held } from '../state/booking-state.ts';
import { isHoldOver, nextVersion, totalPrice } from '../state/booking-state.ts';
import type { Outcome } from '../command.ts';
import type { Declined, OpenCheckout, CancelCheckout, Settle, Unpaid } from './command.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { expireHold } from '../give-back.ts';
import type { Attempt } from './attempt.ts';
import { paymentFactsOf, keptAmount, liveAttempt } from './attempt.ts';
import { payRefusal, resizeRefusal, reviveRefusal } from '../refusals.ts';
import { addRefund, refreshPayment, startCancelling } from './refund.ts';
import { confirmBooking } from '../sell.ts';
import { paymentNotificationJob } from '../notify.ts';
import type { Cause, BatchDraft } from '../state/batch-draft.ts';

const MINUTE_MS = 60_000;
/** A card that is declined so shortly before a hold's end gives it as much again, once. */
const GRACE_MS = 5 * MINUTE_MS;
/** The providers' own minimum of a checkout's life is 30 minutes; the hold's end is enforced by cancelling it. */
const PROVIDER_ENDS_AFTER_MS = 31 * MINUTE_MS;

/** The open checkout of a hold, else a new attempt: recorded here, before the provider hears of it. */
export function checkout(draft: BatchDraft, command: OpenCheckout): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(draft.attempts.of(booking.id));
  const error = payRefusal(booking, live, draft);
  if (error || booking.status !== 'held') return { ok: false, error: error ?? refuse('INVALID_STATE').error };
  const attempt = live ? { ...live, declined: false } : newAttempt(draft, booking, command);
  if (!live || live.declined) draft.attempts.put(attempt);
  const after = refreshPayment(draft, booking, { kind: 'paying', actor: command.actor });
  return { ok: true, booking: after, attempt };
}

function newAttempt(draft: BatchDraft, booking: Held, command: OpenCheckout): Attempt {
  const { title, venue, timeZone, startsAt } = draft.event.settings;
  const { provider, locale, email, returnUrl } = command;
  const heldUntil = booking.holdExpiresAt;
  const expiresAt = new Date(heldUntil.getTime() + PROVIDER_ENDS_AFTER_MS);
  return {
    id: command.paymentId,
    version: 0,
    bookingId: booking.id,
    userId: booking.userId,
    attempt: draft.attempts.of(booking.id).length + 1,
    provider,
    amount: totalPrice(booking),
    seats: booking.seats,
    terms: { title, venue, timeZone, startsAt, locale, email, heldUntil, expiresAt, returnUrl },
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
    createdAt: draft.now,
  };
}

/** Another party size would make the open checkout wrong: it is cancelled first, where the new size is possible at all. */
export function cancelCheckout(draft: BatchDraft, { bookingId, seats }: CancelCheckout): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(draft.attempts.of(bookingId));
  if (!live || booking.status !== 'held' || booking.seats === seats) return { ok: true, booking };
  const error = resizeRefusal({ seats }, booking, draft, draft.seatsOf(booking.userId));
  if (error) return { ok: false, error };
  return { ok: true, booking, attempt: startCancelling(draft, live) };
}

/** Money came: in time it confirms the hold, late it revives it if its seats are free, else it goes back by itself. */
export function settle(draft: BatchDraft, command: Settle): Outcome {
  const booking = draft.booking(command.bookingId);
  const attempt = draft.attempts.find(command.bookingId, command.paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid') return { ok: true, booking, attempt, repeated: true };
  const { charge, amount } = command;
  const came: Attempt = { ...concluded(attempt), status: 'paid', charge, paid: amount, paidAt: draft.now };
  if (amount.amount !== attempt.amount.amount || amount.currency !== attempt.amount.currency) {
    draft.attempts.put({ ...came, mismatch: true });
    return settleOutcome(draft, expireOrRefresh(draft, booking, { kind: 'mismatch', actor: 'system' }), came);
  }
  const cause = refundCauseOf(draft, booking, came);
  return settleOutcome(draft, cause ? refundAll(draft, booking, came, cause) : buy(draft, booking, came), came);
}

function settleOutcome(draft: BatchDraft, booking: BookingState, { id }: Attempt): Outcome {
  const attempt = draft.attempts.find(booking.id, id);
  return attempt ? { ok: true, booking, attempt } : { ok: true, booking };
}

/** Why money does not buy its booking; null where it does. */
function refundCauseOf(draft: BatchDraft, booking: BookingState, { amount }: Attempt): RefundCause | null {
  if (booking.status === 'confirmed') return 'double';
  if (draft.event.settings.status === 'cancelled') return 'event';
  if (booking.status === 'cancelled') return 'cancelled';
  if (totalPrice(booking).amount !== amount.amount) return 'late';
  return booking.status === 'expired' && reviveRefusal(booking, draft) ? 'late' : null;
}

function buy(draft: BatchDraft, booking: BookingState, came: Attempt): BookingState {
  draft.attempts.put({ ...came, bought: true });
  const other = liveAttempt(draft.attempts.of(booking.id));
  if (other) startCancelling(draft, other);
  return confirmBooking(draft, booking, 'system', booking.status === 'held' ? 'confirmed' : 'revived');
}

function refundAll(draft: BatchDraft, booking: BookingState, came: Attempt, cause: RefundCause): BookingState {
  const why = { amount: keptAmount(came), cause, reason: null, actor: 'system', requestId: null };
  const { refunds } = addRefund(draft, came, why);
  for (const { key } of refunds.slice(-1)) draft.addJob(paymentNotificationJob('late', came.id, key));
  return expireOrRefresh(draft, booking, { kind: 'refunding', actor: 'system', reason: cause });
}

/** The provider says that a checkout is over and was not paid. */
export function unpaid(draft: BatchDraft, { bookingId, paymentId }: Unpaid): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid' || attempt.status === 'ended') return { ok: true, booking, repeated: true };
  draft.attempts.put({ ...concluded(attempt), declined: attempt.declined, status: 'ended' });
  return { ok: true, booking: expireOrRefresh(draft, booking, { kind: 'unpaid', actor: 'system' }) };
}

/** A card was refused; the checkout stays open, and so does the hold. */
export function declined(draft: BatchDraft, { bookingId, paymentId, at }: Declined): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  const isTold = attempt.declinedAt !== null && at <= attempt.declinedAt;
  if (attempt.status !== 'open' || booking.status !== 'held' || isTold) return { ok: true, booking, repeated: true };
  const until = graceUntil(draft, booking, at);
  draft.attempts.put({ ...attempt, declined: true, declinedAt: at, extended: attempt.extended || until !== null });
  if (!until) return { ok: true, booking: refreshPayment(draft, booking, { kind: 'declined', actor: 'system' }) };
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after: Held = { ...nextVersion(booking, draft.now), payment, holdExpiresAt: until };
  draft.changeBooking(booking, after, { kind: 'declined', actor: 'system' });
  const offer = draft.waitlist.entryOfOffer(booking.id);
  if (offer) draft.changeWaitlistEntry(offer, { offerExpiresAt: until });
  return { ok: true, booking: after };
}

/** The hold's new end after a decline in its last minutes; null where it stays as it is. */
function graceUntil(draft: BatchDraft, booking: Held, at: Date): Date | null {
  const endsMs = booking.holdExpiresAt.getTime();
  const isLast = endsMs - at.getTime() <= GRACE_MS && !isHoldOver(booking, draft.now) && !booking.settling;
  if (!isLast || draft.attempts.of(booking.id).some(({ extended }) => extended)) return null;
  // An offer never outlives the sale.
  const most = booking.source === 'waitlist' ? salesCloseAt(draft.event.settings).getTime() : Infinity;
  const untilMs = Math.min(endsMs + GRACE_MS, most);
  return untilMs > endsMs ? new Date(untilMs) : null;
}

function concluded(attempt: Attempt): Attempt {
  return { ...attempt, declined: false, cancellingSince: null };
}

/** Nothing can buy this hold any more by what has just ended: if it is over, its seats are free now. */
function expireOrRefresh(draft: BatchDraft, booking: BookingState, cause: Cause): BookingState {
  const live = liveAttempt(draft.attempts.of(booking.id));
  const over = booking.status === 'held' && isHoldOver(booking, draft.now) && !live;
  return over ? expireHold(draft, booking) : refreshPayment(draft, booking, cause);
}
