import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { BookingCollections } from './collections.ts';

const { ObjectId } = Types;

/**
 * Held and confirmed seats of these users on an event; by user, 0 is left out. Summed from their bookings, which the
 * transaction reads as of one moment: a limit that an edit sets holds at once, and nothing has to be counted for it.
 */
export async function loadUserSeats(
  { bookings }: Pick<BookingCollections, 'bookings'>,
  eventId: Types.ObjectId,
  userIds: readonly string[],
  session: ClientSession,
): Promise<Map<string, number>> {
  const userId = { $in: userIds.map((id) => ObjectId.createFromHexString(id)) };
  const pipeline = [
    { $match: { userId, eventId, status: { $in: ['held', 'confirmed'] } } },
    { $group: { _id: '$userId', seats: { $sum: '$seats' } } },
  ];
  // A user has few bookings, an event may have very many.
  const options = { session, hint: { userId: 1, _id: -1 } };
  const found = await bookings.aggregate<{ _id: Types.ObjectId; seats: number }>(pipeline, options).toArray();
  return new Map(found.map(({ _id, seats }) => [_id.toHexString(), seats]));
}
