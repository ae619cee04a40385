import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import type { EngineWorld } from '../support/engine-world.ts';
import { engineWorld, fillEvent } from '../support/engine-world.ts';
import { at, tokenOf } from '../support/burst.ts';
import { handClock } from '../support/hand-clock.ts';
import { PRICE } from '../support/payments/demo-payments.ts';
import { payHold } from '../support/payments/pay-hold.ts';
import { startServer } from '../support/server-process.ts';
import { testDatabaseUri } from '../support/database/test-database.ts';

const BOOKINGS = 10_000;
/** Bookings that are paid for, and whose money goes back. */
const PAID = 200;
/** A server is killed when so many bookings have been cancelled. */
const KILLED_AT = [1_500, 4_000, 6_500];
const REASON = 'The singer has lost her voice.';
const ADMIN = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };

/** Books single seats of a priced event, and pays for some; the demo provider has the money of those. */
async function sell({ engine, models }: EngineWorld, eventId: string): Promise<void> {
  const made = await fillEvent({ engine }, eventId, BOOKINGS);
  await Promise.all(made.slice(0, PAID).map((bookingId) => payHold(engine, eventId, bookingId)));
  const payments = await models.payments.find().lean();
  const checkouts = payments.map(({ _id, charge, paid }) => {
    const key = String(_id);
    return { _id: `cs_${key}`, key, charge, paid, status: 'paid', refundKeys: [], refunded: 0 };
  });
  await models.demoCheckouts.collection.insertMany(checkouts as never[]);
}

async function server(t: TestContext, mongoUri: string) {
  const started = await startServer({ MONGO_URI: mongoUri, RATE_LIMITS: 'off', ...ADMIN });
  t.onTestFinished(async () => void (await started.end('SIGKILL')));
  return started;
}

it(
  '[I2] [I4] [I5] the cancellation of an event with 10,000 bookings is finished, each booking cancelled and each payment refunded once, though its server is killed three times',
  { timeout: 240_000 },
  async (t) => {
    const mongoUri = testDatabaseUri();
    const world = await engineWorld(t, { mongoUri, clock: handClock() });
    const { models, storedEvent } = world;
    const eventId = await world.createEvent({ totalSeats: BOOKINGS, price: PRICE, holdMinutes: 30 });
    await sell(world, eventId);

    const job = () => models.jobs.findOne({ kind: 'cancel-event' }).orFail().lean();
    const cancelled = async () => (await job()).progress?.done ?? 0;
    let running = await server(t, mongoUri);
    const admin = await at(t, running.url, await tokenOf(running.url, 'admin'));
    const counts = await admin.must('cancelEvent', { eventId, reason: REASON });
    expect(counts).toMatchObject({ bookings: BOOKINGS, refunds: { count: PAID, amount: PAID * PRICE.amount } });
    for (const enough of KILLED_AT) {
      await expect.poll(cancelled, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
      await running.end('SIGKILL');
      expect((await job()).state).toBe('running');
      // The dead server's lock on the job ends after 15 seconds, for which the test does not wait.
      await models.jobs.updateOne({ kind: 'cancel-event' }, { $set: { lockedUntil: new Date() } });
      running = await server(t, mongoUri);
    }
    await expect.poll(async () => (await job()).state, { timeout: 60_000 }).toBe('done');

    expect(await job()).toMatchObject({
      attempts: KILLED_AT.length + 1,
      progress: { done: BOOKINGS, total: BOOKINGS },
    });
    const ended = { status: 'cancelled', 'ended.by': 'event', 'ended.reason': REASON } as const;
    expect(await models.bookings.countDocuments(ended)).toBe(BOOKINGS);
    expect(await storedEvent(eventId)).toMatchObject({ availableSeats: BOOKINGS, heldSeats: 0, soldSeats: 0 });
    const once = { refundKeys: { $size: 1 }, refunded: PRICE.amount };
    await expect.poll(() => models.demoCheckouts.countDocuments(once), { timeout: 60_000 }).toBe(PAID);
    const refunded = { refunds: { $size: 1 }, 'refunds.status': 'done' };
    await expect.poll(() => models.payments.collection.countDocuments(refunded), { timeout: 60_000 }).toBe(PAID);
    expect(await models.payments.countDocuments()).toBe(PAID);
    expect(await running.end('SIGTERM')).toBe(0);
  },
);
