import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { CountCollections } from '../store/collections.ts';

/** A booking that is not as the ledger left it; "confirmed with 2 seats", or null where there is none. */
export interface BookingDifference {
  id: string;
  stored: string | null;
  told: string | null;
}

/** Enough to see what happened. */
const MOST = 20;

interface Found {
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
  { $limit: MOST },
];

/** Looks for the bookings behind a difference: the last line of the ledger about each, against the booking itself. */
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
  const found = await ledger.aggregate<Found>(pipeline, { session, allowDiskUse: true }).toArray();
  return found.map(({ _id, states }) => ({
    id: _id.toHexString(),
    stored: describe(states, 'bookings'),
    told: describe(states, 'ledger'),
  }));
}

function describe(states: Found['states'], from: 'ledger' | 'bookings'): string | null {
  const state = states.find((one) => one.from === from);
  return state ? `${state.status} with ${state.seats} seats` : null;
}
