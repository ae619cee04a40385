import type { Db, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { Money } from '#shared/protocol/primitives.ts';
import type { Migration, MigrationPart } from '../migration.ts';

/** The id of the ticket type that bookings from before version 2 are of. */
const ONLY_TYPE = 't1';

interface NotedLine {
  type: string;
  count: number;
  price: Money;
  seats: number;
}

/** A booking in the ledger; one from before version 2 has the price of a seat instead of line items. */
interface NotedBooking {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
  status: string;
  seats: number;
  price?: Money;
  tickets?: NotedLine[];
}

interface NotedEntry {
  kind: string;
  reason: string | null;
  actor: Types.ObjectId | 'system';
  booking: NotedBooking | null;
}

interface NotedBatch {
  eventId: Types.ObjectId;
  seq: number;
  at: Date;
  entries: NotedEntry[];
}

interface NotedRefund {
  amount: number;
  cause: string;
  at: Date;
}

interface NotedPart {
  by: 'buyer' | 'organiser';
  tickets: NotedLine[];
  amount: number | null;
  reason: string | null;
  at: Date;
}

/** A cancellation of some tickets, which left the booking confirmed. */
const PART = { kind: 'cancelled', 'booking.status': 'confirmed' };
const WITHOUT_PARTS = { cancelledParts: { $exists: false } };

function isPart({ kind, booking }: NotedEntry): boolean {
  return kind === PART.kind && booking?.status === PART['booking.status'];
}

function linesOf({ tickets, seats, price }: NotedBooking): NotedLine[] {
  if (tickets) return tickets;
  return price ? [{ type: ONLY_TYPE, count: seats, price, seats: 1 }] : [];
}

/** The tickets that are missing afterwards. */
function missing(before: readonly NotedLine[], after: readonly NotedLine[]): NotedLine[] {
  return before.flatMap((line) => {
    const left = after.find(({ type }) => type === line.type)?.count ?? 0;
    return left < line.count ? [{ ...line, count: line.count - left }] : [];
  });
}

/** Ids of the bookings, by the ledger of one event or of all, of which tickets were cancelled while others stayed. */
async function bookingsOfParts(database: Db, ofEvent: Document): Promise<Types.ObjectId[]> {
  const found = await database
    .collection('ledger')
    .aggregate<{ _id: Types.ObjectId }>([
      { $match: { ...ofEvent, entries: { $elemMatch: PART } } },
      { $unwind: '$entries' },
      { $match: { 'entries.kind': PART.kind, 'entries.booking.status': PART['booking.status'] } },
      { $group: { _id: '$entries.booking._id' } },
    ])
    .toArray();
  return found.map(({ _id }) => _id);
}

/** By booking: what its refunds of cancelled tickets gave back, at the times of the cancellations. */
async function refundsOf(database: Db, ids: readonly Types.ObjectId[]): Promise<Map<string, NotedRefund[]>> {
  const refunds = new Map<string, NotedRefund[]>();
  const payments = database
    .collection<{ bookingId: Types.ObjectId; refunds: NotedRefund[] }>('payments')
    .find({ bookingId: { $in: [...ids] } }, { projection: { bookingId: 1, refunds: 1 } });
  for await (const { bookingId, refunds: made = [] } of payments) {
    const id = bookingId.toHexString();
    refunds.set(id, [...(refunds.get(id) ?? []), ...made.filter(({ cause }) => cause === 'cancelled')]);
  }
  return refunds;
}

/** By booking: the parts that were cancelled, oldest first, read from the ledger of the event in its order. */
async function partsOf(
  database: Db,
  eventId: Types.ObjectId,
  ids: readonly Types.ObjectId[],
): Promise<Map<string, NotedPart[]>> {
  const refunds = await refundsOf(database, ids);
  const known = new Map<string, NotedBooking>();
  const parts = new Map<string, NotedPart[]>(ids.map((id) => [id.toHexString(), []]));
  const batches = database
    .collection<NotedBatch>('ledger')
    .find({ eventId, 'entries.booking._id': { $in: [...ids] } }, { projection: { at: 1, entries: 1 } })
    .sort({ seq: 1 });
  for await (const { at, entries } of batches)
    for (const entry of entries) {
      const { booking, reason, actor } = entry;
      const id = booking?._id.toHexString() ?? '';
      const before = known.get(id);
      const noted = parts.get(id);
      if (!booking || !noted) continue;
      known.set(id, booking);
      if (!before || !isPart(entry)) continue;
      const isBuyer = actor !== 'system' && actor.equals(booking.userId);
      const refund = takeAt(refunds.get(id) ?? [], at);
      noted.push({
        by: isBuyer ? 'buyer' : 'organiser',
        tickets: missing(linesOf(before), linesOf(booking)),
        amount: refund?.amount ?? null,
        reason,
        at,
      });
    }
  return parts;
}

/** Takes the first refund of this time out of the list: two parts that were cancelled in one batch have one time. */
function takeAt(refunds: NotedRefund[], at: Date): NotedRefund | undefined {
  const place = refunds.findIndex((refund) => refund.at.getTime() === at.getTime());
  return place < 0 ? undefined : refunds.splice(place, 1)[0];
}

/** Event by event: the ledger has an index by event, and none by booking. */
const noteParts: MigrationPart = {
  name: 'Note in each booking what was cancelled of it',

  async preview({ database }): Promise<string | null> {
    const ids = await bookingsOfParts(database, {});
    const count = await database.collection('bookings').countDocuments({ _id: { $in: ids }, ...WITHOUT_PARTS });
    return count === 0 ? null : `${count} of the documents in bookings`;
  },

  async run({ database, batchSize, assertHeld, position, savePosition }): Promise<void> {
    let { after, done } = position ?? { after: null, done: 0 };
    for (;;) {
      const events = await database
        .collection('events')
        .find(after === null ? {} : { _id: { $gt: after } }, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .limit(batchSize)
        .toArray();
      const last = events.at(-1);
      if (last === undefined) return;
      for (const { _id: eventId } of events) {
        const ids = await bookingsOfParts(database, { eventId });
        if (ids.length === 0) continue;
        const parts = await partsOf(database, eventId, ids);
        const operations = ids.flatMap((_id) => {
          const cancelledParts = parts.get(_id.toHexString()) ?? [];
          const update = { $set: { cancelledParts } };
          return cancelledParts.length > 0 ? [{ updateOne: { filter: { _id, ...WITHOUT_PARTS }, update } }] : [];
        });
        assertHeld();
        if (operations.length > 0) await database.collection('bookings').bulkWrite(operations, { ordered: false });
      }
      after = last._id;
      done += events.length;
      await savePosition({ after, done });
    }
  },
};

/** From bookings that have only the tickets that are left to bookings that say what was cancelled of them, and when. */
export const cancelledParts: Migration = {
  version: 3,
  title: 'Note in bookings what was cancelled of them',
  // A server of version 2 would cancel tickets without noting it.
  compatibleFrom: 3,
  parts: [noteParts],
};
