import mongoose, { Types } from 'mongoose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { databaseOf, testDatabaseUri } from '../../test/support/database/test-database.ts';
import { quiet } from '../../test/support/quiet.ts';
import { interruptFeed, tcpProxy, watchOpenings } from '../../test/support/database/feed-faults.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { createChangeFeed } from './change-feed.ts';
import type { ChangeHandlers } from './broadcast.ts';

/** A change feed on a database of its own, with handlers that record their calls. */
async function feedWorld(
  options: { through?: (uri: string) => Promise<string>; handlers?: Partial<ChangeHandlers> } = {},
) {
  const uri = testDatabaseUri();
  const connection = await connectMongo(uri);
  const own = await connectMongo(options.through ? await options.through(uri) : uri);
  const database = databaseOf(connection);
  for (const name of ['ledger', 'events', 'waitlist', 'reminders', 'users', 'sessions', 'jobs'])
    await database.createCollection(name);
  const handled: string[] = [];
  const gaps: (Date | null)[] = [];
  const warned: string[] = [];
  const handlers: ChangeHandlers = {
    ledger: ({ seq }) => void handled.push(`ledger ${seq}`),
    event: (_doc, how) => void handled.push(`event ${how}`),
    eventEdited: async () => void handled.push('event edited'),
    waitlist: ({ status }) => void handled.push(`waiting ${status}`),
    reminder: ({ status }) => void handled.push(`reminder ${status}`),
    job: (jobId) => void handled.push(`job ${jobId}`),
    session: (_id, change) => void handled.push(`session ${JSON.stringify(change)}`),
    user: (_id, change) => void handled.push(`user ${JSON.stringify(change)}`),
    eventDeleted: () => void handled.push('event deleted'),
    gap: async (since) => void gaps.push(since),
    ...options.handlers,
  };
  const log = { ...quiet, warn: ((_about: unknown, text: string) => void warned.push(text)) as never };
  const deps: Parameters<typeof createChangeFeed>[0] = {
    database: databaseOf(own),
    handlers,
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: Math.random,
    log,
  };
  const feed = createChangeFeed(deps);
  onTestFinished(async () => {
    await feed.stop();
    await Promise.all([own.close(), connection.close()]);
  });
  let seq = 0;
  /** Commits a ledger document with the next number. */
  const commit = async () => {
    seq += 1;
    const doc = { eventId: new Types.ObjectId(), seq } as LedgerDoc;
    await database.collection<LedgerDoc>('ledger').insertOne(doc);
  };
  const untilHandled = (change: string) =>
    expect.poll(() => handled, { timeout: 15_000, interval: 5 }).toContain(change);
  return { uri, database, deps, feed, handled, gaps, warned, commit, untilHandled };
}

describe('the change feed', () => {
  it('broadcasts each commit from its start on, but no change without a handler', async () => {
    const { database, feed, handled, gaps, commit, untilHandled } = await feedWorld();
    expect(feed.live).toBe(false);
    await feed.start();
    expect([feed.live, gaps]).toEqual([true, [null]]);
    const _id = new Types.ObjectId();
    await database.collection('events').insertOne({ _id, title: 'a', version: 1 });
    await database.collection('events').replaceOne({ _id }, { title: 'b', version: 1 });
    await database.collection('events').updateOne({ _id }, { $set: { title: 'c' } });
    await database.collection('events').deleteOne({ _id });
    await database.collection('waitlist').insertOne({ _id, status: 'waiting' });
    await database.collection('waitlist').replaceOne({ _id }, { status: 'offered' });
    await database.collection('users').insertOne({ _id, role: 'user', passwordHash: 'secret' } as never);
    await database.collection('users').updateOne({ _id }, { $set: { role: 'admin', passwordHash: 'secret' } });
    await database.collection('users').deleteOne({ _id });
    const ended = { reason: 'logged_out' };
    await database.collection('sessions').insertOne({ _id, ended: null } as never);
    await database.collection('sessions').updateOne({ _id }, { $set: { ended } });
    await database.collection('bookings').insertOne({ _id });
    await database.collection('jobs').insertOne({ _id, state: 'waiting' });
    for (const change of [
      { state: 'running' },
      { progress: { done: 1, total: 2 } },
      { state: 'done' },
      { state: 'failed' },
    ]) {
      await database.collection('jobs').updateOne({ _id }, { $set: change });
    }
    await commit();
    await untilHandled('ledger 1');
    expect(handled).toEqual([
      'event insert',
      'event replace',
      'event edited',
      'event deleted',
      'waiting waiting',
      'waiting offered',
      'user {"deleted":false,"role":"admin"}',
      'user {"deleted":true}',
      `session ${JSON.stringify({ deleted: false, ended })}`,
      `job ${_id.toHexString()}`,
      `job ${_id.toHexString()}`,
      'ledger 1',
    ]);
    await expect.poll(() => feed.lagMs).toBe(0);
  });

  it('[F10] resumes where it stopped after its cursor was killed', async () => {
    const { uri, feed, handled, gaps, commit, untilHandled } = await feedWorld();
    await feed.start();
    await commit();
    await untilHandled('ledger 1');
    await interruptFeed(uri, feed);
    for (let count = 0; count < 3; count += 1) await commit();
    await untilHandled('ledger 4');
    expect(handled).toEqual(['ledger 1', 'ledger 2', 'ledger 3', 'ledger 4']);
    expect([gaps, feed.live, feed.counts.gaps]).toEqual([[null], true, 0]);
  });

  it('[F10] resumes where it stopped after the database was unreachable, and reports itself as down meanwhile', async () => {
    const proxy = await tcpProxy();
    const { feed, handled, gaps, warned, commit, untilHandled } = await feedWorld({ through: proxy.through });
    await feed.start();
    await commit();
    await untilHandled('ledger 1');
    proxy.cut();
    await expect.poll(() => feed.live, { timeout: 20_000 }).toBe(false);
    await commit();
    await commit();
    proxy.heal();
    await untilHandled('ledger 3');
    expect(handled).toEqual(['ledger 1', 'ledger 2', 'ledger 3']);
    expect([gaps, feed.live, feed.counts.gaps]).toEqual([[null], true, 0]);
    // An outage of seconds allows a few attempts only, because the delays between them grow.
    expect(warned.length).toBeLessThan(15);
  });

  it('[F10] is current again only once it has handled all changes that came during an interruption', async () => {
    const seen: [number, boolean][] = [];
    const ledger = ({ seq }: LedgerDoc) => void seen.push([seq, feed.isCurrent]);
    const proxy = await tcpProxy();
    const { feed, commit } = await feedWorld({ through: proxy.through, handlers: { ledger } });
    expect(feed.isCurrent).toBe(false);
    await feed.start();
    await expect.poll(() => feed.isCurrent).toBe(true);
    await commit();
    await expect.poll(() => seen).toEqual([[1, true]]);
    proxy.cut();
    await expect.poll(() => feed.isCurrent, { timeout: 20_000 }).toBe(false);
    await commit();
    await commit();
    proxy.heal();
    await expect.poll(() => feed.isCurrent, { timeout: 20_000 }).toBe(true);
    expect(seen.slice(1)).toEqual([
      [2, false],
      [3, false],
    ]);
  });

  it('[F10] drops a forgotten resume token, logs it once, and has the current state read again', async () => {
    const { uri, feed, deps, handled, gaps, warned, commit, untilHandled } = await feedWorld();
    const { openings, way } = watchOpenings(deps.database);
    await feed.start();
    await commit();
    await untilHandled('ledger 1');
    way.aged = true;
    await interruptFeed(uri, feed);
    await expect.poll(() => gaps.length, { timeout: 15_000 }).toBe(2);
    await expect.poll(() => feed.live).toBe(true);
    await commit();
    await untilHandled('ledger 2');
    expect([handled, gaps[1]]).toEqual([['ledger 1', 'ledger 2'], expect.any(Date)]);
    expect(feed.counts.gaps).toBe(1);
    expect(warned.filter((text) => text.includes('lost its resume point'))).toHaveLength(1);
    expect(openings).toEqual(['anew', 'resumed', 'anew']);
  });

  it('[F10] starts again from the present after the database was dropped', async () => {
    const { database, feed, gaps, commit, untilHandled } = await feedWorld();
    await feed.start();
    await database.dropDatabase();
    await expect.poll(() => gaps.length, { timeout: 15_000 }).toBe(2);
    await commit();
    await untilHandled('ledger 1');
    expect([feed.live, feed.counts.gaps]).toEqual([true, 1]);
  });

  it('retries reading the lost state until the database answers', async () => {
    const errors = [new mongoose.mongo.MongoNetworkError('not now'), null];
    const asked: (Date | null)[] = [];
    const gap = async (since: Date | null) => {
      asked.push(since);
      const error = asked.length > 1 ? errors.shift() : null;
      if (error) throw error;
    };
    const { database, feed, commit, untilHandled } = await feedWorld({ handlers: { gap } });
    await feed.start();
    await database.dropDatabase();
    await expect.poll(() => asked.length, { timeout: 15_000 }).toBe(3);
    expect(asked[2]).toEqual(asked[1]);
    await commit();
    await untilHandled('ledger 1');
  });

  it('retries reading an event edited from outside until the database answers', async () => {
    const errors = [new mongoose.mongo.MongoNetworkError('not now')];
    const read: string[] = [];
    const eventEdited = async (eventId: string) => {
      const error = errors.shift();
      if (error) throw error;
      read.push(eventId);
    };
    const { database, feed, commit, untilHandled } = await feedWorld({ handlers: { eventEdited } });
    await feed.start();
    const _id = new Types.ObjectId();
    await database.collection('events').insertOne({ _id, title: 'a' });
    await database.collection('events').updateOne({ _id }, { $set: { title: 'b' } });
    await commit();
    await untilHandled('ledger 1');
    expect(read).toEqual([_id.toHexString()]);
  });

  it('continues with the next change after a handler throws', async () => {
    const ledger = ({ seq }: LedgerDoc) => {
      if (seq === 1) throw new TypeError('a defect');
      seen.push(seq);
    };
    const seen: number[] = [];
    const { feed, commit } = await feedWorld({ handlers: { ledger } });
    await feed.start();
    await commit();
    await commit();
    await expect.poll(() => seen).toEqual([2]);
    expect(feed.counts).toEqual({ reopened: 0, gaps: 0 });
  });
});
