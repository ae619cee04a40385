import { cancelUntil } from '#shared/cancel-until.ts';
import type { Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import { repeatedOutcome, withChangeRequest } from './change-request.ts';
import type { Cancel, Expire, Leave, Outcome } from './command.ts';
import type { Attempt } from './payments/attempt.ts';
import { buyingAttempt, liveAttempt, paymentFactsOf } from './payments/attempt.ts';
import { addRefund, refundFor, startCancelling } from './payments/refund.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import type {
  BookingState,
  Cancelled,
  CancelledPart,
  Confirmed,
  Expired,
  Held,
  LineItem,
} from './state/booking-state.ts';
import { bookingFacts, isHoldOver, nextVersion, withReason } from './state/booking-state.ts';
import type { EventState } from './state/event-state.ts';
import { salesCloseAt } from './state/event-state.ts';
import { seatsOf } from './tickets/line-items.ts';
import { soldTickets } from './tickets/sold-tickets.ts';
import { keptTickets, remainderRefusal } from './tickets/part.ts';
import { remainingPersonal } from './tickets/personal.ts';
import { endOffer } from './waitlist/offer.ts';

/** How long the seats of a hold that is over wait until the provider says whether its checkout was paid. */
export const ANSWER_WITHIN_MS = 60_000;

/**
 * Cancels a confirmed booking, all or some of its tickets, with a refund of what they cost; releases a hold. The same
 * request again changes nothing. `INVALID_STATE` for an expired booking, for a part of a hold, and by `cancelRefusal`,
 * `keptTickets` and `remainderRefusal`; `INVALID_INPUT` for seats where several types could be meant.
 */
export function cancel(draft: BatchDraft, command: Cancel): Outcome {
  const repeated = repeatedOutcome(draft, command);
  if (repeated) return repeated;
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  switch (booking.status) {
    case 'cancelled':
      return { ok: true, booking };
    case 'expired':
      return refuse('INVALID_STATE', { details: { status: 'expired' } });
    case 'held':
      return release(draft, command, booking);
    case 'confirmed':
      return cancelConfirmed(draft, command, booking);
    default:
      return booking satisfies never;
  }
}

function cancelConfirmed(draft: BatchDraft, command: Cancel, booking: Confirmed): Outcome {
  const entered = checkedInRefusal(command, booking);
  if (entered) return { ok: false, error: entered };
  const remaining = keptTickets(booking, command);
  if (!remaining.ok) return remaining;
  const { kept, cancelled } = remaining;
  const error = cancelRefusal(command, booking, draft.event, draft.now);
  if (error) return { ok: false, error };
  const broken = command.by === 'buyer' && kept.length > 0 ? remainderRefusal(kept, draft) : null;
  if (broken) return { ok: false, error: broken };
  const amount = refundTickets(draft, booking, command, kept.length > 0 ? cancelled : null);
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after =
    kept.length > 0
      ? {
          ...nextVersion(booking, draft.now),
          tickets: kept,
          seats: seatsOf(kept),
          personalTickets: remainingPersonal(booking, kept),
          payment,
          changeRequests: withChangeRequest(booking, command),
          reasons: partReasons(booking, command, { seats: seatsOf(cancelled), amount, at: draft.now }),
          cancelledParts: [...booking.cancelledParts, partOf(command, { tickets: cancelled, amount, at: draft.now })],
        }
      : { ...cancelledFrom(draft, booking, command), payment };
  draft.changeBooking(booking, after, { kind: 'cancelled', actor: command.actor, reason: command.reason });
  return { ok: true, booking: after };
}

/** Refuses to cancel a booking once one of its attendees has checked in: `INVALID_STATE`. */
function checkedInRefusal({ by }: Pick<Cancel, 'by'>, { checkedInSeats }: Confirmed): Refusal | null {
  // A cancelled event refunds attendees too who are checked in already.
  return by !== 'event' && checkedInSeats > 0 ? refuse('INVALID_STATE', { details: { checkedInSeats } }).error : null;
}

/** Why a confirmed booking cannot be cancelled now by the command's sender: `INVALID_STATE`. */
function cancelRefusal(command: Pick<Cancel, 'by'>, booking: Confirmed, event: EventState, now: Date): Refusal | null {
  if (command.by !== 'buyer') return null;
  const until = cancelUntil(booking, { ...event.settings, movedAt: event.movedAt });
  return now <= until ? null : refuse('INVALID_STATE', { details: { cancelUntil: until.toISOString() } }).error;
}

function release(draft: BatchDraft, command: Cancel, booking: Held): Outcome {
  if (command.seats !== null || command.tickets) return refuse('INVALID_STATE', { details: { status: 'held' } });
  const live = liveAttempt(draft.attempts.of(booking.id));
  if (live) startCancelling(draft, live);
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after = { ...cancelledFrom(draft, booking, command), payment };
  draft.changeBooking(booking, after, { kind: 'released', actor: command.actor, reason: command.reason });
  endOffer(draft, booking.id, command.by === 'buyer' ? 'left' : 'closed');
  return { ok: true, booking: after };
}

/** Ends a hold whose time is up. While its checkout may still be paid, the seats stay held for `ANSWER_WITHIN_MS`. */
export function expire(draft: BatchDraft, command: Expire): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held' || !isHoldOver(booking, draft.now)) return { ok: true, booking };
  const live = liveAttempt(draft.attempts.of(booking.id));
  if (!live || isAnswerOverdue(live, booking, draft.now)) return { ok: true, booking: expireHold(draft, booking) };
  if (booking.settling) return { ok: true, booking };
  startCancelling(draft, live);
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after: Held = { ...nextVersion(booking, draft.now), settling: true, payment };
  draft.changeBooking(booking, after, { kind: 'settling', actor: 'system' });
  return { ok: true, booking: after };
}

/** Whether the provider had its time to say if the checkout was paid; a payment that comes later is a late one. */
function isAnswerOverdue({ cancellingSince }: Attempt, { holdExpiresAt, settling }: Held, now: Date): boolean {
  if (!settling || !cancellingSince) return false;
  const sinceMs = Math.max(cancellingSince.getTime(), holdExpiresAt.getTime());
  return now.getTime() - sinceMs >= ANSWER_WITHIN_MS;
}

/** Frees the seats of a hold. */
export function expireHold(draft: BatchDraft, booking: Held): Expired {
  const after: Expired = {
    ...bookingFacts(nextVersion(booking, draft.now)),
    payment: paymentFactsOf(draft.attempts.of(booking.id)),
    status: 'expired',
    holdExpiresAt: booking.holdExpiresAt,
    ended: { by: 'time', reason: null, at: draft.now },
  };
  draft.changeBooking(booking, after, { kind: 'expired', actor: 'system' });
  endOffer(draft, booking.id, draft.now >= salesCloseAt(draft.event.settings) ? 'closed' : 'missed');
  return after;
}

function partOf({ by, reason }: Cancel, facts: Pick<CancelledPart, 'tickets' | 'amount' | 'at'>): CancelledPart {
  return { by: by === 'buyer' ? 'buyer' : 'organiser', reason, ...facts };
}

function partReasons(
  booking: Confirmed,
  { reason }: Cancel,
  facts: { seats: number; amount: number | null; at: Date },
) {
  return reason === null ? booking.reasons : withReason(booking, { kind: 'seats', reason, ...facts });
}

/**
 * Refunds what the cancelled tickets cost, or all that is kept of the payment (`null`); null if there is nothing to
 * refund.
 */
function refundTickets(
  draft: BatchDraft,
  booking: Confirmed,
  { by, reason, actor }: Cancel,
  cancelled: readonly LineItem[] | null,
): number | null {
  const attempt = buyingAttempt(draft.attempts.of(booking.id));
  const amount = attempt ? refundFor(attempt, cancelled) : 0;
  if (!attempt || amount === 0) return null;
  const cause = by === 'event' ? 'event' : 'cancelled';
  const tickets = soldTickets(booking, cancelled ?? booking.tickets, draft.event);
  addRefund(draft, attempt, { amount, tickets, cause, reason, actor, requestId: null });
  return amount;
}

function cancelledFrom(draft: BatchDraft, booking: BookingState, command: Cancel): Cancelled {
  const { by, reason } = command;
  const facts = bookingFacts(nextVersion(booking, draft.now));
  const changeRequests = withChangeRequest(booking, command);
  return { ...facts, changeRequests, status: 'cancelled', ended: { by, reason, at: draft.now } };
}

/**
 * Takes a user off the waiting list; an offer that stands is declined, and its seats go to the next entry. A user who has
 * left stays so. `NOT_FOUND` for any other user without an active entry.
 */
export function leave(draft: BatchDraft, { userId }: Leave): Outcome {
  const entry = draft.waitlist.activeEntryOf(userId);
  if (!entry) {
    const newest = draft.waitlist.newestEntryOf(userId);
    return newest?.status === 'left' ? { ok: true, waitlistEntry: newest } : refuse('NOT_FOUND');
  }
  if (entry.status === 'waiting') {
    return { ok: true, waitlistEntry: draft.changeWaitlistEntry(entry, { status: 'left' }) };
  }
  const bookingId = entry.bookingId ?? '';
  const by = { actor: userId, by: 'buyer', requestId: null } as const;
  const declined = cancel(draft, { type: 'cancel', bookingId, ...by, seats: null, reason: null });
  return declined.ok ? { ok: true, waitlistEntry: draft.waitlist.entry(entry.id) ?? entry } : declined;
}
