import { refuse } from '#shared/protocol/errors.ts';
import type { BookingState, Confirmed, Held } from './state/booking-state.ts';
import { facts, isOver, next, requestKey, total } from './state/booking-state.ts';
import type { Book, ChangeHold, Confirm, Outcome } from './command.ts';
import { factsOf, liveAttempt } from './payments/attempt.ts';
import { invalidState, isRepeat, mayBook, mayResize } from './policies.ts';
import { answerOffer } from './waitlist/join.ts';
import type { Work } from './state/batch-draft.ts';

const MINUTE_MS = 60_000;

export function book(work: Work, command: Book): Outcome {
  const earlier = work.requests.get(requestKey(command.userId, command.requestId));
  if (earlier) {
    const booking = work.booking(earlier.id) ?? earlier;
    return isRepeat(command, work.event.id, earlier) ? { ok: true, booking } : refuse('REQUEST_ID_REUSED');
  }
  const error = mayBook(command, {
    event: work.event,
    now: work.now,
    liveHold: work.liveHolds.get(command.userId),
    seatsOfUser: work.seatsOf(command.userId),
  });
  if (error) return { ok: false, error };
  const booking = newBooking(work, command);
  work.create(booking, { kind: booking.status === 'held' ? 'held' : 'booked', actor: command.userId });
  return { ok: true, booking };
}

function newBooking(work: Work, command: Book): BookingState {
  const { price, holdMinutes } = work.event.settings;
  const common = {
    id: command.bookingId,
    version: 1,
    code: command.code,
    eventId: work.event.id,
    userId: command.userId,
    seats: command.seats,
    price,
    source: 'direct' as const,
    requestId: command.requestId,
    requested: { seats: command.seats, price: command.price },
    payment: null,
    checkedInSeats: 0,
    createdAt: work.now,
    updatedAt: work.now,
  };
  if (price.amount === 0) return { ...common, status: 'confirmed' };
  const holdExpiresAt = new Date(work.now.getTime() + holdMinutes * MINUTE_MS);
  return { ...common, status: 'held', holdExpiresAt, settling: false };
}

export function changeHold(work: Work, command: ChangeHold): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status !== 'held') return { ok: false, error: invalidState({ status: booking.status }) };
  if (isOver(booking, work.now)) return { ok: false, error: invalidState({ status: 'expired' }) };
  if (booking.seats === command.seats) return { ok: true, booking };
  const error = mayResize(command, booking, work, work.seatsOf(booking.userId));
  if (error) return { ok: false, error };
  const live = liveAttempt(work.money.of(booking.id));
  if (live) return { ok: false, error: invalidState({ status: 'held', payment: live.status }) };
  const after: Held = { ...next(booking, work.now), seats: command.seats };
  work.replace(booking, after, { kind: 'resized', actor: command.actor });
  return { ok: true, booking: after };
}

/** A hold that owes nothing, as an offer of a free event is, becomes a booking by its owner's word. */
export function confirm(work: Work, command: Confirm): Outcome {
  const booking = work.booking(command.bookingId);
  if (!booking) return refuse('NOT_FOUND');
  if (booking.status === 'confirmed') return { ok: true, booking };
  if (booking.status !== 'held') return { ok: false, error: invalidState({ status: booking.status }) };
  if (isOver(booking, work.now)) return { ok: false, error: invalidState({ status: 'expired' }) };
  if (booking.price.amount > 0) return { ok: false, error: invalidState({ status: 'held', owes: total(booking) }) };
  return { ok: true, booking: sold(work, booking, command.actor, 'confirmed') };
}

/** The booking is its owner's from here on, with its payment as it is now. */
export function sold(work: Work, booking: BookingState, actor: string, kind: 'confirmed' | 'revived'): Confirmed {
  const payment = factsOf(work.money.of(booking.id));
  const after: Confirmed = { ...facts(next(booking, work.now)), payment, status: 'confirmed' };
  work.replace(booking, after, { kind, actor });
  answerOffer(work, booking.id, 'fulfilled');
  return after;
}
