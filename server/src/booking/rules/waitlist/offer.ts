import { isOnSale, offerFor } from '../refusals.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import type { Held } from '../state/booking-state.ts';
import { salesCloseAt } from '../state/event-state.ts';
import type { Wanted } from '../tickets/resolve.ts';
import type { WaitlistEntryState } from './entry-state.ts';

const MINUTE_MS = 60_000;

/**
 * Offers free seats to the waiting list: first come, first fitting. An entry that cannot take them now is passed over,
 * and keeps its position. Returns the sort key to continue behind if this batch does not reach the end of the list,
 * else null.
 */
export function offerSeats(draft: BatchDraft): number | null {
  const { candidates, hasMore } = draft.state.waitlist;
  if (draft.event.waitingCount === 0 || !isOnSale(draft.event, draft.now)) return null;
  // Seats per user are loaded under a limit only: the batch that sets it does not know them, the next one does.
  if (draft.isUserLimitNew) return draft.event.counters.availableSeats > 0 ? 0 : null;
  for (const entry of draft.waitlist.waitingEntries()) {
    if (draft.event.counters.availableSeats === 0) break;
    const offered = offerOf(draft, entry);
    if (offered) makeOffer(draft, entry, offered);
  }
  const last = candidates.at(-1);
  return hasMore && last && draft.event.counters.availableSeats > 0 ? last.place : null;
}

function offerOf(draft: BatchDraft, entry: WaitlistEntryState): Wanted | null {
  const { event, now } = draft;
  const { userId } = entry;
  const hasHold = draft.liveHolds.has(userId);
  return offerFor(entry, { event, now, hasHold, seatsOfUser: draft.seatsOf(userId) });
}

/** Holds the seats for `offerMinutes`, but no longer than sales are open. */
function makeOffer(draft: BatchDraft, entry: WaitlistEntryState, { tickets, seats }: Wanted): void {
  const ids = draft.waitlist.nextOfferIds();
  if (!ids) throw new Error('An offer without an id: fewer were loaded than entries');
  const { bookingId, code } = ids;
  const { settings, id } = draft.event;
  const endsMs = draft.now.getTime() + settings.offerMinutes * MINUTE_MS;
  const holdExpiresAt = new Date(Math.min(endsMs, salesCloseAt(settings).getTime()));
  const booking: Held = {
    id: bookingId,
    version: 1,
    code,
    eventId: id,
    userId: entry.userId,
    seats,
    tickets,
    voucher: null,
    provisional: false,
    adoptedFrom: null,
    source: 'waitlist',
    requestId: null,
    requested: null,
    payment: null,
    checkedInSeats: 0,
    checkedInAt: null,
    personalTickets: [],
    changeRequests: [],
    movesSeenAt: null,
    reasons: [],
    cancelledParts: [],
    createdAt: draft.now,
    updatedAt: draft.now,
    status: 'held',
    holdExpiresAt,
    settling: false,
  };
  draft.addBooking(booking, { kind: 'offered', actor: 'system' });
  draft.changeWaitlistEntry(entry, { status: 'offered', bookingId, offerExpiresAt: holdExpiresAt });
}

/** Ends the waitlist entry whose offer this booking is, if it is one. */
export function endOffer(
  draft: BatchDraft,
  bookingId: string,
  status: 'fulfilled' | 'left' | 'missed' | 'closed',
): void {
  const entry = draft.waitlist.entryOfOffer(bookingId);
  if (entry) draft.changeWaitlistEntry(entry, { status });
}
