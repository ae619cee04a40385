import type { RefundCause } from '#shared/checkout.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Outcome } from '../command.ts';
import { expireHold } from '../give-back.ts';
import { paymentNotificationJob } from '../notify.ts';
import { payRefusal, resizeRefusal, reviveRefusal } from '../refusals.ts';
import { confirmBooking } from '../sell.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { Cause } from '../state/ledger-entry.ts';
import type { BookingState, Held } from '../state/booking-state.ts';
import { isHoldOver, nextVersion } from '../state/booking-state.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { totalOf } from '../tickets/line-items.ts';
import { soldTickets } from '../tickets/sold-tickets.ts';
import { isSameHold, resolveHold, reviveVoucherRefusal } from '../vouchers/resolve.ts';
import type { Attempt } from './attempt.ts';
import { keptAmount, liveAttempt, newAttempt, paymentFactsOf } from './attempt.ts';
import type { CancelCheckout, DeclineCard, EndCheckout, NoteProcessing, OpenCheckout, Settle } from './command.ts';
import { addRefund, refreshPayment, startCancelling } from './refund.ts';

const MINUTE_MS = 60_000;
/** A card that is declined this shortly before a hold's end extends the hold by the same time, once. */
const GRACE_MS = 5 * MINUTE_MS;
/** After the hold's end. Providers give a checkout 30 minutes at least; the hold's own end cancels it earlier. */
const PROVIDER_ENDS_AFTER_MS = 31 * MINUTE_MS;

/**
 * The live checkout of a hold, else a new attempt: recorded by this commit, before the provider hears of it. Refused
 * with the codes of `payRefusal`.
 */
export function checkout(draft: BatchDraft, command: OpenCheckout): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(draft.attempts.of(booking.id));
  const error = payRefusal(booking, live, draft);
  if (error || booking.status !== 'held') return { ok: false, error: error ?? refuse('INVALID_STATE').error };
  const attempt = live ? { ...live, declined: false } : attemptFor(draft, booking, command);
  if (!live || live.declined) draft.attempts.put(attempt);
  const after = refreshPayment(draft, booking, { kind: 'paying', actor: command.actor });
  return { ok: true, booking: after, attempt };
}

function attemptFor(draft: BatchDraft, booking: Held, command: OpenCheckout): Attempt {
  const { title, venue, timeZone, startsAt, taxRate } = draft.event.settings;
  const { seats, ...lines } = soldTickets(booking, booking.tickets, draft.event);
  const { provider, locale, email, returnUrl } = command;
  const heldUntil = booking.holdExpiresAt;
  const expiresAt = new Date(heldUntil.getTime() + PROVIDER_ENDS_AFTER_MS);
  return newAttempt({
    id: command.paymentId,
    bookingId: booking.id,
    userId: booking.userId,
    attempt: draft.attempts.of(booking.id).length + 1,
    provider,
    amount: totalOf(booking.tickets),
    seats,
    terms: {
      title,
      venue,
      timeZone,
      startsAt,
      locale,
      email,
      heldUntil,
      expiresAt,
      returnUrl,
      ...(taxRate !== null && { taxRate }),
      ...lines,
    },
    createdAt: draft.now,
  });
}

/**
 * Starts to cancel the live checkout of a hold: its amount would be wrong for other tickets, or its page has
 * another language than the buyer reads. Refused if no such change could follow.
 */
export function cancelCheckout(draft: BatchDraft, { bookingId, change }: CancelCheckout): Outcome {
  const booking = draft.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(draft.attempts.of(bookingId));
  if (!live || booking.status !== 'held') return { ok: true, booking };
  if (change) {
    const resolved = resolveHold(draft, booking, change);
    if (!resolved.ok) return resolved;
    const { wanted } = resolved;
    if (isSameHold(wanted, booking)) return { ok: true, booking };
    const error = resizeRefusal(wanted, booking, draft, draft.seatsOf(booking.userId));
    if (error) return { ok: false, error };
  }
  return { ok: true, booking, attempt: startCancelling(draft, live) };
}

/** Settles a payment: in time it confirms the hold, late it revives the hold if seats are free, else it is refunded. */
export function settle(draft: BatchDraft, command: Settle): Outcome {
  const booking = draft.booking(command.bookingId);
  const attempt = draft.attempts.find(command.bookingId, command.paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid') return { ok: true, booking, attempt, repeated: true };
  const { charge, amount } = command;
  const paid: Attempt = { ...attempt, ...CONCLUDED, status: 'paid', charge, paid: amount, paidAt: draft.now };
  if (amount.amount !== attempt.amount.amount || amount.currency !== attempt.amount.currency) {
    draft.attempts.put({ ...paid, mismatch: true });
    const after = expireOrRefresh(draft, booking, { kind: 'mismatch', actor: 'system' });
    return settleOutcome(draft, after, paid);
  }
  const cause = refundCauseOf(draft, booking, paid);
  return settleOutcome(draft, cause ? refundAll(draft, booking, paid, cause) : buy(draft, booking, paid), paid);
}

function settleOutcome(draft: BatchDraft, booking: BookingState, { id }: Attempt): Outcome {
  const attempt = draft.attempts.find(booking.id, id);
  return attempt ? { ok: true, booking, attempt } : { ok: true, booking };
}

/** Why a payment does not buy its booking; null if it does. */
function refundCauseOf(draft: BatchDraft, booking: BookingState, { amount }: Attempt): RefundCause | null {
  if (booking.status === 'confirmed') return 'double';
  if (draft.state.closedAccounts.has(booking.userId)) return 'closed';
  if (draft.event.settings.status === 'cancelled') return 'event';
  if (booking.status === 'cancelled') return 'cancelled';
  if (totalOf(booking.tickets).amount !== amount.amount) return 'late';
  if (booking.status !== 'expired') return null;
  const refusal = reviveRefusal(booking, draft, draft.seatsOf(booking.userId)) ?? reviveVoucherRefusal(draft, booking);
  return refusal ? 'late' : null;
}

function buy(draft: BatchDraft, booking: BookingState, paid: Attempt): BookingState {
  draft.attempts.put({ ...paid, bought: true });
  const other = liveAttempt(draft.attempts.of(booking.id));
  if (other) startCancelling(draft, other);
  return confirmBooking(draft, booking, 'system', booking.status === 'held' ? 'confirmed' : 'revived');
}

function refundAll(draft: BatchDraft, booking: BookingState, paid: Attempt, cause: RefundCause): BookingState {
  const request = { amount: keptAmount(paid), cause, reason: null, actor: 'system', requestId: null };
  const { refunds } = addRefund(draft, paid, request);
  for (const { key } of refunds.slice(-1)) draft.addJob(paymentNotificationJob('late', draft.event.id, paid.id, key));
  return expireOrRefresh(draft, booking, { kind: 'refunding', actor: 'system', reason: cause });
}

/** Ends an attempt whose checkout is over and was not paid. */
export function endCheckout(draft: BatchDraft, { bookingId, paymentId }: EndCheckout): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid' || attempt.status === 'ended') return { ok: true, booking, repeated: true };
  draft.attempts.put({ ...attempt, cancellingSince: null, status: 'ended' });
  return { ok: true, booking: expireOrRefresh(draft, booking, { kind: 'unpaid', actor: 'system' }) };
}

/** Records a declined card; checkout and hold stay open, and a hold in its last minutes is extended once. */
export function declineCard(draft: BatchDraft, { bookingId, paymentId, at }: DeclineCard): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  const isKnown = attempt.declinedAt !== null && at <= attempt.declinedAt;
  if (attempt.status !== 'open' || booking.status !== 'held' || isKnown) return { ok: true, booking, repeated: true };
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

/** Records whether a payment is under way, so that its buyer is not asked to pay again. */
export function noteProcessing(draft: BatchDraft, { bookingId, paymentId, processing }: NoteProcessing): Outcome {
  const booking = draft.booking(bookingId);
  const attempt = draft.attempts.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  const isKnown = liveAttempt([attempt]) === undefined || (attempt.processing ?? false) === processing;
  if (isKnown) return { ok: true, booking, repeated: true };
  draft.attempts.put({ ...attempt, processing });
  return { ok: true, booking: refreshPayment(draft, booking, { kind: 'paying', actor: 'system' }) };
}

/** The hold's new end after a card was declined in its last minutes; null if the end stays. */
function graceUntil(draft: BatchDraft, booking: Held, at: Date): Date | null {
  const endsMs = booking.holdExpiresAt.getTime();
  const isLast = endsMs - at.getTime() <= GRACE_MS && !isHoldOver(booking, draft.now) && !booking.settling;
  if (!isLast || draft.attempts.of(booking.id).some(({ extended }) => extended)) return null;
  // An offer never outlives the sale.
  const latestMs = booking.source === 'waitlist' ? salesCloseAt(draft.event.settings).getTime() : Infinity;
  const untilMs = Math.min(endsMs + GRACE_MS, latestMs);
  return untilMs > endsMs ? new Date(untilMs) : null;
}

/** What a paid checkout is no longer. */
const CONCLUDED = { declined: false, cancellingSince: null } as const;

/** Expires a hold that is over if no live checkout can pay for it any more; else shows the booking's new payment. */
function expireOrRefresh(draft: BatchDraft, booking: BookingState, cause: Cause): BookingState {
  const live = liveAttempt(draft.attempts.of(booking.id));
  const isOver = booking.status === 'held' && isHoldOver(booking, draft.now) && !live;
  return isOver ? expireHold(draft, booking) : refreshPayment(draft, booking, cause);
}
