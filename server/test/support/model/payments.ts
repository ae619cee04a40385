import type { OpenCheckout, Settle, EndCheckout } from '#server/booking/rules/payments/command.ts';
import type { Answer } from './answer.ts';
import { bookingAnswer, refused } from './answer.ts';
import { notLive, overBookingLimit, soldOut, userLimit } from './conditions.ts';
import { end, sell } from './seats.ts';
import type { ModelAttempt, ModelBooking, ModelState, Wants } from './state.ts';
import { closesAt, liveAttemptOf, numberOf, owedFor, showsOf } from './state.ts';
import { overLimit } from './tickets/rules.ts';
import { notAgain } from './vouchers/rules.ts';

/** After its end, a hold with an open checkout keeps its seats this long for the provider's answer. */
const PATIENCE_MS = 60_000;

export function checkout(state: ModelState, booking: ModelBooking, { paymentId }: OpenCheckout, now: number): Answer {
  if (booking.status === 'held' && booking.settling)
    return refused('INVALID_STATE', { status: 'held', settling: true });
  const lost = notLive(booking, now);
  if (lost) return lost;
  if (state.settings.status === 'cancelled') return refused('SALES_CLOSED', { reason: 'cancelled' });
  const owes = owedFor(booking);
  if (owes.amount === 0) return refused('INVALID_STATE', { status: 'held', owes });
  const live = liveAttemptOf(booking);
  if (live?.status === 'cancelling') return refused('INVALID_STATE', { status: 'held', payment: 'cancelling' });
  if (live) return bookingAnswer(booking);
  return showing(booking, () => {
    const fresh = { status: 'open', since: null, came: null, bought: false, back: 0 } as const;
    booking.attempts.push({ key: paymentId, asked: owes.amount, ...fresh });
  });
}

/** A payment of the right amount buys its seats at any time if they are free; otherwise it is refunded. */
export function settle(state: ModelState, booking: ModelBooking, { paymentId, amount }: Settle, now: number): Answer {
  const attempt = booking.attempts.find(({ key }) => key === paymentId);
  if (!attempt) return refused('NOT_FOUND');
  if (attempt.status === 'paid') return bookingAnswer(booking);
  const pays = () => Object.assign(attempt, { status: 'paid', since: null, came: amount.amount });
  if (amount.amount !== attempt.asked) return ending(state, booking, now, pays);
  if (buysNothing(state, booking, attempt, now)) {
    return ending(state, booking, now, () => Object.assign(pays(), { back: attempt.asked }));
  }
  Object.assign(pays(), { bought: true });
  stopPaying(booking, now);
  return sell(state, booking);
}

function buysNothing(state: ModelState, booking: ModelBooking, { asked }: ModelAttempt, now: number): boolean {
  const { settings } = state;
  if (booking.status === 'confirmed' || booking.status === 'cancelled' || settings.status === 'cancelled') return true;
  if (state.closed.includes(booking.user)) return true;
  if (owedFor(booking).amount !== asked) return true;
  if (booking.status !== 'expired') return false;
  const { user, seats, lines, voucher } = booking;
  const no = overBookingLimit(state, seats) ?? userLimit(state, user, seats) ?? soldOut(state, seats);
  return (
    now >= settings.startsAt.getTime() ||
    (no ?? overLimit(state, lines) ?? notAgain(state, voucher, lines, user)) !== null
  );
}

export function endCheckout(state: ModelState, booking: ModelBooking, { paymentId }: EndCheckout, now: number): Answer {
  const attempt = booking.attempts.find(({ key }) => key === paymentId);
  if (!attempt) return refused('NOT_FOUND');
  if (attempt.status === 'paid' || attempt.status === 'ended') return bookingAnswer(booking);
  return ending(state, booking, now, () => Object.assign(attempt, { status: 'ended', since: null }));
}

/** Expires a hold; one with an open checkout waits up to `PATIENCE_MS` for the provider. */
export function expire(state: ModelState, booking: ModelBooking, now: number): Answer {
  if (booking.status !== 'held' || now < (booking.endsAt ?? 0)) return bookingAnswer(booking);
  const live = liveAttemptOf(booking);
  const waitsSince = Math.max(live?.since ?? now, booking.endsAt ?? 0);
  if (!live || (booking.settling && now - waitsSince >= PATIENCE_MS)) return lapse(state, booking, now);
  if (booking.settling) return bookingAnswer(booking);
  stopPaying(booking, now);
  Object.assign(booking, { settling: true, version: booking.version + 1 });
  return bookingAnswer(booking);
}

function lapse(state: ModelState, booking: ModelBooking, now: number): Answer {
  return end(state, booking, 'expired', 'time', now >= closesAt(state) ? 'closed' : 'missed');
}

/** Applies a change that ends a checkout: a hold past its end without another one expires. */
function ending(state: ModelState, booking: ModelBooking, now: number, change: () => unknown): Answer {
  const over = booking.status === 'held' && now >= (booking.endsAt ?? Infinity);
  const before = showsOf(booking);
  change();
  if (over && !liveAttemptOf(booking)) return lapse(state, booking, now);
  if (showsOf(booking) !== before) booking.version += 1;
  return bookingAnswer(booking);
}

function showing(booking: ModelBooking, change: () => unknown): Answer {
  const before = showsOf(booking);
  change();
  if (showsOf(booking) !== before) booking.version += 1;
  return bookingAnswer(booking);
}

export function stopPaying(booking: ModelBooking, now: number): void {
  const live = liveAttemptOf(booking);
  if (live?.status === 'open') Object.assign(live, { status: 'cancelling', since: now });
}

/** Refunds what these tickets cost, as far as it is still kept; null: all that is kept. Returns how much that is. */
export function refundTickets(booking: ModelBooking, back: readonly Wants[] | null): number {
  const paid = booking.attempts.find(({ bought }) => bought);
  if (!paid) return 0;
  const left = paid.asked - paid.back;
  const cost = booking.lines.reduce((sum, { type, amount }) => sum + amount * numberOf(back ?? [], type), 0);
  const amount = back === null ? left : Math.min(left, cost);
  paid.back += amount;
  return amount;
}
