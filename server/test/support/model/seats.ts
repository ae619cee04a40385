import type { Book, Cancel, ChangeHold, CheckIn, Command, Leave } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { bookingAnswer, entryAnswer, refused } from './answer.ts';
import { cancelUntil, notLive, notOnSale, overUserLimit, sameMoney } from './conditions.ts';
import { answer, answerOffer } from './waitlist.ts';
import { refundSeats, stopPaying } from './payments.ts';
import type { ModelBooking, ModelEntry, ModelState } from './state.ts';
import { activeEntry, freeSeats, liveAttemptOf, liveHoldOf } from './state.ts';

const MINUTE_MS = 60_000;

export function book(state: ModelState, { userId, requestId, seats, price, bookingId }: Book, now: number): Answer {
  const { settings } = state;
  const earlier = state.bookings.find(({ user, asked }) => user === userId && asked?.requestId === requestId);
  if (earlier?.asked) {
    const same = earlier.asked.seats === seats && sameMoney(earlier.asked.price, price);
    return same ? bookingAnswer(earlier) : refused('REQUEST_ID_REUSED');
  }
  const closed = notOnSale(state, now);
  if (closed) return closed;
  if (seats > settings.maxSeatsPerBooking) return refused('LIMIT_EXCEEDED', { limit: settings.maxSeatsPerBooking });
  if (price && !sameMoney(price, settings.price)) return refused('PRICE_CHANGED', { price: settings.price });
  const free = settings.price.amount === 0;
  const hold = liveHoldOf(state, userId);
  if (hold && !free) return refused('LIMIT_EXCEEDED', { bookingId: hold.key });
  if (overUserLimit(state, userId, seats)) return refused('LIMIT_EXCEEDED', { limit: settings.maxSeatsPerUser });
  if (seats > freeSeats(state)) return refused('SOLD_OUT', { availableSeats: freeSeats(state) });
  const endsAt = free ? null : now + settings.holdMinutes * MINUTE_MS;
  const made: ModelBooking = {
    key: bookingId,
    user: userId,
    seats,
    price: settings.price,
    source: 'direct',
    version: 1,
    status: free ? 'confirmed' : 'held',
    asked: { requestId, seats, price },
    endsAt,
    endedBy: null,
    inside: 0,
    changes: [],
    madeAt: now,
    settling: false,
    attempts: [],
  };
  state.bookings.push(made);
  return bookingAnswer(made);
}

export function changeHold(state: ModelState, booking: ModelBooking, { seats }: ChangeHold, now: number): Answer {
  const lost = notLive(booking, now);
  if (lost) return lost;
  const more = seats - booking.seats;
  if (more < 0 && state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  if (more > 0) {
    const { maxSeatsPerBooking, maxSeatsPerUser } = state.settings;
    const closed = notOnSale(state, now);
    if (closed) return closed;
    if (seats > maxSeatsPerBooking) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerBooking });
    if (overUserLimit(state, booking.user, more)) return refused('LIMIT_EXCEEDED', { limit: maxSeatsPerUser });
    if (more > freeSeats(state)) return refused('SOLD_OUT', { availableSeats: freeSeats(state) });
  }
  const live = liveAttemptOf(booking);
  if (more !== 0 && live) return refused('INVALID_STATE', { status: 'held', payment: live.status });
  if (more !== 0) Object.assign(booking, { seats, version: booking.version + 1 });
  return bookingAnswer(booking);
}

export function confirm(state: ModelState, booking: ModelBooking, now: number): Answer {
  if (booking.status === 'confirmed') return bookingAnswer(booking);
  const lost = notLive(booking, now);
  if (lost) return lost;
  if (state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  const { amount, currency } = booking.price;
  if (amount > 0)
    return refused('INVALID_STATE', { status: 'held', owes: { amount: amount * booking.seats, currency } });
  return sell(state, booking);
}

export function sell(state: ModelState, booking: ModelBooking): Answer {
  Object.assign(booking, {
    status: 'confirmed',
    settling: false,
    endsAt: null,
    endedBy: null,
    version: booking.version + 1,
  });
  answerOffer(state, booking, 'fulfilled');
  return bookingAnswer(booking);
}

export function cancel(state: ModelState, booking: ModelBooking, command: Cancel, now: number): Answer {
  return once(state, booking, command, () => cancelNow(state, booking, command, now));
}

function cancelNow(state: ModelState, booking: ModelBooking, { seats, by }: Cancel, now: number): Answer {
  if (booking.status === 'cancelled') return bookingAnswer(booking);
  if (booking.status === 'expired') return refused('INVALID_STATE', { status: 'expired' });
  if (booking.status === 'held') {
    if (seats !== null) return refused('INVALID_STATE', { status: 'held' });
    stopPaying(booking, now);
    return end(state, booking, 'cancelled', by, by === 'buyer' ? 'left' : 'closed');
  }
  if (by !== 'event' && booking.inside > 0) return refused('INVALID_STATE', { checkedInSeats: booking.inside });
  if (by !== 'event' && seats !== null && seats > booking.seats) {
    return refused('INVALID_STATE', { seats: booking.seats });
  }
  const until = cancelUntil(state, booking);
  if (by === 'buyer' && now > until) {
    return refused('INVALID_STATE', { cancelUntil: new Date(until).toISOString() });
  }
  refundSeats(booking, { seats });
  if (seats === null || seats === booking.seats) return end(state, booking, 'cancelled', by, null);
  Object.assign(booking, { seats: booking.seats - seats, version: booking.version + 1 });
  return bookingAnswer(booking);
}

/** Checks in `seats`; null: all that are not checked in yet. */
export function checkIn(state: ModelState, booking: ModelBooking, command: CheckIn): Answer {
  return once(state, booking, command, () => checkInNow(state, booking, command));
}

function checkInNow(state: ModelState, booking: ModelBooking, { seats }: CheckIn): Answer {
  if (booking.status !== 'confirmed') return refused('INVALID_STATE', { status: booking.status });
  if (state.settings.status === 'cancelled') return refused('INVALID_STATE', { event: 'cancelled' });
  const outside = booking.seats - booking.inside;
  if (outside === 0) return bookingAnswer(booking);
  if ((seats ?? 0) > outside) {
    return refused('INVALID_STATE', { seats: booking.seats, checkedInSeats: booking.inside });
  }
  Object.assign(booking, { inside: booking.inside + (seats ?? outside), version: booking.version + 1 });
  return bookingAnswer(booking);
}

function changeKey({ type, actor, requestId }: Pick<Cancel | CheckIn, 'type' | 'actor' | 'requestId'>): string {
  return `${type} of ${actor}: ${requestId}`;
}

function changedBy(state: ModelState, key: string): ModelBooking | undefined {
  return state.bookings.find(({ changes }) => changes.some((one) => one.key === key));
}

/** A command about a booking that does not exist, whose request may have changed another one. */
export function onNoBooking(state: ModelState, command: Command): Answer {
  const isChange = command.type === 'cancel' || command.type === 'checkIn';
  const isUsed = isChange && command.requestId !== null && changedBy(state, changeKey(command)) !== undefined;
  return refused(isUsed ? 'REQUEST_ID_REUSED' : 'NOT_FOUND');
}

/** A request that has changed a booking changes nothing again; with another input its id is refused. */
function once(
  state: ModelState,
  booking: ModelBooking,
  { type, actor, requestId, seats }: Cancel | CheckIn,
  change: () => Answer,
): Answer {
  if (requestId === null) return change();
  const key = changeKey({ type, actor, requestId });
  const changed = changedBy(state, key);
  if (changed) {
    const same = changed === booking && changed.changes.some((one) => one.key === key && one.seats === seats);
    return same ? bookingAnswer(booking) : refused('REQUEST_ID_REUSED');
  }
  const { version } = booking;
  const answer = change();
  if (booking.version > version) booking.changes = [...booking.changes, { key, seats }];
  return answer;
}

export function end(
  state: ModelState,
  booking: ModelBooking,
  status: 'cancelled' | 'expired',
  endedBy: ModelBooking['endedBy'],
  offer: ModelEntry['status'] | null,
): Answer {
  const endsAt = status === 'expired' ? booking.endsAt : null;
  Object.assign(booking, { status, settling: false, endedBy, endsAt, version: booking.version + 1 });
  if (offer) answerOffer(state, booking, offer);
  return bookingAnswer(booking);
}

export function leave(state: ModelState, { userId }: Leave, now: number): Answer {
  const entry = activeEntry(state, userId);
  if (!entry) {
    const last = state.answered.findLast(({ user }) => user === userId);
    return last?.status === 'left' ? entryAnswer(last) : refused('NOT_FOUND');
  }
  const offer = state.bookings.find(({ key }) => key === entry.booking);
  const by = { actor: userId, by: 'buyer', requestId: null } as const;
  const declined = { type: 'cancel', bookingId: '', ...by, seats: null, reason: null } as const;
  if (offer) cancel(state, offer, declined, now);
  else answer(state, entry, 'left');
  return entryAnswer(entry);
}
