import { refuse } from '#shared/protocol/errors.ts';
import { requestKey } from '../state/booking-state.ts';
import type { CloseList, Join, Outcome } from '../command.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { mayJoin } from '../policies.ts';
import type { WaitingState } from './entry-state.ts';
import type { Work } from '../state/batch-draft.ts';

/** Joins beyond this many of one entry are forgotten: a client repeats its last ones. */
const MAX_REQUESTS = 20;

export function join(work: Work, command: Join): Outcome {
  const { userId, requestId, seats } = command;
  const earlier = work.joins.get(requestKey(userId, requestId));
  if (earlier) {
    const asked = earlier.requests.find((request) => request.requestId === requestId);
    const repeated = earlier.eventId === work.event.id && asked?.seats === seats;
    return repeated ? { ok: true, entry: work.party(earlier.id) ?? earlier } : refuse('REQUEST_ID_REUSED');
  }
  const error = mayJoin(command, {
    event: work.event,
    now: work.now,
    entry: work.activeParty(userId),
    seatsOfUser: work.seatsOf(userId),
  });
  if (error) return { ok: false, error };
  const entry = work.activeParty(userId);
  return { ok: true, entry: entry ? resize(work, entry, command) : enlist(work, command) };
}

function enlist(work: Work, { entryId, userId, requestId, seats }: Join): WaitingState {
  const entry: WaitingState = {
    id: entryId,
    version: 1,
    eventId: work.event.id,
    userId,
    seats,
    place: work.nextPlace(),
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [{ requestId, seats }],
    createdAt: work.now,
    updatedAt: work.now,
  };
  work.join(entry);
  return entry;
}

/** A smaller party keeps its place, a larger one goes to the end. */
function resize(work: Work, entry: WaitingState, { requestId, seats }: Join): WaitingState {
  const place = seats > entry.seats ? work.nextPlace() : entry.place;
  const requests = [...entry.requests, { requestId, seats }].slice(-MAX_REQUESTS);
  return work.move(entry, { seats, place, requests });
}

/** What became of an offer, told by what became of its booking. */
export function answerOffer(work: Work, bookingId: string, status: 'fulfilled' | 'left' | 'missed' | 'closed'): void {
  const entry = work.partyOf(bookingId);
  if (entry) work.move(entry, { status });
}

/** Ends the list where sales are over; otherwise nobody is sent away. */
export function closeList(work: Work, _: CloseList): Outcome {
  const { settings } = work.event;
  const over = settings.status === 'cancelled' || work.now >= salesCloseAt(settings);
  if (over) {
    for (const { id } of work.state.waiting.candidates) {
      const entry = work.party(id);
      if (entry?.status === 'waiting') work.move(entry, { status: 'closed' });
    }
  }
  return { ok: true, event: true };
}
