import type { AdoptHold, Book } from '#server/booking/rules/command.ts';
import type { Answer } from './answer.ts';
import { bookingAnswer, refused } from './answer.ts';
import { notLive, userLimit } from './conditions.ts';
import type { ModelBooking, ModelLine, ModelState } from './state.ts';
import { liveAttemptOf, liveHoldOf } from './state.ts';
import { overUsesOfUser, usesIn } from './vouchers/rules.ts';

// The rules of accounts without an address: what they hold, and who takes it over.

/** The most seats that such accounts hold together: a tenth, or as many as one booking may have. */
function most({ totalSeats, settings }: ModelState): number {
  const tenth = (totalSeats - (totalSeats % 10)) / 10;
  return tenth > settings.maxSeatsPerBooking ? tenth : settings.maxSeatsPerBooking;
}

function needsAddress(reason: string): Answer {
  return refused('INVALID_STATE', { provisional: true, reason });
}

/** They hold what is to pay. */
export function nothingOwed(lines: readonly ModelLine[]): Answer | null {
  return lines.some(({ amount, count }) => amount * count > 0) ? null : needsAddress('free');
}

/** `except`: a hold that gets other seats. */
export function overShare(state: ModelState, seats: number, except?: ModelBooking): Answer | null {
  const others = state.bookings.filter((one) => one.status === 'held' && one.provisional && one !== except);
  const held = others.reduce((sum, one) => sum + one.seats, 0);
  return held + seats > most(state) ? needsAddress('seats') : null;
}

/** What an account without an address may not book. */
export function notProvisionally(
  state: ModelState,
  { isProvisional }: Book,
  lines: readonly ModelLine[],
  seats: number,
) {
  return isProvisional ? (nothingOwed(lines) ?? overShare(state, seats)) : null;
}

export function adopt(state: ModelState, booking: ModelBooking, { from, userId }: AdoptHold, now: number): Answer {
  if (!booking.provisional && booking.user === userId) return bookingAnswer(booking);
  if (booking.user !== from || !booking.provisional) return refused('NOT_FOUND');
  const no = notLive(booking, now) ?? (from === userId ? null : notFor(state, booking, userId));
  if (no) return no;
  if (from !== userId) booking.adoptedFrom = from;
  Object.assign(booking, { user: userId, provisional: false, version: booking.version + 1 });
  return bookingAnswer(booking);
}

function notFor(state: ModelState, booking: ModelBooking, user: string): Answer | null {
  const live = liveAttemptOf(booking);
  if (live) return refused('INVALID_STATE', { status: 'held', payment: live.status });
  const hasRequest = (one: ModelBooking) =>
    (one.user === user || one.adoptedFrom === user) && one.asked?.requestId === booking.asked?.requestId;
  if (booking.asked && state.bookings.some(hasRequest)) return refused('REQUEST_ID_REUSED');
  if (state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  const hold = liveHoldOf(state, user);
  if (hold) return refused('LIMIT_EXCEEDED', { bookingId: hold.key });
  const voucher = state.vouchers.find(({ id }) => id === booking.voucher);
  return (
    userLimit(state, user, booking.seats) ??
    (voucher ? overUsesOfUser(state, voucher, user, usesIn(booking.lines)) : null)
  );
}
