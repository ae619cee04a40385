import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { bookCommand, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { toWaitlistEntryDoc } from '../store/waitlist-entries.ts';
import type { Command } from '../rules/command.ts';
import type { WaitlistEntryState } from '../rules/waitlist/entry-state.ts';

const FEW = 10;
const MANY = 10_000;

/** The statements and documents that the database needs for some commands, by its profiler. */
interface Cost {
  statements: number;
  documentsRead: number;
  keysRead: number;
}

/** A waiting entry of this party size, at this position. */
function waitingEntry(eventId: string, place: number, seats: number, now: Date): WaitlistEntryState {
  return {
    id: userId(),
    version: 1,
    eventId,
    userId: userId(),
    seats,
    tickets: [{ type: 't1', count: seats }],
    place,
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    requests: [],
    createdAt: now,
    updatedAt: now,
  };
}

/**
 * The cost on a sold-out event with that many waiting entries of one to four seats: a booking of three seats is
 * cancelled, an entry in the middle is left, and an offer is declined.
 */
async function costOfDepartures(t: Pick<TestContext, 'onTestFinished'>, waiting: number): Promise<Cost> {
  const world = await engineWorld(t);
  const { database } = world;
  const eventId = await world.createEvent({ totalSeats: 20 });
  const sold = [bookCommand(userId(), 3), bookCommand(userId(), 10), bookCommand(userId(), 7)];
  for (const command of sold) await world.engine.submit(eventId, command);
  const list = Array.from({ length: waiting }, (_, i) =>
    waitingEntry(eventId, 1_024 + i, 1 + (i % 4), world.clock.now()),
  );
  await world.models.waitlist.collection.insertMany(
    list.map((entry) => ({ ...toWaitlistEntryDoc(entry), requests: [{ requestId: entry.id, seats: entry.seats }] })),
  );
  const _id = new Types.ObjectId(eventId);
  await world.models.events.collection.updateOne({ _id }, { $set: { waitingCount: waiting } });

  const [{ bookingId, userId: actor }] = sold as [(typeof sold)[0]];
  const departures: Command[] = [
    { type: 'cancel', bookingId, actor, by: 'buyer', requestId: null, seats: null, reason: null },
    { type: 'leave', userId: list[waiting / 2]?.userId ?? '' },
    { type: 'leave', userId: list[0]?.userId ?? '' },
  ];
  await database.command({ profile: 2 });
  for (const command of departures) {
    expect(await world.engine.submit(eventId, command)).toMatchObject({ outcome: { ok: true } });
  }
  await database.command({ profile: 0 });
  expect(await world.models.waitlist.countDocuments({ eventId, status: 'offered' })).toBeGreaterThan(0);
  const [cost] = await database
    .collection('system.profile')
    .aggregate<Cost>([
      // Only operations that a client sent: mongod also profiles its own deletions of expired documents.
      { $match: { ns: { $not: /system\./ }, client: { $type: 'string', $ne: '' } } },
      {
        $group: {
          _id: null,
          statements: { $sum: 1 },
          documentsRead: { $sum: '$docsExamined' },
          keysRead: { $sum: '$keysExamined' },
        },
      },
      { $project: { _id: 0 } },
    ])
    .toArray();
  return cost as Cost;
}

it('[I7] a departure from the waiting list costs no more with ten thousand waiting entries than with ten', async (t) => {
  const few = await costOfDepartures(t, FEW);
  const many = await costOfDepartures(t, MANY);
  expect(few.statements).toBeGreaterThan(10);
  expect(few.documentsRead).toBeGreaterThan(5);
  // A batch reads a fixed number of entries beyond those that it offers seats; the list of ten has fewer to read.
  expect(many.statements).toBeLessThanOrEqual(few.statements);
  expect(many.documentsRead).toBeLessThanOrEqual(few.documentsRead + 60);
  expect(many.keysRead).toBeLessThanOrEqual(few.keysRead + 120);
});
