import type { RefundCause } from '#shared/checkout.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState, Held } from '../state/booking-state.ts';
import { isOver, next, total } from '../state/booking-state.ts';
import type { Outcome } from '../command.ts';
import type { Declined, OpenCheckout, Retract, Settle, Unpaid } from './command.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { lapse } from '../give-back.ts';
import type { Attempt } from './attempt.ts';
import { factsOf, keptAmount, liveAttempt } from './attempt.ts';
import { mayPay, mayResize, mayRevive } from '../policies.ts';
import { orderRefund, refresh, stopPaying } from './refund.ts';
import { sold } from '../sell.ts';
import { tellMoney } from '../notify.ts';
import type { Cause, Work } from '../state/batch-draft.ts';

const MINUTE_MS = 60_000;
/** A card that is declined so shortly before a hold's end gives it as much again, once. */
const GRACE_MS = 5 * MINUTE_MS;
/** The providers' own minimum of a checkout's life is 30 minutes; the hold's end is enforced by cancelling it. */
const PROVIDER_ENDS_AFTER_MS = 31 * MINUTE_MS;

/** The open checkout of a hold, else a new attempt: recorded here, before the provider hears of it. */
export function checkout(work: Work, command: OpenCheckout): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(work.money.of(booking.id));
  const error = mayPay(booking, live, work);
  if (error || booking.status !== 'held') return { ok: false, error: error ?? refuse('INVALID_STATE').error };
  const attempt = live ? { ...live, declined: false } : newAttempt(work, booking, command);
  if (!live || live.declined) work.money.put(attempt);
  const after = refresh(work, booking, { kind: 'paying', actor: command.actor });
  return { ok: true, booking: after, attempt };
}

function newAttempt(work: Work, booking: Held, command: OpenCheckout): Attempt {
  const { title, venue, timeZone, startsAt } = work.event.settings;
  const { provider, locale, email, returnUrl } = command;
  const heldUntil = booking.holdExpiresAt;
  const expiresAt = new Date(heldUntil.getTime() + PROVIDER_ENDS_AFTER_MS);
  return {
    id: command.paymentId,
    version: 0,
    bookingId: booking.id,
    userId: booking.userId,
    attempt: work.money.of(booking.id).length + 1,
    provider,
    amount: total(booking),
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
    createdAt: work.now,
  };
}

/** Another party size would make the open checkout wrong: it is cancelled first, where the new size is possible at all. */
export function retract(work: Work, { bookingId, seats }: Retract): Outcome {
  const booking = work.booking(bookingId);
  if (!booking) return refuse('NOT_FOUND');
  const live = liveAttempt(work.money.of(bookingId));
  if (!live || booking.status !== 'held' || booking.seats === seats) return { ok: true, booking };
  const error = mayResize({ seats }, booking, work, work.seatsOf(booking.userId));
  if (error) return { ok: false, error };
  return { ok: true, booking, attempt: stopPaying(work, live) };
}

/** Money came: in time it confirms the hold, late it revives it if its seats are free, else it goes back by itself. */
export function settle(work: Work, command: Settle): Outcome {
  const booking = work.booking(command.bookingId);
  const attempt = work.money.find(command.bookingId, command.paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid') return { ok: true, booking, attempt, repeated: true };
  const { charge, amount } = command;
  const came: Attempt = { ...concluded(attempt), status: 'paid', charge, paid: amount, paidAt: work.now };
  if (amount.amount !== attempt.amount.amount || amount.currency !== attempt.amount.currency) {
    work.money.put({ ...came, mismatch: true });
    return settled(work, closeOrRefresh(work, booking, { kind: 'mismatch', actor: 'system' }), came);
  }
  const cause = whyNot(work, booking, came);
  return settled(work, cause ? giveBack(work, booking, came, cause) : buy(work, booking, came), came);
}

function settled(work: Work, booking: BookingState, { id }: Attempt): Outcome {
  const attempt = work.money.find(booking.id, id);
  return attempt ? { ok: true, booking, attempt } : { ok: true, booking };
}

/** Why money does not buy its booking; null where it does. */
function whyNot(work: Work, booking: BookingState, { amount }: Attempt): RefundCause | null {
  if (booking.status === 'confirmed') return 'double';
  if (work.event.settings.status === 'cancelled') return 'event';
  if (booking.status === 'cancelled') return 'cancelled';
  if (total(booking).amount !== amount.amount) return 'late';
  return booking.status === 'expired' && mayRevive(booking, work) ? 'late' : null;
}

function buy(work: Work, booking: BookingState, came: Attempt): BookingState {
  work.money.put({ ...came, bought: true });
  const other = liveAttempt(work.money.of(booking.id));
  if (other) stopPaying(work, other);
  return sold(work, booking, 'system', booking.status === 'held' ? 'confirmed' : 'revived');
}

function giveBack(work: Work, booking: BookingState, came: Attempt, cause: RefundCause): BookingState {
  const why = { amount: keptAmount(came), cause, reason: null, actor: 'system', requestId: null };
  const { refunds } = orderRefund(work, came, why);
  for (const { key } of refunds.slice(-1)) work.order(tellMoney('late', came.id, key));
  return closeOrRefresh(work, booking, { kind: 'refunding', actor: 'system', reason: cause });
}

/** The provider says that a checkout is over and was not paid. */
export function unpaid(work: Work, { bookingId, paymentId }: Unpaid): Outcome {
  const booking = work.booking(bookingId);
  const attempt = work.money.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  if (attempt.status === 'paid' || attempt.status === 'ended') return { ok: true, booking, repeated: true };
  work.money.put({ ...concluded(attempt), declined: attempt.declined, status: 'ended' });
  return { ok: true, booking: closeOrRefresh(work, booking, { kind: 'unpaid', actor: 'system' }) };
}

/** A card was refused; the checkout stays open, and so does the hold. */
export function declined(work: Work, { bookingId, paymentId, at }: Declined): Outcome {
  const booking = work.booking(bookingId);
  const attempt = work.money.find(bookingId, paymentId);
  if (!booking || !attempt) return refuse('NOT_FOUND');
  const isTold = attempt.declinedAt !== null && at <= attempt.declinedAt;
  if (attempt.status !== 'open' || booking.status !== 'held' || isTold) return { ok: true, booking, repeated: true };
  const until = graceUntil(work, booking, at);
  work.money.put({ ...attempt, declined: true, declinedAt: at, extended: attempt.extended || until !== null });
  if (!until) return { ok: true, booking: refresh(work, booking, { kind: 'declined', actor: 'system' }) };
  const payment = factsOf(work.money.of(booking.id));
  const after: Held = { ...next(booking, work.now), payment, holdExpiresAt: until };
  work.replace(booking, after, { kind: 'declined', actor: 'system' });
  const offer = work.partyOf(booking.id);
  if (offer) work.move(offer, { offerExpiresAt: until });
  return { ok: true, booking: after };
}

/** The hold's new end after a decline in its last minutes; null where it stays as it is. */
function graceUntil(work: Work, booking: Held, at: Date): Date | null {
  const endsMs = booking.holdExpiresAt.getTime();
  const isLast = endsMs - at.getTime() <= GRACE_MS && !isOver(booking, work.now) && !booking.settling;
  if (!isLast || work.money.of(booking.id).some(({ extended }) => extended)) return null;
  // An offer never outlives the sale.
  const most = booking.source === 'waitlist' ? salesCloseAt(work.event.settings).getTime() : Infinity;
  const untilMs = Math.min(endsMs + GRACE_MS, most);
  return untilMs > endsMs ? new Date(untilMs) : null;
}

function concluded(attempt: Attempt): Attempt {
  return { ...attempt, declined: false, cancellingSince: null };
}

/** Nothing can buy this hold any more by what has just ended: if it is over, its seats are free now. */
function closeOrRefresh(work: Work, booking: BookingState, cause: Cause): BookingState {
  const live = liveAttempt(work.money.of(booking.id));
  const over = booking.status === 'held' && isOver(booking, work.now) && !live;
  return over ? lapse(work, booking) : refresh(work, booking, cause);
}
