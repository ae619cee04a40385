import type { Answer } from './answer.ts';
import { refused } from './answer.ts';
import type { ModelBooking, ModelState } from './state.ts';
import { closesAt, freeSeats, seatsOf } from './state.ts';

// Conditions that several commands share; each condition returns the refusal, or null.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export function notOnSale({ settings, ...state }: ModelState, now: number): Answer | null {
  const closed = (details: Record<string, unknown>) => refused('SALES_CLOSED', details);
  if (settings.status === 'cancelled') return closed({ reason: 'cancelled' });
  if (settings.status === 'draft') return closed({ reason: 'not_open' });
  const opens = settings.salesOpenAt;
  if (opens && now < opens.getTime()) {
    return closed({ reason: 'not_open', salesOpenAt: opens.toISOString(), retryAfterMs: opens.getTime() - now });
  }
  return now >= closesAt({ settings, ...state }) ? closed({ reason: 'closed' }) : null;
}

export function notLive({ status, endsAt }: ModelBooking, now: number): Answer | null {
  if (status !== 'held') return refused('INVALID_STATE', { status });
  return endsAt !== null && now >= endsAt ? refused('INVALID_STATE', { status: 'expired' }) : null;
}

export function overBookingLimit(
  { settings: { maxSeatsPerBooking: limit } }: ModelState,
  seats: number,
): Answer | null {
  return seats > limit ? refused('LIMIT_EXCEEDED', { limit }) : null;
}

export function userLimit(state: ModelState, user: string, more: number): Answer | null {
  const limit = state.settings.maxSeatsPerUser;
  return seatsOf(state, user) + more > (limit ?? Infinity) ? refused('LIMIT_EXCEEDED', { limit }) : null;
}

export function soldOut(state: ModelState, seats: number): Answer | null {
  return seats > freeSeats(state) ? refused('SOLD_OUT', { availableSeats: freeSeats(state) }) : null;
}

/** The last moment of cancelling: by the event's rule, or 14 days after a move if later, but never after the start. */
export function cancelUntil({ settings, movedAt }: ModelState, { madeAt }: ModelBooking): number {
  const start = settings.startsAt.getTime();
  const rule = start - settings.cancelBeforeHours * HOUR_MS;
  if (movedAt === null || movedAt <= madeAt) return rule;
  return Math.max(rule, Math.min(movedAt + 14 * DAY_MS, start));
}
