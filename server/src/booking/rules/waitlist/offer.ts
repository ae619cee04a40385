import type { Held } from '../state/booking-state.ts';
import { isOnSale, mayOffer } from '../policies.ts';
import { salesCloseAt } from '../state/event-state.ts';
import type { WaitingState } from './entry-state.ts';
import type { Work } from '../state/batch-draft.ts';

const MINUTE_MS = 60_000;

/**
 * Seats that are free go to those who wait: first come, first fitting. Whoever cannot take them now is passed over and
 * keeps their place. Answers the place behind which the list goes on, if this batch does not reach its end.
 */
export function offerSeats(work: Work): number | null {
  const { candidates, more } = work.state.waiting;
  if (work.event.waitingCount === 0 || !isOnSale(work.event, work.now)) return null;
  // What everybody has is counted by the commit that sets the limit: the next batch can keep to it, this one cannot.
  if (work.limitIsNew) return work.event.counters.availableSeats > 0 ? 0 : null;
  for (const entry of work.line()) {
    if (work.event.counters.availableSeats === 0) break;
    if (fits(work, entry)) offer(work, entry);
  }
  const last = candidates.at(-1);
  return more && last && work.event.counters.availableSeats > 0 ? last.place : null;
}

function fits(work: Work, entry: WaitingState): boolean {
  const { userId } = entry;
  return mayOffer(entry, { event: work.event, held: work.liveHolds.has(userId), seatsOfUser: work.seatsOf(userId) });
}

function offer(work: Work, entry: WaitingState): void {
  const ids = work.nextFresh();
  if (!ids) throw new Error('An offer without an id: fewer were loaded than parties');
  const { bookingId, code } = ids;
  const { settings, id } = work.event;
  const lasts = work.now.getTime() + settings.offerMinutes * MINUTE_MS;
  const holdExpiresAt = new Date(Math.min(lasts, salesCloseAt(settings).getTime()));
  const booking: Held = {
    id: bookingId,
    version: 1,
    code,
    eventId: id,
    userId: entry.userId,
    seats: entry.seats,
    price: settings.price,
    source: 'waitlist',
    requestId: null,
    requested: null,
    payment: null,
    checkedInSeats: 0,
    createdAt: work.now,
    updatedAt: work.now,
    status: 'held',
    holdExpiresAt,
    settling: false,
  };
  work.create(booking, { kind: 'offered', actor: 'system' });
  work.move(entry, { status: 'offered', bookingId, offerExpiresAt: holdExpiresAt });
}
