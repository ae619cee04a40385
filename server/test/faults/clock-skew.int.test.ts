import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';
import { at, newEvent, tokenOf } from '../support/burst.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import { engineWorld, fillEvent } from '../support/engine-world.ts';
import { handClock } from '../support/hand-clock.ts';
import { mailbox } from '../support/mailbox.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServer } from '../support/server-process.ts';
import type { Person } from '../support/test-app.ts';

const CLOCK_AHEAD = fileURLToPath(new URL('../support/clock-ahead.js', import.meta.url));
const ADMIN = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };
const SKEW_MS = 5 * 60_000;
const TIMEOUT_MS = 120_000;
/** Longer than a lease lasts, and much shorter than the clocks are apart. */
const LEASE_WITHIN_MS = 20_000;
/** Bookings whose cancellation takes a job of some seconds. */
const CANCELLED = 2_500;

type Finish = Pick<TestContext, 'onTestFinished'>;

/** A server process on this database whose clock is ahead of the database's. */
async function serverAhead(t: Finish, uri: string, aheadMs: number, more: Record<string, string> = {}) {
  const clock = { NODE_OPTIONS: `--import=${CLOCK_AHEAD}`, CLOCK_AHEAD_MS: String(aheadMs) };
  const server = await startServer({ MONGO_URI: uri, ...ADMIN, ...clock, ...more });
  t.onTestFinished(async () => void (await server.end('SIGKILL')));
  return server;
}

/** The clock skew in seconds, from /metrics. */
async function skewOf({ url }: ServerProcess): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^frontrow_clock_skew_seconds (\S+)$/m.exec(text)?.[1]);
}

async function hold({ must }: Pick<Person, 'must'>, eventId: string): Promise<string> {
  const booking = await must('book', { requestId: randomUUID(), eventId, seats: 1 });
  expect(booking.status).toBe('held');
  return booking.id;
}

it(
  '[F22] servers whose clocks are five minutes apart end holds by the database’s clock, also when one of them dies',
  { timeout: TIMEOUT_MS },
  async (t) => {
    const uri = testDatabaseUri();
    const connection = await connectMongo(uri);
    t.onTestFinished(() => connection.close());
    const bookings = databaseOf(connection).collection('bookings');
    // The first server to start takes the lease of the holds sweep, and so ends the holds of all servers.
    const ahead = await serverAhead(t, uri, SKEW_MS);
    const behind = await serverAhead(t, uri, -SKEW_MS);
    const eventId = await newEvent(t, behind.url, 50, { price: { amount: 1_000, currency: 'EUR' }, holdMinutes: 4 });
    const buyer = async (name: string, { url }: ServerProcess) => at(t, url, await tokenOf(url, name));
    const [alice, bob, carol] = [await buyer('alice', behind), await buyer('bob', ahead), await buyer('carol', behind)];
    const statusOf = async (id: string) => (await bookings.findOne({ _id: new Types.ObjectId(id) }))?.['status'];
    const endNow = (id: string) =>
      bookings.updateOne({ _id: new Types.ObjectId(id) }, { $set: { holdExpiresAt: new Date(Date.now() - 1) } });

    const [early, late] = [await hold(alice, eventId), await hold(bob, eventId)];
    // Barrier: once this expired hold has ended, the sweep has looked at the other holds as well.
    const over = await hold(carol, eventId);
    await endNow(over);
    await expect.poll(() => statusOf(over), { timeout: 30_000 }).toBe('expired');
    expect([await statusOf(early), await statusOf(late)]).toEqual(['held', 'held']);

    await ahead.end('SIGKILL');
    await endNow(late);
    await expect.poll(() => statusOf(late), { timeout: 30_000 }).toBe('expired');
    expect(await statusOf(early)).toBe('held');

    expect(await skewOf(behind)).toBeCloseTo(-SKEW_MS / 1_000, 0);
    expect(behind.output()).toContain('"skewSeconds":-300');
  },
);

it(
  '[F22] a mailed code of a server is valid on another one whose clock is half an hour ahead, and no longer than by the database’s',
  { timeout: TIMEOUT_MS },
  async (t) => {
    const uri = testDatabaseUri();
    const box = await mailbox(t);
    const mail = { SMTP_URL: box.url, MAIL_FROM: 'tickets@example.org' };
    const [ahead, behind] = [
      await serverAhead(t, uri, 3 * SKEW_MS, mail),
      await serverAhead(t, uri, -3 * SKEW_MS, mail),
    ];
    const post = ({ url }: ServerProcess, path: string, body: object) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    for (const [asked, entered, email] of [
      [behind, ahead, 'anna@example.org'],
      [ahead, behind, 'ben@example.org'],
    ] as const) {
      expect((await post(asked, '/api/auth/code', { email })).status).toBe(204);
      const [received] = await box.mailsTo(email);
      const code = /^\d{6}$/m.exec(received?.text ?? '')?.[0];
      expect((await post(entered, '/api/auth/code/verify', { email, code, name: 'New' })).status).toBe(200);
    }
    const connection = await connectMongo(uri);
    t.onTestFinished(() => connection.close());
    const database = databaseOf(connection);
    const MONTH_MS = 30 * 86_400_000;
    for (const { expiresAt } of await database.collection('sessions').find().toArray())
      expect(Math.abs((expiresAt as Date).getTime() - MONTH_MS - Date.now())).toBeLessThan(LEASE_WITHIN_MS * 3);
    const late = 'late@example.org';
    expect((await post(ahead, '/api/auth/code', { email: late })).status).toBe(204);
    const [received] = await box.mailsTo(late);
    const codes = database.collection('signInCodes');
    const stored = await codes.findOne({ 'request.email': late });
    const leftMs = (stored?.['expiresAt'] as Date).getTime() - Date.now();
    expect(Math.abs(leftMs - 10 * 60_000)).toBeLessThan(LEASE_WITHIN_MS * 3);
    // Expired by the database's clock, still valid by that of a server which is behind.
    await codes.updateOne({ 'request.email': late }, { $set: { expiresAt: new Date(Date.now() - 1) } });
    const code = /^\d{6}$/m.exec(received?.text ?? '')?.[0];
    expect((await post(behind, '/api/auth/code/verify', { email: late, code, name: 'New' })).status).toBe(401);
  },
);

/** Books and cancels single seats in turn until `isOver`; every command must succeed. Resolves with the bookings' ids. */
async function keepTrading({ must }: Pick<Person, 'must'>, eventId: string, isOver: () => boolean): Promise<string[]> {
  const ids: string[] = [];
  while (!isOver()) {
    const { id: bookingId } = await must('book', { requestId: randomUUID(), eventId, seats: 1 });
    ids.push(bookingId);
    if (ids.length % 2 === 0) await must('cancelBooking', { bookingId });
  }
  return ids;
}

it(
  '[F22] [I2] servers whose clocks are five minutes apart share leases and jobs under load: none is taken from a living server, and all times are the database’s',
  { timeout: TIMEOUT_MS },
  async (t) => {
    const {
      mongoUri: uri,
      models,
      engine,
      createEvent,
    } = await engineWorld(t, { mongoUri: testDatabaseUri(), clock: handClock() });
    const [ahead, right] = [await serverAhead(t, uri, SKEW_MS), await serverAhead(t, uri, 0)];
    const cancelledId = await createEvent({ totalSeats: CANCELLED });
    await fillEvent({ engine }, cancelledId, CANCELLED);
    const eventId = await createEvent({ totalSeats: 10_000 });
    const buyers = await Promise.all(
      [ahead, right, ahead, right].map(async ({ url }, i) => at(t, url, await tokenOf(url, `buyer${i}`))),
    );
    const holders = async () => {
      const leases = await models.leases.find().sort({ _id: 1 }).lean();
      const leftMs = leases.map(({ expiresAt }) => expiresAt.getTime() - Date.now());
      expect(Math.max(...leftMs.map(Math.abs))).toBeLessThan(LEASE_WITHIN_MS);
      return leases.map(({ _id, holder }) => `${_id} ${holder}`);
    };
    const before = await holders();
    expect(before.length).toBeGreaterThan(0);
    let isOver = false;
    const trading = buyers.map((buyer) => keepTrading(buyer, eventId, () => isOver));
    // The server whose clock is right runs the job; to the other one the job's lock has long ended.
    const admin = await at(t, right.url, await tokenOf(right.url, 'admin'));
    await admin.must('cancelEvent', { eventId: cancelledId, reason: 'Ill' });
    const job = () => models.jobs.findOne({ kind: 'cancel-event' }).orFail().lean();
    await expect.poll(async () => (await job()).state, { timeout: 30_000 }).toBe('done');
    const waiting = { state: { $in: ['waiting', 'running'] } } as const;
    isOver = true;
    const made = (await Promise.all(trading)).flat();
    await expect.poll(() => models.jobs.countDocuments(waiting), { timeout: 30_000 }).toBe(0);
    expect(await holders()).toEqual(before);
    expect(await models.jobs.countDocuments({ attempts: { $gt: 1 } })).toBe(0);
    expect(await models.bookings.countDocuments({ eventId: cancelledId, status: 'cancelled', version: 2 })).toBe(
      CANCELLED,
    );
    expect(made.length).toBeGreaterThan(20);
    const [oldest, newest] = [Date.now() - TIMEOUT_MS, Date.now() + 2_000].map((ms) => new Date(ms));
    const shifted = { $or: [{ updatedAt: { $lt: oldest } }, { updatedAt: { $gt: newest } }] };
    expect(await models.bookings.collection.countDocuments({ eventId: new Types.ObjectId(eventId) })).toBe(made.length);
    expect(await models.bookings.collection.countDocuments(shifted)).toBe(0);
    const { doneAt } = await job();
    expect(Math.abs((doneAt?.getTime() ?? 0) - Date.now())).toBeLessThan(LEASE_WITHIN_MS * 3);
  },
);
