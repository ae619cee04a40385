import { randomUUID } from 'node:crypto';
import type { ClientSession, Collection, Db } from 'mongodb';
import mongoose, { Types } from 'mongoose';
import { newCode } from '#server/booking/rules/code.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { repeatFor } from '../probes/rate.ts';

/** How a booking is written: by two statements, or by the same two in a transaction. */
export type RawWay = 'plain' | 'transaction';

/** A database of its own, which the server's change feed does not watch. */
const DATABASE = 'bench_raw';
const MAX_IN_FLIGHT = 64;
const SEATS = 1_000_000_000;

interface RawEvent {
  _id: Types.ObjectId;
  version: number;
  totalSeats: number;
  availableSeats: number;
  heldSeats: number;
  soldSeats: number;
}

interface RawLoopOptions {
  uri: string;
  /** Whether the collections get the indexes and validators of ours, or only the index on `_id`. */
  indexed: boolean;
  /** Ends a measurement early. */
  signal: AbortSignal;
}

export type RawLoop = Awaited<ReturnType<typeof openRawLoop>>;

/**
 * The simplest way to book, without idempotency, rules, audit trail or pushes: for each booking a guarded `$inc` on the
 * event, then an insert of a booking with the same fields as ours; optionally both in one transaction. The write concern
 * is the set's default, majority.
 */
export async function openRawLoop({ uri, indexed, signal }: RawLoopOptions) {
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: MAX_IN_FLIGHT });
  await client.connect();
  await client.db(DATABASE).dropDatabase();
  if (indexed) await createIndexesAndValidators(uri);
  const { events, bookings } = collectionsOf(client.db(DATABASE));
  const eventId = new Types.ObjectId();
  const counters = { totalSeats: SEATS, availableSeats: SEATS, heldSeats: 0, soldSeats: 0 };
  await events.insertOne({ _id: eventId, version: 0, ...counters });

  async function bookPlain(session?: ClientSession): Promise<void> {
    const options = session ? { session } : {};
    const { modifiedCount } = await events.updateOne(
      { _id: eventId, availableSeats: { $gte: 1 } },
      { $inc: { availableSeats: -1, soldSeats: 1, version: 1 } },
      options,
    );
    if (modifiedCount !== 1) throw new Error('The raw loop has sold out: it would measure refusals');
    await bookings.insertOne(bookingOf(eventId), options);
  }

  function bookInTransaction(): Promise<void> {
    return client.withSession((session) => session.withTransaction(() => bookPlain(session)));
  }

  return {
    /** Books for the given time, with `inFlight` bookings in flight. */
    async measure(way: RawWay, inFlight: number, seconds: number): Promise<{ bookings: number; seconds: number }> {
      const book = way === 'plain' ? () => bookPlain() : bookInTransaction;
      const { count, seconds: taken } = await repeatFor({ inFlight, seconds, signal }, book);
      return { bookings: count, seconds: taken };
    },
    close: () => client.close(),
  };
}

function collectionsOf(database: Db): { events: Collection<RawEvent>; bookings: Collection<BookingDoc> } {
  return { events: database.collection('events'), bookings: database.collection('bookings') };
}

async function createIndexesAndValidators(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri, { dbName: DATABASE }).asPromise();
  try {
    await prepareDatabase({ connection, models: createModels(connection) });
  } finally {
    await connection.close();
  }
}

function bookingOf(eventId: Types.ObjectId): BookingDoc {
  const at = new Date();
  return {
    _id: new Types.ObjectId(),
    version: 1,
    code: newCode(Math.random),
    eventId,
    userId: new Types.ObjectId(),
    seats: 1,
    tickets: [{ type: 't1', count: 1, price: { amount: 0, currency: 'EUR' }, seats: 1 }],
    status: 'confirmed',
    source: 'direct',
    holdExpiresAt: null,
    settling: false,
    payment: null,
    ended: null,
    checkedInSeats: 0,
    requestId: randomUUID(),
    requested: { seats: 1, price: null },
    createdAt: at,
    updatedAt: at,
  };
}
