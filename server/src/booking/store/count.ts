import type { ClientSession, Collection, Document } from 'mongodb';
import type { Types } from 'mongoose';
import mongoose from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerAvailability, LedgerDoc } from '#server/models/ledger.ts';
import type { UserSeatsDoc } from '#server/models/user-seats.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { Recounted } from '../rules/state/event-state.ts';

const { MinKey, MaxKey } = mongoose.mongo;

/** All that tells of an event's seats. */
export interface CountCollections {
  events: Collection<EventDoc>;
  bookings: Collection<BookingDoc>;
  ledger: Collection<LedgerDoc>;
  userSeats: Collection<UserSeatsDoc>;
  waitlist: Collection<WaitlistEntryDoc>;
}

export interface LedgerCount {
  /** How many documents there are, and the number of the last. */
  documents: number;
  last: number;
  /** The first number that is missing. */
  missing: number | null;
  /** The last document whose availability is not the sum up to it; 0: none. */
  wrong: number;
  /** The last recount; 0: none. What was shown before it was put right by it. */
  recounted: number;
  available: number;
  held: number;
  sold: number;
  /** Bookings that were made. */
  made: number;
  /** The availability of the last document. */
  shown: LedgerAvailability | null;
}

export interface BookingsCount {
  held: number;
  sold: number;
  made: number;
  holdsUntil: Date | null;
}

const MADE = ['booked', 'held', 'offered'];
const UP_TO_HERE = { documents: ['unbounded', 'current'] };
const upToHere = (field: string) => ({ $sum: `$${field}`, window: UP_TO_HERE });
const differs = (field: string, sum: string) => ({ $ne: [`$shown.${field}`, `$${sum}`] });
const lastWhere = (condition: Document) => ({ $max: { $cond: [condition, '$seq', 0] } });

/** The database adds up itself: what comes back is one document, however long the ledger is. */
const LEDGER_COUNT: Document[] = [
  { $sort: { seq: 1 } },
  {
    $project: {
      seq: 1,
      shown: '$availability',
      available: { $sum: '$entries.available' },
      held: { $sum: '$entries.held' },
      sold: { $sum: '$entries.sold' },
      recount: { $in: ['recounted', '$entries.kind'] },
      made: { $size: { $filter: { input: '$entries', cond: { $in: ['$$this.kind', MADE] } } } },
    },
  },
  {
    $setWindowFields: {
      sortBy: { seq: 1 },
      output: {
        place: { $documentNumber: {} },
        availableHere: upToHere('available'),
        heldHere: upToHere('held'),
        soldHere: upToHere('sold'),
      },
    },
  },
  {
    $group: {
      _id: null,
      documents: { $sum: 1 },
      last: { $max: '$seq' },
      // `$min` passes over null.
      missing: { $min: { $cond: [{ $ne: ['$seq', '$place'] }, '$place', null] } },
      wrong: lastWhere({
        $or: [
          differs('availableSeats', 'availableHere'),
          differs('heldSeats', 'heldHere'),
          differs('soldSeats', 'soldHere'),
        ],
      }),
      recounted: lastWhere({ $eq: ['$recount', true] }),
      available: { $sum: '$available' },
      held: { $sum: '$held' },
      sold: { $sum: '$sold' },
      made: { $sum: '$made' },
      shown: { $last: '$shown' },
    },
  },
];

const NO_LEDGER: LedgerCount = {
  ...{
    documents: 0,
    last: 0,
    missing: 1,
    wrong: 0,
    recounted: 0,
    available: 0,
    held: 0,
    sold: 0,
    made: 0,
    shown: null,
  },
};

/** What the ledger of an event adds up to, and where it is not whole. */
export async function countLedger(
  { ledger }: Pick<CountCollections, 'ledger'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<LedgerCount> {
  const pipeline = [{ $match: { eventId } }, ...LEDGER_COUNT];
  const [count] = await ledger.aggregate<LedgerCount>(pipeline, { session, allowDiskUse: true }).toArray();
  return count ?? NO_LEDGER;
}

/** What the bookings of an event add up to. */
export async function countBookings(
  { bookings }: Pick<CountCollections, 'bookings'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<BookingsCount> {
  const seatsWhile = (status: string) => ({ $sum: { $cond: [{ $eq: ['$status', status] }, '$seats', 0] } });
  const latest = { $max: { $cond: [{ $eq: ['$status', 'held'] }, '$holdExpiresAt', null] } };
  const group = { held: seatsWhile('held'), sold: seatsWhile('confirmed'), made: { $sum: 1 }, holdsUntil: latest };
  const pipeline = [{ $match: { eventId } }, { $group: { _id: null, ...group } }];
  const [count] = await bookings.aggregate<BookingsCount>(pipeline, { session }).toArray();
  return count ?? { held: 0, sold: 0, made: 0, holdsUntil: null };
}

/** How many parties wait, said by the list itself. */
export function countWaitingEntries(
  { waitlist }: Pick<CountCollections, 'waitlist'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<number> {
  return waitlist.countDocuments({ eventId, status: 'waiting' }, { session });
}

/** Users whose kept number of seats is not what their live bookings add up to. */
export async function countWrongUserSeats(
  { bookings }: Pick<CountCollections, 'bookings'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<number> {
  const everyone = { $gte: { eventId, userId: new MinKey() }, $lte: { eventId, userId: new MaxKey() } };
  const kept = [
    { $match: { _id: everyone } },
    { $project: { user: '$_id.userId', seats: { $subtract: [0, '$seats'] } } },
  ];
  const pipeline = [
    { $match: { eventId, status: { $in: ['held', 'confirmed'] } } },
    { $project: { user: '$userId', seats: 1 } },
    { $unionWith: { coll: 'userSeats', pipeline: kept } },
    { $group: { _id: '$user', seats: { $sum: '$seats' } } },
    { $match: { seats: { $ne: 0 } } },
    { $count: 'users' },
  ];
  const [off] = await bookings.aggregate<{ users: number }>(pipeline, { session, allowDiskUse: true }).toArray();
  return off?.users ?? 0;
}

/** Whether nothing of the ledger is missing and its lines add up to the bookings: only then it is believed against the counters. */
export function isLedgerCredible(ledger: LedgerCount, bookings: BookingsCount): boolean {
  return ledger.missing === null && ledger.held === bookings.held && ledger.sold === bookings.sold;
}

/** The counters as ledger, bookings and list have them; undefined where the ledger cannot be believed. */
export async function recount(
  collections: CountCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<{ recounted: Recounted; holdsUntil: Date | null } | undefined> {
  const ledger = await countLedger(collections, eventId, session);
  const bookings = await countBookings(collections, eventId, session);
  if (!isLedgerCredible(ledger, bookings)) return undefined;
  const { available, held, sold, last } = ledger;
  const counters = {
    ...{ totalSeats: available + held + sold, availableSeats: available, heldSeats: held, soldSeats: sold },
  };
  const waitingCount = await countWaitingEntries(collections, eventId, session);
  return { recounted: { counters, seq: last, waitingCount }, holdsUntil: bookings.holdsUntil };
}
