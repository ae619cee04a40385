import { refuse } from '#shared/protocol/errors.ts';
import { requestKey } from '../state/booking-state.ts';
import type { CloseWaitlist, Join, Outcome } from '../command.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { joinRefusal } from '../refusals.ts';
import type { WaitlistEntryState } from './entry-state.ts';
import type { BatchDraft } from '../state/batch-draft.ts';

/** Joins beyond this many of one entry are forgotten: a client repeats its last ones. */
const MAX_REQUESTS = 20;

export function join(draft: BatchDraft, command: Join): Outcome {
  const { userId, requestId, seats } = command;
  const earlier = draft.waitlist.entryOfRequest(requestKey(userId, requestId));
  if (earlier) {
    const asked = earlier.requests.find((request) => request.requestId === requestId);
    const repeated = earlier.eventId === draft.event.id && asked?.seats === seats;
    return repeated
      ? { ok: true, waitlistEntry: draft.waitlist.entry(earlier.id) ?? earlier }
      : refuse('REQUEST_ID_REUSED');
  }
  const error = joinRefusal(command, {
    event: draft.event,
    now: draft.now,
    entry: draft.waitlist.activeEntryOf(userId),
    seatsOfUser: draft.seatsOf(userId),
  });
  if (error) return { ok: false, error };
  const entry = draft.waitlist.activeEntryOf(userId);
  return { ok: true, waitlistEntry: entry ? changePartySize(draft, entry, command) : addEntry(draft, command) };
}

function addEntry(draft: BatchDraft, { entryId, userId, requestId, seats }: Join): WaitlistEntryState {
  const entry: WaitlistEntryState = {
    id: entryId,
    version: 1,
    eventId: draft.event.id,
    userId,
    seats,
    place: draft.waitlist.nextSortKey(),
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [{ requestId, seats }],
    createdAt: draft.now,
    updatedAt: draft.now,
  };
  draft.addWaitlistEntry(entry);
  return entry;
}

/** A smaller party keeps its place, a larger one goes to the end. */
function changePartySize(draft: BatchDraft, entry: WaitlistEntryState, { requestId, seats }: Join): WaitlistEntryState {
  const place = seats > entry.seats ? draft.waitlist.nextSortKey() : entry.place;
  const requests = [...entry.requests, { requestId, seats }].slice(-MAX_REQUESTS);
  return draft.changeWaitlistEntry(entry, { seats, place, requests });
}

/** What became of an offer, told by what became of its booking. */
export function endOffer(
  draft: BatchDraft,
  bookingId: string,
  status: 'fulfilled' | 'left' | 'missed' | 'closed',
): void {
  const entry = draft.waitlist.entryOfOffer(bookingId);
  if (entry) draft.changeWaitlistEntry(entry, { status });
}

/** Ends the list where sales are over; otherwise nobody is sent away. */
export function closeWaitlist(draft: BatchDraft, _: CloseWaitlist): Outcome {
  const { settings } = draft.event;
  const over = settings.status === 'cancelled' || draft.now >= salesCloseAt(settings);
  if (over) {
    for (const { id } of draft.state.waitlist.candidates) {
      const entry = draft.waitlist.entry(id);
      if (entry?.status === 'waiting') draft.changeWaitlistEntry(entry, { status: 'closed' });
    }
  }
  return { ok: true, event: true };
}
