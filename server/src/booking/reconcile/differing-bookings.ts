import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { CountCollections } from '../store/collections.ts';

/** A booking that differs from its last ledger entry. Both sides as "confirmed with 2 seats"; null if missing. */
export interface BookingDifference {
  id: string;
  stored: string | null;
  ledger: string | null;
}

/** Enough examples to find the cause. */
const MAX_DIFFERENCES = 20;

/** The status and seats of one booking by its two sources. */
interface FoundStates {
  _id: Types.ObjectId;
  states: { from: 'ledger' | 'bookings'; status: string; seats: number }[];
}

const DIFFERING: Document[] = [
  { $group: { _id: '$_id', states: { $push: { from: '$from', status: '$status', seats: '$seats' } } } },
  {
    $match: {
      $expr: {
        $or: [
          { $ne: [{ $size: '$states' }, 2] },
          { $ne: [{ $first: '$states.seats' }, { $last: '$states.seats' }] },
          { $ne: [{ $first: '$states.status' }, { $last: '$states.status' }] },
        ],
      },
    },
  },
  { $sort: { _id: 1 } },
  { $limit: MAX_DIFFERENCES },
];

/** Compares each booking of an event with the last ledger entry about it. */
export async function findDifferingBookings(
  { ledger }: Pick<CountCollections, 'ledger'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<BookingDifference[]> {
  const last = (field: string) => ({ $last: `$entries.booking.${field}` });
  const stored = [{ $match: { eventId } }, { $project: { from: 'bookings', status: 1, seats: 1 } }];
  const pipeline = [
    { $match: { eventId } },
    { $sort: { seq: 1 } },
    { $unwind: '$entries' },
    { $match: { 'entries.booking._id': { $exists: true } } },
    { $group: { _id: '$entries.booking._id', status: last('status'), seats: last('seats') } },
    { $set: { from: 'ledger' } },
    { $unionWith: { coll: 'bookings', pipeline: stored } },
    ...DIFFERING,
  ];
  const found = await ledger.aggregate<FoundStates>(pipeline, { session, allowDiskUse: true }).toArray();
  return found.map(({ _id, states }) => ({
    id: _id.toHexString(),
    stored: describeState(states, 'bookings'),
    ledger: describeState(states, 'ledger'),
  }));
}

function describeState(states: FoundStates['states'], from: 'ledger' | 'bookings'): string | null {
  const state = states.find((candidate) => candidate.from === from);
  return state ? `${state.status} with ${state.seats} seats` : null;
}
