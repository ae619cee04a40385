import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { CountCollections } from '../store/collections.ts';

/** A booking whose numbers of people inside contradict each other: in all, and by tickets of their own. */
export interface CheckInDifference {
  id: string;
  seats: number;
  inside: number;
  personally: number;
}

/** Enough examples to find the cause. */
const MAX_DIFFERENCES = 20;

const PERSONAL = { $ifNull: ['$personalTickets', []] };
const INSIDE = { $ifNull: ['$checkedInSeats', 0] };
const PERSONALLY_INSIDE = {
  $size: { $filter: { input: PERSONAL, cond: { $eq: [{ $type: '$$this.checkedInAt' }, 'date'] } } },
};
const SEATS_OF_TYPE = {
  $sum: {
    $map: {
      input: '$tickets',
      as: 'line',
      in: { $cond: [{ $eq: ['$$line.type', '$$own.type'] }, { $multiply: ['$$line.count', '$$line.seats'] }, 0] },
    },
  },
};
const HAS_UNKNOWN_SEAT = {
  $anyElementTrue: { $map: { input: PERSONAL, as: 'own', in: { $gt: ['$$own.number', SEATS_OF_TYPE] } } },
};

const IMPOSSIBLE: Document[] = [
  {
    $match: {
      $expr: { $or: [{ $gt: [INSIDE, '$seats'] }, { $gt: [PERSONALLY_INSIDE, INSIDE] }, HAS_UNKNOWN_SEAT] },
    },
  },
  { $sort: { _id: 1 } },
  { $limit: MAX_DIFFERENCES },
  { $project: { _id: 0, id: { $toString: '$_id' }, seats: 1, inside: INSIDE, personally: PERSONALLY_INSIDE } },
];

/**
 * The bookings of an event with more seats checked in than they have, with more by personal tickets than in all, or with
 * a personal ticket of a seat that they do not have.
 */
export async function findImpossibleCheckIns(
  { bookings }: Pick<CountCollections, 'bookings'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<CheckInDifference[]> {
  return bookings.aggregate<CheckInDifference>([{ $match: { eventId } }, ...IMPOSSIBLE], { session }).toArray();
}
