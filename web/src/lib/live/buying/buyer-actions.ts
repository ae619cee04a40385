import type { Booking } from '#shared/booking.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { Live } from '../live.svelte.ts';
import type { RetryableAction } from '../retryable-action.svelte.ts';
import { bookInput, isForTickets, joinInput, type SeatsRequest } from './seats-request.ts';
import { StoredSlot } from './stored-slot.ts';

// Apart from the live store, because only the page of an event needs them.

/** Creates the action that books tickets of one event. Its pending request survives a reload. */
export function purchaseAction(live: Live, userId: string, eventId: string): RetryableAction<SeatsRequest, Booking> {
  return live.action((request, requestId) => live.bookings.book(bookInput(eventId, requestId, request)), {
    slot: new StoredSlot({ storage: live.storage, kind: 'book', userId, eventId }),
    isOutcome: (booking, { requestId }) => booking.requestId === requestId,
  });
}

/**
 * Creates the action that joins one event's waiting list, or changes the tickets on it. Its pending request survives a
 * reload.
 */
export function waitlistAction(
  live: Live,
  userId: string,
  eventId: string,
): RetryableAction<SeatsRequest, WaitlistEntry> {
  return live.action((request, requestId) => live.waitlist.join(joinInput(eventId, requestId, request)), {
    slot: new StoredSlot({ storage: live.storage, kind: 'join', userId, eventId }),
    isOutcome: (entry, { input }) =>
      entry.eventId === eventId &&
      isForTickets(entry, input) &&
      (entry.status === 'waiting' || entry.status === 'offered'),
  });
}
