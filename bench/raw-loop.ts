import { randomUUID } from 'node:crypto';
import mongoose, { Types } from 'mongoose';
import type { Collection, MongoClient } from 'mongodb';
import { newCode } from '#server/booking/code.ts';
import type { BookingDoc } from '#server/models/booking.ts';

/** A database of its own: the server's change feed does not look at it. */
const DATABASE = 'bench_raw';
const MOST_IN_FLIGHT = 64;

interface RawEvent {
  _id: Types.ObjectId;
  version: number;
  totalSeats: number;
  availableSeats: number;
  soldSeats: number;
}

export type RawLoop = Awaited<ReturnType<typeof openRawLoop>>;

/**
 * What one would write first, without idempotency, rules, audit trail or pushes: for each booking a guarded `$inc` on
 * the event, then an insert of a booking with the same fields as ours. Default write concern, only `_id` indexes.
 */
export async function openRawLoop(uri: string, totalSeats: number, signal: AbortSignal) {
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: MOST_IN_FLIGHT });
  await client.connect();
  const { events, bookings } = await emptyCollections(client);
  const eventId = new Types.ObjectId();
  await events.insertOne({ _id: eventId, version: 0, totalSeats, availableSeats: totalSeats, soldSeats: 0 });

  async function bookOne(): Promise<void> {
    const { modifiedCount } = await events.updateOne(
      { _id: eventId, availableSeats: { $gte: 1 } },
      { $inc: { availableSeats: -1, soldSeats: 1, version: 1 } },
    );
    if (modifiedCount !== 1) throw new Error('The raw loop has sold out: it would measure refusals');
    await bookings.insertOne(bookingOf(eventId));
  }

  return {
    /** Bookings per second with so many in flight. */
    async measure(inFlight: number, seconds: number): Promise<number> {
      const startMs = performance.now();
      const endMs = startMs + seconds * 1_000;
      let booked = 0;
      async function keepBooking(): Promise<void> {
        while (performance.now() < endMs && !signal.aborted) {
          await bookOne();
          booked += 1;
        }
      }
      await Promise.all(Array.from({ length: inFlight }, keepBooking));
      signal.throwIfAborted();
      return booked / ((performance.now() - startMs) / 1_000);
    },
    close: () => client.close(),
  };
}

async function emptyCollections(client: MongoClient): Promise<{
  events: Collection<RawEvent>;
  bookings: Collection<BookingDoc>;
}> {
  const database = client.db(DATABASE);
  await database.dropDatabase();
  return { events: database.collection('events'), bookings: database.collection('bookings') };
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
    price: { amount: 0, currency: 'EUR' },
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
