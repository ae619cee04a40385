import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';
import { at, newEvent, tokenOf } from '../support/burst.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServer } from '../support/server-process.ts';
import type { Person } from '../support/test-app.ts';

const CLOCK_AHEAD = fileURLToPath(new URL('../support/clock-ahead.js', import.meta.url));
const ADMIN = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };
const SKEW_MS = 5 * 60_000;
const TIMEOUT_MS = 120_000;

type Finish = Pick<TestContext, 'onTestFinished'>;

/** A server process on this database whose clock is ahead of the database's. */
async function serverAhead(t: Finish, uri: string, aheadMs: number) {
  const clock = { NODE_OPTIONS: `--import=${CLOCK_AHEAD}`, CLOCK_AHEAD_MS: String(aheadMs) };
  const server = await startServer({ MONGO_URI: uri, ...ADMIN, ...clock });
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
