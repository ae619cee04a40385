import { refuse } from '#shared/protocol/errors.ts';
import type { Book, ChangeHold, Confirm, Outcome } from './command.ts';
import { liveAttempt, paymentFactsOf } from './payments/attempt.ts';
import { bookRefusal, cancelledRefusal, isRepeat, resizeRefusal } from './refusals.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import type { BookingState, Confirmed, Held } from './state/booking-state.ts';
import { bookingFacts, isHoldOver, nextVersion, requestKey, totalPrice } from './state/booking-state.ts';
import { endOffer } from './waitlist/offer.ts';

const MINUTE_MS = 60_000;

/**
 * Confirms seats of a free event, holds seats of a priced one. The same request again gives the same booking; refused
 * with `REQUEST_ID_REUSED` or the codes of `bookRefusal`.
 */
export function book(draft: BatchDraft, command: Book): Outcome {
  const earlier = draft.requests.get(requestKey(command.userId, command.requestId));
  if (earlier) {
    const booking = draft.booking(earlier.id) ?? earlier;
    return isRepeat(command, draft.event.id, earlier) ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
  }
  const error = bookRefusal(command, {
    event: draft.event,
    now: draft.now,
    liveHold: draft.liveHolds.get(command.userId),
    seatsOfUser: draft.seatsOf(command.userId),
  });
  if (error) return { ok: false, error };
  const booking = newBooking(draft, command);
  draft.addBooking(booking, { kind: booking.status === 'held' ? 'held' : 'booked', actor: command.userId });
  return { ok: true, booking };
}

function newBooking(draft: BatchDraft, command: Book): BookingState {
  const { price, holdMinutes } = draft.event.settings;
  const facts = {
    id: command.bookingId,
    version: 1,
    code: command.code,
    eventId: draft.event.id,
    userId: command.userId,
    seats: command.seats,
    price,
    source: 'direct' as const,
    requestId: command.requestId,
    requested: { seats: command.seats, price: command.price },
    payment: null,
    checkedInSeats: 0,
    changeRequests: [],
    movesSeenAt: null,
    reasons: [],
    createdAt: draft.now,
    updatedAt: draft.now,
  };
  if (price.amount === 0) return { ...facts, status: 'confirmed' };
  const holdExpiresAt = new Date(draft.now.getTime() + holdMinutes * MINUTE_MS);
  return { ...facts, status: 'held', holdExpiresAt, settling: false };
}

/**
 * Gives a hold another party size. `INVALID_STATE` if it is no hold any more, or has a live checkout, whose amount
 * would be wrong; else refused with the codes of `resizeRefusal`.
 */
export function changeHold(draft: BatchDraft, command: ChangeHold): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (isHoldOver(booking, draft.now)) return refuse('INVALID_STATE', { details: { status: 'expired' } });
  if (booking.seats === command.seats) return { ok: true, booking };
  const error = resizeRefusal(command, booking, draft, draft.seatsOf(booking.userId));
  if (error) return { ok: false, error };
  const live = liveAttempt(draft.attempts.of(booking.id));
  if (live) return refuse('INVALID_STATE', { details: { status: 'held', payment: live.status } });
  const after: Held = { ...nextVersion(booking, draft.now), seats: command.seats };
  draft.changeBooking(booking, after, { kind: 'resized', actor: command.actor });
  return { ok: true, booking: after };
}

/**
 * Confirms a hold that owes nothing, the offer of a free event; `INVALID_STATE` unless the booking is confirmed
 * already, `SALES_CLOSED` if the event was cancelled and the hold is not released yet.
 */
export function confirm(draft: BatchDraft, command: Confirm): Outcome {
  const booking = draft.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status === 'confirmed') return { ok: true, booking };
  if (booking.status !== 'held') return refuse('INVALID_STATE', { details: { status: booking.status } });
  if (isHoldOver(booking, draft.now)) return refuse('INVALID_STATE', { details: { status: 'expired' } });
  const error = cancelledRefusal(command, draft);
  if (error) return { ok: false, error };
  if (booking.price.amount > 0) {
    return refuse('INVALID_STATE', { details: { status: 'held', owes: totalPrice(booking) } });
  }
  return { ok: true, booking: confirmBooking(draft, booking, command.actor, 'confirmed') };
}

/** The booking confirmed, with its payment as the draft has it. */
export function confirmBooking(
  draft: BatchDraft,
  booking: BookingState,
  actor: string,
  kind: 'confirmed' | 'revived',
): Confirmed {
  const payment = paymentFactsOf(draft.attempts.of(booking.id));
  const after: Confirmed = { ...bookingFacts(nextVersion(booking, draft.now)), payment, status: 'confirmed' };
  draft.changeBooking(booking, after, { kind, actor });
  endOffer(draft, booking.id, 'fulfilled');
  return after;
}
