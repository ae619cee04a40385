import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { LedgerAvailability } from '#server/models/ledger.ts';
import type { BatchState } from '../rules/state/event-state.ts';
import { NO_VOUCHERS } from '../rules/vouchers/voucher-state.ts';
import type { CountCollections } from './collections.ts';
import { countBookedTickets, countLedgerTickets, isSameCounts } from './queries/count-tickets.ts';
import { countVoucherUses } from './vouchers/count-uses.ts';

/** What the ledger of one event adds up to. */
export interface LedgerCount {
  documents: number;
  /** `seq` of the last document. */
  last: number;
  /** The first `seq` that is missing. */
  missing: number | null;
  /** `seq` of the last document whose availability is not the sum of the entries up to it; 0: none. */
  wrong: number;
  /** `seq` of the last recount, which corrected what earlier documents show; 0: none. */
  recounted: number;
  /** Sums of the seats that the entries move. */
  available: number;
  held: number;
  sold: number;
  /** Bookings that were made. */
  made: number;
  /** The availability of the last document. */
  shown: LedgerAvailability | null;
}

/** What the bookings of one event add up to. */
export interface BookingsCount {
  /** Seats. */
  held: number;
  sold: number;
  /** Bookings, whatever their status. */
  made: number;
  /** The latest end of a live hold. */
  holdsUntil: Date | null;
}

const MADE = ['booked', 'held', 'offered'];
const UP_TO_HERE = { documents: ['unbounded', 'current'] };
const upToHere = (field: string) => ({ $sum: `$${field}`, window: UP_TO_HERE });
const differs = (field: string, sum: string) => ({ $ne: [`$shown.${field}`, `$${sum}`] });
const lastWhere = (condition: Document) => ({ $max: { $cond: [condition, '$seq', 0] } });

/** Adds up in the database: the result is one document, however long the ledger is. */
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
      // `$min` ignores null.
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

const EMPTY_LEDGER: LedgerCount = {
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
};

/** Adds up the ledger of an event, and finds its gaps. */
export async function countLedger(
  { ledger }: Pick<CountCollections, 'ledger'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<LedgerCount> {
  const pipeline = [{ $match: { eventId } }, ...LEDGER_COUNT];
  const [count] = await ledger.aggregate<LedgerCount>(pipeline, { session, allowDiskUse: true }).toArray();
  return count ?? EMPTY_LEDGER;
}

/** Adds up the bookings of an event. */
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

/** Waiting entries, counted in the waiting list itself. */
export function countWaitingEntries(
  { waitlist }: Pick<CountCollections, 'waitlist'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<number> {
  return waitlist.countDocuments({ eventId, status: 'waiting' }, { session });
}

/** Whether the ledger can correct the counters: no document is missing, and its entries add up to the bookings. */
function isLedgerCredible(ledger: LedgerCount, bookings: BookingsCount): boolean {
  return ledger.missing === null && ledger.held === bookings.held && ledger.sold === bookings.sold;
}

/**
 * Counters by the ledger, the bookings and the waiting list, and the vouchers as they are stored; undefined if the ledger is not
 * credible.
 */
export async function recount(
  collections: CountCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<Pick<BatchState, 'recounted' | 'otherHoldsUntil' | 'vouchers'> | undefined> {
  const ledger = await countLedger(collections, eventId, session);
  const bookings = await countBookings(collections, eventId, session);
  if (!isLedgerCredible(ledger, bookings)) return undefined;
  const { available, held, sold, last } = ledger;
  const counters = {
    totalSeats: available + held + sold,
    availableSeats: available,
    heldSeats: held,
    soldSeats: sold,
  };
  const waitingCount = await countWaitingEntries(collections, eventId, session);
  const tickets = await countLedgerTickets(collections, eventId, session);
  if (!isSameCounts(tickets, await countBookedTickets(collections, eventId, session))) return undefined;
  const { counted, stored } = await countVoucherUses(collections, eventId, session);
  const recounted = { counters, tickets, vouchers: counted, seq: last, waitingCount };
  const vouchers = { ...NO_VOUCHERS, byId: new Map(stored.map((voucher) => [voucher.id, voucher])) };
  return { recounted, otherHoldsUntil: bookings.holdsUntil, vouchers };
}
