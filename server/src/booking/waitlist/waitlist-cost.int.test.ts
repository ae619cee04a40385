import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { bookCommand, databaseOf, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { toWaitlistEntryDoc } from '../store/waitlist-entries.ts';
import type { Command } from '../rules/command.ts';
import type { WaitlistEntryState } from '../rules/waitlist/entry-state.ts';

const FEW = 10;
const MANY = 10_000;

/** What the database had to do for some commands, by its own account. */
interface Cost {
  statements: number;
  documentsRead: number;
  keysRead: number;
}

/** A party of this size, at this place of the list. */
function party(eventId: string, place: number, seats: number, now: Date): WaitlistEntryState {
  return {
    ...{ id: userId(), version: 1, eventId, userId: userId(), seats, place, status: 'waiting' },
    ...{ bookingId: null, offerExpiresAt: null, requests: [], createdAt: now, updatedAt: now },
  };
}

/**
 * A sold-out event for which so many people wait, in parties of one to four. One booking of three seats is given back,
 * somebody in the middle leaves the list, and an offer is declined.
 */
async function costOfDepartures(t: Pick<TestContext, 'onTestFinished'>, people: number): Promise<Cost> {
  const world = await engineWorld();
  t.onTestFinished(() => world.close());
  const database = databaseOf(world.connection);
  const eventId = await world.createEvent({ totalSeats: 20 });
  const sold = [bookCommand(userId(), 3), bookCommand(userId(), 10), bookCommand(userId(), 7)];
  for (const command of sold) await world.engine.submit(eventId, command);
  const list = Array.from({ length: people }, (_, i) => party(eventId, 1_024 + i, 1 + (i % 4), world.clock.now));
  await world.models.waitlist.collection.insertMany(
    list.map((entry) => ({ ...toWaitlistEntryDoc(entry), requests: [{ requestId: entry.id, seats: entry.seats }] })),
  );
  const _id = new Types.ObjectId(eventId);
  await world.models.events.collection.updateOne({ _id }, { $set: { waitingCount: people } });

  const [{ bookingId, userId: actor }] = sold as [(typeof sold)[0]];
  const departures: Command[] = [
    { type: 'cancel', bookingId, actor, by: 'buyer', seats: null, reason: null },
    { type: 'leave', userId: list[people / 2]?.userId ?? '' },
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
      { $match: { ns: { $not: /system\./ } } },
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

it('[I7] ten thousand people waiting cost a departure no more than ten do', async (t) => {
  const few = await costOfDepartures(t, FEW);
  const many = await costOfDepartures(t, MANY);
  expect(few.statements).toBeGreaterThan(10);
  expect(few.documentsRead).toBeGreaterThan(5);
  // As many parties are read as seats can be given out, and some to spare: ten people are fewer than that.
  expect(many.statements).toBeLessThanOrEqual(few.statements);
  expect(many.documentsRead).toBeLessThanOrEqual(few.documentsRead + 60);
  expect(many.keysRead).toBeLessThanOrEqual(few.keysRead + 120);
});
