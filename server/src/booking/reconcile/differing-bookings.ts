import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { CountCollections } from '../store/collections.ts';
import { lastLedgerEntries } from '../store/queries/count-tickets.ts';

/**
 * A booking that differs from its last ledger entry. Both sides as "confirmed with 2 seats (2 t1)", with the owner if it
 * is another one; null if missing.
 */
export interface BookingDifference {
  id: string;
  stored: string | null;
  ledger: string | null;
}

/** Enough examples to find the cause. */
const MAX_DIFFERENCES = 20;

/** The status, owner, seats and tickets of one booking by its two sources. */
interface FoundStates {
  _id: Types.ObjectId;
  states: {
    from: 'ledger' | 'bookings';
    status: string;
    seats: number;
    userId: Types.ObjectId;
    tickets: { type: string; count: number }[];
  }[];
}

const STATE = { from: '$from', status: '$status', seats: '$seats', userId: '$userId', tickets: '$tickets' };
const typesAndCounts = (tickets: Document | string) => ({
  $map: { input: tickets, in: { type: '$$this.type', count: '$$this.count' } },
});

const DIFFERING: Document[] = [
  { $group: { _id: '$_id', states: { $push: STATE } } },
  {
    $match: {
      $expr: {
        $or: [
          { $ne: [{ $size: '$states' }, 2] },
          { $ne: [{ $first: '$states.seats' }, { $last: '$states.seats' }] },
          { $ne: [{ $first: '$states.userId' }, { $last: '$states.userId' }] },
          { $ne: [{ $first: '$states.status' }, { $last: '$states.status' }] },
          { $ne: [{ $first: '$states.tickets' }, { $last: '$states.tickets' }] },
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
  const fields = { from: 'bookings', status: 1, seats: 1, userId: 1, tickets: typesAndCounts('$tickets') };
  const stored = [{ $match: { eventId } }, { $project: fields }];
  const pipeline = [
    ...lastLedgerEntries(eventId),
    { $set: { from: 'ledger', tickets: typesAndCounts('$tickets') } },
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
  if (!state) return null;
  const tickets = state.tickets.map(({ type, count }) => `${count} ${type}`).join(', ');
  const isOwned = states.every(({ userId }) => userId.equals(state.userId));
  return `${state.status} with ${state.seats} seats (${tickets})${isOwned ? '' : ` of ${String(state.userId)}`}`;
}
