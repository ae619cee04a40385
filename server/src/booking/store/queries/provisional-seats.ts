import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import { PROVISIONAL_HOLDS } from '#server/models/booking.ts';
import type { Command } from '../../rules/command.ts';
import type { BookingState } from '../../rules/state/booking-state.ts';
import type { EventState } from '../../rules/state/event-state.ts';
import type { BookingCollections } from '../collections.ts';

/**
 * The seats of an event that provisional accounts hold, if a command of the batch depends on them, else 0. Summed from
 * the holds in the batch's transaction: every commit raises the event's version, so of two servers that read the same sum
 * one commits.
 */
export async function loadProvisionalSeats(
  { bookings }: Pick<BookingCollections, 'bookings'>,
  { id, counters }: Pick<EventState, 'id' | 'counters'>,
  { commands, named }: { commands: readonly Command[]; named: ReadonlyMap<string, BookingState> },
  session: ClientSession,
): Promise<number> {
  const isNeeded = (command: Command) =>
    (command.type === 'book' && command.isProvisional) ||
    (command.type === 'changeHold' && named.get(command.bookingId)?.provisional);
  if (counters.heldSeats === 0 || !commands.some(isNeeded)) return 0;
  const eventId = Types.ObjectId.createFromHexString(id);
  const pipeline = [
    { $match: { eventId, status: 'held', provisional: true } },
    { $group: { _id: null, seats: { $sum: '$seats' } } },
  ];
  const found = bookings.aggregate<{ seats: number }>(pipeline, { session, hint: PROVISIONAL_HOLDS });
  return (await found.next())?.seats ?? 0;
}
