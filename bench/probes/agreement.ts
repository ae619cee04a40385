import type { Db } from 'mongodb';
import { Types } from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';

export interface Stored {
  bookings: number;
  batches: number;
}

interface Sums {
  held: number;
  sold: number;
  count: number;
}

/**
 * Recounts events from their bookings and from their ledger. Throws where either differs from the counters, or where
 * there are not exactly the bookings that were acknowledged.
 */
export async function assertAgreement(database: Db, eventIds: readonly string[], booked: number): Promise<Stored> {
  const all = { bookings: 0, batches: 0 };
  for (const eventId of new Set(eventIds)) {
    const { bookings, batches } = await recount(database, eventId);
    all.bookings += bookings;
    all.batches += batches;
  }
  if (all.bookings !== booked) throw new Error(`${booked} bookings were acknowledged, ${all.bookings} are there`);
  return all;
}

async function recount(database: Db, eventId: string): Promise<Stored> {
  const _id = Types.ObjectId.createFromHexString(eventId);
  const event = await database.collection<EventDoc>('events').findOne({ _id });
  if (!event) throw new Error('The measured event is gone');
  const counters = { held: event.heldSeats, sold: event.soldSeats };
  const bookings = await sumBookings(database, _id);
  const ledger = await sumLedger(database, _id);
  const { held, sold } = counters;
  const agree = [bookings, ledger].every((sums) => sums.held === held && sums.sold === sold);
  const whole = event.availableSeats + held + sold === event.totalSeats;
  if (!agree || !whole || event.version !== ledger.count)
    throw new Error(`They do not agree: ${JSON.stringify({ event, bookings, ledger })}`);
  return { bookings: bookings.count, batches: ledger.count };
}

async function sumBookings(database: Db, eventId: Types.ObjectId): Promise<Sums> {
  const seatsWhile = (status: string) => ({ $sum: { $cond: [{ $eq: ['$status', status] }, '$seats', 0] } });
  const group = { _id: null, held: seatsWhile('held'), sold: seatsWhile('confirmed'), count: { $sum: 1 } };
  return sum(database, 'bookings', [{ $match: { eventId } }, { $group: group }]);
}

async function sumLedger(database: Db, eventId: Types.ObjectId): Promise<Sums> {
  const total = (name: string) => ({ $sum: { $sum: `$entries.${name}` } });
  const group = { _id: null, held: total('held'), sold: total('sold'), count: { $sum: 1 } };
  return sum(database, 'ledger', [{ $match: { eventId } }, { $group: group }]);
}

async function sum(database: Db, collection: string, pipeline: object[]): Promise<Sums> {
  const [sums] = await database.collection(collection).aggregate<Sums>(pipeline).toArray();
  return sums ?? { held: 0, sold: 0, count: 0 };
}
