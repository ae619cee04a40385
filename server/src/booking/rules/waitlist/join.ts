import { refuse } from '#shared/protocol/errors.ts';
import type { CloseWaitlist, Join, Outcome } from '../command.ts';
import { closedEntriesJob } from '../notify.ts';
import { joinRefusal } from '../refusals.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import { requestKey } from '../state/booking-state.ts';
import { salesCloseAt } from '../state/event-state.ts';
import type { WaitlistEntryState } from './entry-state.ts';

/** Requests that one entry remembers; older ones are forgotten, since a client repeats its last ones. */
const MAX_REQUESTS = 20;

/**
 * Puts a user at the end of the waiting list, or changes the party size of the user's entry. Refused with
 * `REQUEST_ID_REUSED` or the codes of `joinRefusal`.
 */
export function join(draft: BatchDraft, command: Join): Outcome {
  const { userId, requestId, seats } = command;
  const earlier = draft.waitlist.entryOfRequest(requestKey(userId, requestId));
  if (earlier) {
    const request = earlier.requests.find((one) => one.requestId === requestId);
    const isRepeat = earlier.eventId === draft.event.id && request?.seats === seats;
    if (!isRepeat) return refuse('REQUEST_ID_REUSED');
    return { ok: true, waitlistEntry: draft.waitlist.entry(earlier.id) ?? earlier };
  }
  const entry = draft.waitlist.activeEntryOf(userId);
  const { event, now } = draft;
  const error = joinRefusal(command, { event, now, entry, seatsOfUser: draft.seatsOf(userId) });
  if (error) return { ok: false, error };
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

/** A smaller party size keeps the position, a larger one moves the entry to the end. */
function changePartySize(draft: BatchDraft, entry: WaitlistEntryState, { requestId, seats }: Join): WaitlistEntryState {
  const place = seats > entry.seats ? draft.waitlist.nextSortKey() : entry.place;
  const requests = [...entry.requests, { requestId, seats }].slice(-MAX_REQUESTS);
  return draft.changeWaitlistEntry(entry, { seats, place, requests });
}

/**
 * Ends the loaded waiting entries if sales are over, with a job that notifies their users; an edit may have put that
 * off, then nothing changes.
 */
export function closeWaitlist(draft: BatchDraft, _: CloseWaitlist): Outcome {
  const { settings } = draft.event;
  if (settings.status !== 'cancelled' && draft.now < salesCloseAt(settings)) return { ok: true, event: true };
  const closed: string[] = [];
  for (const { id } of draft.state.waitlist.candidates) {
    const entry = draft.waitlist.entry(id);
    if (entry?.status !== 'waiting') continue;
    draft.changeWaitlistEntry(entry, { status: 'closed' });
    closed.push(id);
  }
  const [first, ...others] = closed;
  if (first !== undefined) draft.addJob(closedEntriesJob(draft.event.id, [first, ...others]));
  return { ok: true, event: true };
}
