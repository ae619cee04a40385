import type { Db } from 'mongodb';
import { expect } from 'vitest';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';

interface Sums {
  available: number;
  held: number;
  sold: number;
}

/** [I1] [I2] [I3] For every event of a database: counters, bookings and the sums of the ledger say the same. */
export async function expectAgreement(database: Db): Promise<void> {
  for (const event of await database.collection<EventDoc>('events').find().toArray()) {
    const counters = { available: event.availableSeats, held: event.heldSeats, sold: event.soldSeats };
    const booked = await countBookings(database, event);
    expect({ held: counters.held, sold: counters.sold }, `bookings of ${event.title}`).toEqual(booked);
    expect(await sumLedger(database, event), `ledger of ${event.title}`).toEqual(counters);
    expect(event.availableSeats + event.heldSeats + event.soldSeats).toBe(event.totalSeats);
  }
  expect(await repeatedRequests(database)).toEqual([]);
}

async function countBookings(database: Db, event: EventDoc): Promise<Omit<Sums, 'available'>> {
  const found = await database
    .collection<BookingDoc>('bookings')
    .aggregate<{ _id: string; seats: number }>([
      { $match: { eventId: event._id } },
      { $group: { _id: '$status', seats: { $sum: '$seats' } } },
    ])
    .toArray();
  const seatsOf = (status: string) => found.find(({ _id }) => _id === status)?.seats ?? 0;
  return { held: seatsOf('held'), sold: seatsOf('confirmed') };
}

async function sumLedger(database: Db, event: EventDoc): Promise<Sums> {
  const ledger = database.collection<LedgerDoc>('ledger').find({ eventId: event._id }).sort({ seq: 1 });
  const sums = { available: 0, held: 0, sold: 0 };
  let seq = 0;
  for await (const doc of ledger) {
    expect(doc.seq, 'the ledger has no gap').toBe((seq += 1));
    for (const entry of doc.entries) {
      sums.available += entry.available;
      sums.held += entry.held;
      sums.sold += entry.sold;
    }
    expect(doc.availability).toMatchObject({
      availableSeats: sums.available,
      heldSeats: sums.held,
      soldSeats: sums.sold,
    });
  }
  expect(seq, 'the last ledger document is the version of the event').toBe(event.version);
  return sums;
}

async function repeatedRequests(database: Db): Promise<unknown[]> {
  return database
    .collection<BookingDoc>('bookings')
    .aggregate([
      { $match: { requestId: { $type: 'string' } } },
      { $group: { _id: { userId: '$userId', requestId: '$requestId' }, count: { $sum: 1 } } },
      { $match: { count: { $gt: 1 } } },
    ])
    .toArray();
}
