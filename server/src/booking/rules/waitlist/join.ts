import { refuse } from '#shared/protocol/errors.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { CloseWaitlist, Join, Outcome } from '../command.ts';
import { closedEntriesJob } from '../notify.ts';
import { joinRefusal } from '../refusals.ts';
import type { BatchDraft } from '../state/batch-draft.ts';
import { requestKey } from '../state/booking-state.ts';
import { salesCloseAt } from '../state/event-state.ts';
import { countOf, isSameTickets } from '../tickets/line-items.ts';
import type { Wanted } from '../tickets/resolve.ts';
import { resolveWanted } from '../tickets/resolve.ts';
import type { JoinRequest, JoinRequested, WaitlistEntryState } from './entry-state.ts';

/** Requests that one entry remembers; older ones are forgotten, since a client repeats its last ones. */
const MAX_REQUESTS = 20;

/**
 * Puts a user at the end of the waiting list, or changes the tickets of the user's entry. Refused with
 * `REQUEST_ID_REUSED`, `INVALID_INPUT` (see `resolveWanted`) or the codes of `joinRefusal`.
 */
export function join(draft: BatchDraft, command: Join): Outcome {
  const { userId, requestId } = command;
  const earlier = draft.waitlist.entryOfRequest(requestKey(userId, requestId));
  if (earlier) {
    const request = earlier.requests.find((one) => one.requestId === requestId);
    const isRepeat = earlier.eventId === draft.event.id && request !== undefined && isSameRequest(request, command);
    if (!isRepeat) return refuse('REQUEST_ID_REUSED');
    return { ok: true, waitlistEntry: draft.waitlist.entry(earlier.id) ?? earlier };
  }
  const entry = draft.waitlist.activeEntryOf(userId);
  const { event, now } = draft;
  const resolved = resolveWanted(event, command);
  if (!resolved.ok) return resolved;
  const { wanted } = resolved;
  const error = joinRefusal(wanted, { event, now, entry, seatsOfUser: draft.seatsOf(userId) });
  if (error) return { ok: false, error };
  return {
    ok: true,
    waitlistEntry: entry ? changeEntry(draft, entry, command, wanted) : addEntry(draft, command, wanted),
  };
}

function isSameRequest(a: JoinRequested, b: JoinRequested): boolean {
  if ('tickets' in a) return 'tickets' in b && isSameTickets(a.tickets, b.tickets);
  return !('tickets' in b) && a.seats === b.seats;
}

function requestOf(command: Join): JoinRequest {
  const { requestId } = command;
  return 'tickets' in command ? { requestId, tickets: command.tickets } : { requestId, seats: command.seats };
}

function countsOf({ tickets }: Wanted): TicketCount[] {
  return tickets.map(({ type, count }) => ({ type, count }));
}

function addEntry(draft: BatchDraft, command: Join, wanted: Wanted): WaitlistEntryState {
  const { entryId, userId } = command;
  const entry: WaitlistEntryState = {
    id: entryId,
    version: 1,
    eventId: draft.event.id,
    userId,
    seats: wanted.seats,
    tickets: countsOf(wanted),
    place: draft.waitlist.nextSortKey(),
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [requestOf(command)],
    createdAt: draft.now,
    updatedAt: draft.now,
  };
  draft.addWaitlistEntry(entry);
  return entry;
}

/** Fewer tickets keep the position; more of any type move the entry to the end. */
function changeEntry(draft: BatchDraft, entry: WaitlistEntryState, command: Join, wanted: Wanted): WaitlistEntryState {
  const tickets = countsOf(wanted);
  const isSmaller = tickets.every(({ type, count }) => count <= countOf(entry.tickets, type));
  const place = isSmaller ? entry.place : draft.waitlist.nextSortKey();
  const requests = [...entry.requests, requestOf(command)].slice(-MAX_REQUESTS);
  return draft.changeWaitlistEntry(entry, { seats: wanted.seats, tickets, place, requests });
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
