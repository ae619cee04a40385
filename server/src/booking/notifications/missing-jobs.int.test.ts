import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import { bookCommand, engineWorld, fillEvent, userId } from '../../../test/support/engine-world.ts';
import type { EngineWorld } from '../../../test/support/engine-world.ts';
import { handClock, NOON } from '../../../test/support/hand-clock.ts';
import { mailbox } from '../../../test/support/mailbox.ts';
import { quiet } from '../../../test/support/quiet.ts';
import { testApp } from '../../../test/support/test-app.ts';
import { createMissingJobsSweep } from './missing-jobs.ts';

const KIND = 'tell-bookings';
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let world: EngineWorld;
let eventId: string;

beforeEach(async (t) => {
  world = await engineWorld(t);
  eventId = await world.createEvent({ totalSeats: 2_000 });
});

/** The sweep of a server that starts now. */
function sweeper() {
  const { models, clock } = world;
  const task = createMissingJobsSweep({ models, doneJobDays: 7, now: clock.now, log: quiet });
  return () => task.sweep(new AbortController().signal);
}

/** One booking each; resolves when their jobs are stored. */
async function book(count = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const { outcome } = await world.engine.submit(eventId, bookCommand(userId(), 1));
    expect(outcome.ok).toBe(true);
  }
  await world.engine.drained();
}

/** What a server leaves that is killed between the commits and the jobs that follow. */
function loseJobs(): Promise<unknown> {
  return world.models.jobs.deleteMany({ kind: KIND });
}

async function jobNumbers(): Promise<unknown[]> {
  const jobs = await world.models.jobs.find({ kind: KIND }).lean();
  return jobs.map(({ payload }) => payload['seq']).toSorted();
}

describe('the notification job of a confirmed booking', () => {
  it('is stored after the commit, before the engine counts as drained', async () => {
    await book(3);
    expect(await jobNumbers()).toEqual([2, 3, 4]);
  });

  it('is added by the sweep if the server was killed before it could, and is as the server would have added it', async () => {
    await book(2);
    const added = await world.models.jobs.find({ kind: KIND }, { _id: 0 }).sort({ key: 1 }).lean();
    const sweep = sweeper();
    await loseJobs();
    await sweep();
    expect(await jobNumbers()).toEqual([]);
    world.clock.pass(5 * SECOND_MS);
    await sweep();
    expect(await world.models.jobs.find({ kind: KIND }, { _id: 0 }).sort({ key: 1 }).lean()).toEqual(added);
  });

  it('is added by the next server if all were killed long ago', async () => {
    await sweeper()();
    await book(3);
    await loseJobs();
    world.clock.pass(3 * DAY_MS);
    await sweeper()();
    expect(await jobNumbers()).toEqual([2, 3, 4]);
  });

  it('is added although later batches were committed first', async () => {
    const sweep = sweeper();
    await book(3);
    const late = await world.models.ledger.findOneAndDelete({ eventId, seq: 3 }).orFail().lean();
    await loseJobs();
    world.clock.pass(MINUTE_MS);
    await sweep();
    expect(await jobNumbers()).toEqual([2, 4]);
    await world.models.ledger.collection.insertOne(late);
    world.clock.pass(MINUTE_MS);
    await sweep();
    expect(await jobNumbers()).toEqual([2, 3, 4]);
  });

  it('is stored once, however many servers sweep at once', async () => {
    const sweeps = [sweeper(), sweeper(), sweeper()];
    await fillEvent(world, eventId, 1_200);
    await book(5);
    const numbers = await jobNumbers();
    await loseJobs();
    world.clock.pass(MINUTE_MS);
    await Promise.all(sweeps.map((sweep) => sweep()));
    expect(await jobNumbers()).toEqual(numbers);
  });

  it('is not stored again for a batch that was committed before the first start', async () => {
    await book(2);
    await loseJobs();
    world.clock.pass(10 * MINUTE_MS);
    const sweep = sweeper();
    await sweep();
    await book();
    world.clock.pass(10 * MINUTE_MS);
    await sweep();
    await sweeper()();
    expect(await jobNumbers()).toEqual([4]);
  });

  it('is not stored again once done jobs of its time are deleted', async () => {
    await sweeper()();
    await book(2);
    await loseJobs();
    world.clock.pass(7 * DAY_MS + MINUTE_MS);
    await sweeper()();
    expect(await jobNumbers()).toEqual([]);
  });
});

describe('the sweep of missing notification jobs', () => {
  it('looks at each ledger document once, and leaves what is settled behind', async () => {
    const sweep = sweeper();
    await book(3);
    world.clock.pass(MINUTE_MS);
    await sweep();
    await loseJobs();
    await sweep();
    expect(await jobNumbers()).toEqual([]);
    world.clock.pass(10 * MINUTE_MS);
    await sweep();
    const mark = await world.models.watermarks.findOne().orFail().lean();
    expect(mark.from.getTimestamp()).toEqual(new Date(world.clock.now().getTime() - 2 * MINUTE_MS));
    await sweeper()();
    expect(await jobNumbers()).toEqual([]);
  });

  it('goes back to what may still be committed if the clock of the database was set back', async () => {
    world.clock.pass(10 * MINUTE_MS);
    const sweep = sweeper();
    await sweep();
    world.clock.pass(-10 * MINUTE_MS);
    await book();
    await loseJobs();
    world.clock.pass(5 * SECOND_MS);
    await sweep();
    expect(await jobNumbers()).toEqual([2]);
  });

  it('adds none for a hold, nor for what has a job with its commit', async () => {
    const price = { amount: 2_000, currency: 'EUR' };
    eventId = await world.createEvent({ price });
    const hold = bookCommand(userId(), 1);
    await world.engine.submit(eventId, { ...hold, price: null });
    const by = { actor: world.admin, by: 'organiser', requestId: null, seats: null, reason: null } as const;
    await world.engine.submit(eventId, { type: 'cancel', bookingId: hold.bookingId, ...by });
    const sweep = sweeper();
    world.clock.pass(MINUTE_MS);
    await sweep();
    expect((await world.models.jobs.find().lean()).map(({ kind }) => kind)).toEqual(['tell-ended']);
  });
});

describe('a server that starts after another was killed between a commit and its jobs', () => {
  it('[F1] mails the confirmation, once', async (t) => {
    const box = await mailbox(t);
    const clock = handClock({ standsAt: NOON });
    const email = `${randomUUID()}@example.org`;
    const buyer = { _id: new Types.ObjectId(), name: 'Anna', email, verified: true, locale: 'en', role: 'user' };
    await world.models.users.collection.insertOne(buyer as never);
    await world.engine.submit(eventId, bookCommand(buyer._id.toHexString(), 2));
    await world.engine.drained();
    await loseJobs();
    clock.pass(MINUTE_MS);
    const env = { SMTP_URL: box.url };
    for (let servers = 0; servers < 2; servers += 1)
      box.whileWaiting((await testApp(t, { mongoUri: world.mongoUri, clock, env })).clock.hurry);
    await box.mail(email, /^Your booking: /);
    clock.pass(MINUTE_MS);
    await expect.poll(() => world.models.jobs.countDocuments({ state: { $ne: 'done' } }), { timeout: 20_000 }).toBe(0);
    expect(box.subjectsTo(email)).toHaveLength(1);
  });
});
