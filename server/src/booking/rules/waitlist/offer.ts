import type { Held } from '../state/booking-state.ts';
import { isOnSale, mayBeOffered } from '../refusals.ts';
import { salesCloseAt } from '../state/event-state.ts';
import type { WaitlistEntryState } from './entry-state.ts';
import type { BatchDraft } from '../state/batch-draft.ts';

const MINUTE_MS = 60_000;

/**
 * Seats that are free go to those who wait: first come, first fitting. Whoever cannot take them now is passed over and
 * keeps their place. Answers the place behind which the list goes on, if this batch does not reach its end.
 */
export function offerSeats(draft: BatchDraft): number | null {
  const { candidates, hasMore } = draft.state.waitlist;
  if (draft.event.waitingCount === 0 || !isOnSale(draft.event, draft.now)) return null;
  // What everybody has is counted by the commit that sets the limit: the next batch can keep to it, this one cannot.
  if (draft.isUserLimitNew) return draft.event.counters.availableSeats > 0 ? 0 : null;
  for (const entry of draft.waitlist.waitingEntries()) {
    if (draft.event.counters.availableSeats === 0) break;
    if (canBeOffered(draft, entry)) makeOffer(draft, entry);
  }
  const last = candidates.at(-1);
  return hasMore && last && draft.event.counters.availableSeats > 0 ? last.place : null;
}

function canBeOffered(draft: BatchDraft, entry: WaitlistEntryState): boolean {
  const { userId } = entry;
  return mayBeOffered(entry, {
    event: draft.event,
    held: draft.liveHolds.has(userId),
    seatsOfUser: draft.seatsOf(userId),
  });
}

function makeOffer(draft: BatchDraft, entry: WaitlistEntryState): void {
  const ids = draft.waitlist.nextOfferIds();
  if (!ids) throw new Error('An offer without an id: fewer were loaded than parties');
  const { bookingId, code } = ids;
  const { settings, id } = draft.event;
  const lasts = draft.now.getTime() + settings.offerMinutes * MINUTE_MS;
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
    createdAt: draft.now,
    updatedAt: draft.now,
    status: 'held',
    holdExpiresAt,
    settling: false,
  };
  draft.addBooking(booking, { kind: 'offered', actor: 'system' });
  draft.changeWaitlistEntry(entry, { status: 'offered', bookingId, offerExpiresAt: holdExpiresAt });
}
