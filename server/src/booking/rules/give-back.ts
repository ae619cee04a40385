import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState, Cancelled, Confirmed, Expired, Held } from './state/booking-state.ts';
import { facts, isOver, next } from './state/booking-state.ts';
import type { Cancel, Expire, Leave, Outcome } from './command.ts';
import { salesCloseAt } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import { buyingAttempt, factsOf, liveAttempt } from './payments/attempt.ts';
import { invalidState, mayCancel } from './policies.ts';
import { orderRefund, shareOf, stopPaying } from './payments/refund.ts';
import { answerOffer } from './waitlist/join.ts';
import type { Work } from './state/batch-draft.ts';

/** How long the seats of a hold that is over wait for the provider's word. */
export const ANSWER_WITHIN_MS = 60_000;

export function cancel(work: Work, command: Cancel): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  switch (booking.status) {
    case 'cancelled':
      return { ok: true, booking };
    case 'expired':
      return { ok: false, error: invalidState({ status: 'expired' }) };
    case 'held':
      return release(work, command, booking);
    case 'confirmed': {
      const error = mayCancel(command, booking, work.event, work.now);
      if (error) return { ok: false, error };
      const keep = booking.seats - (command.seats ?? booking.seats);
      giveMoneyBack(work, booking, command);
      const payment = factsOf(work.money.of(booking.id));
      const after =
        keep > 0 ? { ...next(booking, work.now), seats: keep, payment } : { ...ended(work, booking, command), payment };
      work.replace(booking, after, { kind: 'cancelled', actor: command.actor, reason: command.reason });
      return { ok: true, booking: after };
    }
    default:
      return booking satisfies never;
  }
}

function release(work: Work, command: Cancel, booking: Held): Outcome {
  if (command.seats !== null) return { ok: false, error: invalidState({ status: 'held' }) };
  stopCheckout(work, booking);
  const after = { ...ended(work, booking, command), payment: factsOf(work.money.of(booking.id)) };
  work.replace(booking, after, { kind: 'released', actor: command.actor, reason: command.reason });
  answerOffer(work, booking.id, command.by === 'buyer' ? 'left' : 'closed');
  return { ok: true, booking: after };
}

export function expire(work: Work, command: Expire): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held' || !isOver(booking, work.now)) return { ok: true, booking };
  const live = liveAttempt(work.money.of(booking.id));
  if (!live || isUnanswered(live, booking, work.now)) return { ok: true, booking: lapse(work, booking) };
  if (booking.settling) return { ok: true, booking };
  stopPaying(work, live);
  const after: Held = { ...next(booking, work.now), settling: true, payment: factsOf(work.money.of(booking.id)) };
  work.replace(booking, after, { kind: 'settling', actor: 'system' });
  return { ok: true, booking: after };
}

/** The provider had its time to say whether the checkout was paid: the seats are freed, late money has its own rule. */
function isUnanswered({ cancellingSince }: Attempt, { holdExpiresAt, settling }: Held, now: Date): boolean {
  if (!settling || !cancellingSince) return false;
  const sinceMs = Math.max(cancellingSince.getTime(), holdExpiresAt.getTime());
  return now.getTime() - sinceMs >= ANSWER_WITHIN_MS;
}

/** The end of a hold: its seats are free. */
export function lapse(work: Work, booking: Held): Expired {
  const after: Expired = {
    ...facts(next(booking, work.now)),
    payment: factsOf(work.money.of(booking.id)),
    status: 'expired',
    holdExpiresAt: booking.holdExpiresAt,
    ended: { by: 'time', reason: null, at: work.now },
  };
  work.replace(booking, after, { kind: 'expired', actor: 'system' });
  answerOffer(work, booking.id, work.now >= salesCloseAt(work.event.settings) ? 'closed' : 'missed');
  return after;
}

/** Seats that were paid for are worth their share of the price. */
function giveMoneyBack(work: Work, booking: Confirmed, { seats, by, reason, actor }: Cancel): void {
  const attempt = buyingAttempt(work.money.of(booking.id));
  const amount = attempt ? shareOf(attempt, seats ?? booking.seats, booking.seats) : 0;
  if (!attempt || amount === 0) return;
  const cause = by === 'event' ? 'event' : 'cancelled';
  orderRefund(work, attempt, { amount, cause, reason, actor, requestId: null });
}

function stopCheckout(work: Work, booking: Held): void {
  const live = liveAttempt(work.money.of(booking.id));
  if (live) stopPaying(work, live);
}

function ended(work: Work, booking: BookingState, { by, reason }: Cancel): Cancelled {
  return { ...facts(next(booking, work.now)), status: 'cancelled', ended: { by, reason, at: work.now } };
}

/** Leaves the waiting list; an offer that stands is declined, and its seats go to the next. */
export function leave(work: Work, { userId }: Leave): Outcome {
  const entry = work.activeParty(userId);
  if (!entry) return refuse('NOT_FOUND');
  if (entry.status === 'waiting') return { ok: true, entry: work.move(entry, { status: 'left' }) };
  const bookingId = entry.bookingId ?? '';
  const declined = cancel(work, { type: 'cancel', bookingId, actor: userId, by: 'buyer', seats: null, reason: null });
  return declined.ok ? { ok: true, entry: work.party(entry.id) ?? entry } : declined;
}
