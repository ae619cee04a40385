import { refuse } from '#shared/protocol/errors.ts';
import type { Cancel, CheckIn, Outcome } from './command.ts';
import type { BatchDraft } from './state/batch-draft.ts';
import type { BookingState, ChangeRequest } from './state/booking-state.ts';
import { changeRequestKey } from './state/booking-state.ts';
import { isSameTickets } from './tickets/line-items.ts';

/**
 * The outcome of a repeated request id: the booking in its present state, or `REQUEST_ID_REUSED` if the first request
 * named another booking or other input. Null for a new request id, and for a command without one.
 */
export function repeatedOutcome(draft: BatchDraft, command: Cancel | CheckIn): Outcome | null {
  const request = changeRequestOf(command);
  const changed = request && draft.changeRequests.get(request.key);
  if (!changed) return null;
  const earlier = changed.changeRequests.find(({ key }) => key === request.key);
  const isRepeat = changed.id === command.bookingId && earlier !== undefined && isSame(earlier, request);
  return isRepeat ? { ok: true, booking: draft.booking(changed.id) ?? changed } : refuse('REQUEST_ID_REUSED');
}

function isSame(a: ChangeRequest, b: ChangeRequest): boolean {
  const isSameSeat = a.personal?.type === b.personal?.type && a.personal?.number === b.personal?.number;
  return isSameSeat && a.seats === b.seats && a.reason === b.reason && isSameTickets(a.tickets ?? [], b.tickets ?? []);
}

/** The booking's requests with that of a command that changes the booking. */
export function withChangeRequest(
  { changeRequests }: Pick<BookingState, 'changeRequests'>,
  command: Cancel | CheckIn,
): readonly ChangeRequest[] {
  const request = changeRequestOf(command);
  return request ? [...changeRequests, request] : changeRequests;
}

function changeRequestOf(command: Cancel | CheckIn): ChangeRequest | null {
  const { type, actor, requestId, seats } = command;
  if (requestId === null) return null;
  const key = changeRequestKey(type, actor, requestId);
  if (command.type === 'checkIn') {
    const { personal } = command;
    return {
      key,
      seats,
      reason: null,
      ...(personal && { personal: { type: personal.type, number: personal.number } }),
    };
  }
  return { key, seats, reason: command.reason, ...(command.tickets && { tickets: command.tickets }) };
}
