import type { ClientSession } from 'mongodb';
import mongoose, { Types } from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import type { UserSeatsDoc } from '#server/models/user-seats.ts';
import type { Decision } from '../rules/command.ts';
import type { BookingCollections } from './collections.ts';

const { ObjectId } = Types;
const { MinKey, MaxKey } = mongoose.mongo;

type SeatCollections = Pick<BookingCollections, 'userSeats' | 'bookings'>;

/** Held and confirmed seats of these users on an event that has a limit per user; by user, 0 is left out. */
export async function loadUserSeats(
  { userSeats }: Pick<BookingCollections, 'userSeats'>,
  eventId: Types.ObjectId,
  userIds: readonly string[],
  session: ClientSession,
): Promise<Map<string, number>> {
  const ids = userIds.map((userId) => ({ eventId, userId: ObjectId.createFromHexString(userId) }));
  const found = await userSeats.find({ _id: { $in: ids } }, { session }).toArray();
  return new Map(found.map((doc) => [doc._id.userId.toHexString(), doc.seats]));
}

/** Writes the seats that users gained or gave back; call it after the bookings are written, which a recount reads. */
export async function writeUserSeats(
  collections: SeatCollections,
  before: EventDoc,
  decision: Decision,
  session: ClientSession,
): Promise<void> {
  // Seats per user are kept only under a limit: a new limit, and counters in doubt, need all of them counted.
  const isLimited = decision.event.settings.maxSeatsPerUser !== null;
  if (isLimited && (before.maxSeatsPerUser === null || decision.recounted)) {
    return recountUserSeats(collections, before._id, session);
  }
  const operations = [...decision.seatsByUser].map(([userId, seats]) => ({
    updateOne: {
      filter: { _id: { eventId: before._id, userId: ObjectId.createFromHexString(userId) } },
      update: { $inc: { seats } },
      upsert: true,
    },
  }));
  if (operations.length > 0) await collections.userSeats.bulkWrite(operations, { session });
}

async function recountUserSeats(
  { userSeats, bookings }: SeatCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<void> {
  await userSeats.deleteMany({ _id: allUsersOf(eventId) as never }, { session });
  const sums = await bookings
    .aggregate<UserSeatsDoc>(
      [
        { $match: { eventId, status: { $in: ['held', 'confirmed'] } } },
        { $group: { _id: { eventId: '$eventId', userId: '$userId' }, seats: { $sum: '$seats' } } },
      ],
      { session },
    )
    .toArray();
  if (sums.length > 0) await userSeats.insertMany(sums, { session });
}

/** How many users have a stored number of seats that is not the sum of their live bookings. */
export async function countWrongUserSeats(
  { bookings }: Pick<BookingCollections, 'bookings'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<number> {
  const stored = [
    { $match: { _id: allUsersOf(eventId) } },
    { $project: { user: '$_id.userId', seats: { $subtract: [0, '$seats'] } } },
  ];
  const pipeline = [
    { $match: { eventId, status: { $in: ['held', 'confirmed'] } } },
    { $project: { user: '$userId', seats: 1 } },
    { $unionWith: { coll: 'userSeats', pipeline: stored } },
    { $group: { _id: '$user', seats: { $sum: '$seats' } } },
    { $match: { seats: { $ne: 0 } } },
    { $count: 'users' },
  ];
  const [wrong] = await bookings.aggregate<{ users: number }>(pipeline, { session, allowDiskUse: true }).toArray();
  return wrong?.users ?? 0;
}

/** The range of `_id` that holds an event's users. */
function allUsersOf(eventId: Types.ObjectId) {
  return { $gte: { eventId, userId: new MinKey() }, $lte: { eventId, userId: new MaxKey() } };
}
