import type { ClientSession, Collection } from 'mongodb';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Command } from '../../rules/command.ts';
import type { BookingState } from '../../rules/state/booking-state.ts';
import { changeRequestKey, requestKey } from '../../rules/state/booking-state.ts';
import { toBookingState } from '../records.ts';

/** Of new bookings, and of holds that an account takes over: their requests become the account's. */
function requestIdsOf(commands: readonly Command[], named: ReadonlyMap<string, BookingState>): string[] {
  return commands.flatMap((command) => {
    if (command.type === 'book') return [command.requestId];
    return command.type === 'adoptHold' ? (named.get(command.bookingId)?.requestId ?? []) : [];
  });
}

/** By `requestKey`: the bookings, of any event, that the requests of these commands made before. */
export async function loadRequests(
  bookings: Collection<BookingDoc>,
  commands: readonly Command[],
  named: ReadonlyMap<string, BookingState>,
  session: ClientSession,
): Promise<Map<string, BookingState>> {
  const requests = new Map<string, BookingState>();
  const requestIds = requestIdsOf(commands, named);
  if (requestIds.length === 0) return requests;
  // `$type` repeats the partial index's own filter: without it the planner reads the whole collection (MongoDB 6.0).
  const requestId = { $in: requestIds, $type: 'string' as const };
  const found = bookings.find({ requestId }, { session });
  for (const doc of await found.toArray()) {
    const booking = toBookingState(doc);
    if (!booking.requestId) continue;
    requests.set(requestKey(booking.userId, booking.requestId), booking);
    // The account that made the hold may still repeat its request.
    if (booking.adoptedFrom) requests.set(requestKey(booking.adoptedFrom, booking.requestId), booking);
  }
  return requests;
}

/** By `changeRequestKey`: the bookings, of any event, that the requests of these commands changed before. */
export async function loadChangeRequests(
  bookings: Collection<BookingDoc>,
  commands: readonly Command[],
  session: ClientSession,
): Promise<Map<string, BookingState>> {
  const keys = commands.flatMap((command) =>
    (command.type === 'cancel' || command.type === 'checkIn') && command.requestId !== null
      ? [changeRequestKey(command.type, command.actor, command.requestId)]
      : [],
  );
  if (keys.length === 0) return new Map();
  // `$type` as in `loadRequests`.
  const found = await bookings.find({ 'changeRequests.key': { $in: keys, $type: 'string' } }, { session }).toArray();
  return new Map(found.map(toBookingState).flatMap((b) => b.changeRequests.map(({ key }) => [key, b] as const)));
}
