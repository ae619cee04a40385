import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { mongo as driver, Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { openBackup } from '#server/backup/read-backup.ts';
import { takeBackup } from '#server/backup/take-backup.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import type { Booking } from '#shared/booking.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { untilBooked } from '../support/burst.ts';
import { databaseOf, withDatabase } from '../support/database/test-database.ts';
import type { ReplicaSet } from '../support/database/replica-set.ts';
import { replicaSet } from '../support/database/replica-set.ts';
import { RETRYABLE } from '../support/outcomes.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { connected, eventInput, storedEvent, testApp, verifyAddress } from '../support/test-app.ts';

const BUYERS = 10;
/** In-flight commands per buyer: 200 in all. */
const EACH = 20;

interface BookingRequest {
  buyer: Person;
  input: { requestId: string; eventId: string; seats: number };
}

function ordersOf(buyers: readonly Person[], eventId: string, each: number): BookingRequest[] {
  return buyers.flatMap((buyer) =>
    Array.from({ length: each }, () => ({ buyer, input: { requestId: randomUUID(), eventId, seats: 1 } })),
  );
}

const bookAll = (asked: readonly BookingRequest[]): Promise<Result<Booking>[]> =>
  Promise.all(asked.map(({ buyer, input }) => buyer.send('book', input)));

/** An event on sale on this database, with buyers and a signed-out visitor who watches. */
async function sale(t: Pick<TestContext, 'onTestFinished'>, mongoUri: string, buyers: number) {
  const app = await testApp(t, { mongoUri, env: { RATE_LIMITS: 'off' } });
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput({ totalSeats: 1_000 }));
  const onlooker = app.open('/public');
  let shown = event.availableSeats;
  onlooker.on('availabilityChanged', ({ changes }) => {
    for (const change of changes) if (change.eventId === event.id) shown = change.availableSeats;
  });
  await connected(onlooker);
  const people = await Promise.all(Array.from({ length: buyers }, (_, i) => app.register(`buyer${i}`)));
  return { app, admin, event, people, shown: () => shown };
}

/** [I3] [I4] [I6] Each request has one booking, the acknowledged one, and clients are shown the stored state. */
async function expectKept(
  { app, event, shown }: Awaited<ReturnType<typeof sale>>,
  asked: readonly BookingRequest[],
  replies: readonly Result<Booking>[],
): Promise<void> {
  const kept = await Promise.all(asked.map(({ buyer, input }) => untilBooked(buyer.send, input)));
  replies.forEach((reply, i) => {
    if (reply.ok) expect(kept[i]?.id).toBe(reply.data.id);
    else expect(RETRYABLE).toContain(reply.error.code);
  });
  expect(new Set(kept.map(({ id }) => id)).size).toBe(asked.length);
  const stored = await storedEvent(app, event.id);
  expect(stored).toMatchObject({ soldSeats: asked.length, availableSeats: event.totalSeats - asked.length });
  await expect.poll(shown, { timeout: 15_000 }).toBe(stored.availableSeats);
}

const DOCUMENTS = 30_000;
/** How many documents of a backup are read when it is interrupted: the first of some thirty messages. */
const READ_BEFORE = 2_000;

interface Interruption {
  /** Connection string of a database that is still empty. */
  uri: string;
  patienceMs: number;
  interrupt: () => Promise<unknown>;
}

/** A database with many documents, and the outcome of a backup that is interrupted while it reads them. */
async function interruptedBackup(t: TestContext, { uri, patienceMs, interrupt }: Interruption) {
  const connection = await connectMongo(uri);
  t.onTestFinished(() => connection.close());
  const database = databaseOf(connection);
  const text = 'x'.repeat(500);
  const documents = Array.from({ length: DOCUMENTS }, () => ({ _id: new Types.ObjectId(), text }));
  await database.collection('bookings').insertMany(documents, { writeConcern: { w: 'majority' } });
  const folder = await tempFolder(t, 'backup');
  const file = join(folder, 'a.backup');
  const interruptions: Promise<unknown>[] = [];
  const taken = takeBackup({
    client: connection.getClient(),
    database,
    file,
    now: () => new Date(),
    patienceMs,
    signal: new AbortController().signal,
    onRead: (count) => void (count === READ_BEFORE && interruptions.push(interrupt())),
  });
  const outcome = await taken.then(
    () => 'taken',
    (error: Error) => error.message,
  );
  expect(interruptions).toHaveLength(1);
  await Promise.all(interruptions);
  return { outcome, folder, file, ids: documents.map(({ _id }) => _id.toHexString()) };
}

/** The ids of the documents in a backup; throws if it is not whole. */
async function backedUp(file: string): Promise<string[]> {
  const backup = await openBackup(file);
  await backup.check();
  const ids: string[] = [];
  for await (const { bytes } of backup.documents()) ids.push(String(driver.BSON.deserialize(bytes)['_id']));
  return ids;
}

describe('a replica set of three nodes', () => {
  let set: ReplicaSet;
  beforeAll(async () => {
    set = await replicaSet();
    return () => set.stop();
  }, 60_000);

  it('[F1] [I1] [I2] [I3] [I4] [I6] loses its primary by kill -9 with 200 commands in flight: each request has one booking', async (t) => {
    const world = await sale(t, set.uri.replace('/frontrow?', '/first?'), BUYERS);
    const asked = ordersOf(world.people, world.event.id, EACH);
    const [first, ...rest] = asked as [BookingRequest, ...BookingRequest[]];
    const early = await bookAll([first]);
    const late = bookAll(rest);
    await set.killPrimary();
    await expectKept(world, asked, [...early, ...(await late)]);
  }, 120_000);

  it('[F4] loses its majority: writes are UNAVAILABLE within ten seconds, and recover without a restart', async (t) => {
    const world = await sale(t, set.uri.replace('/frontrow?', '/second?'), 1);
    const asked = ordersOf(world.people, world.event.id, 2);
    expect(await ready(world.app)).toBe(200);
    await set.killPrimary();
    // The limit is ten seconds; the rest is a margin for a busy machine.
    const sentMs = performance.now();
    const replies = await bookAll(asked);
    expect(performance.now() - sentMs).toBeLessThan(30_000);
    for (const reply of replies) {
      expect(reply).toMatchObject({ error: { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) } });
    }
    expect(await ready(world.app)).toBe(503);
    await set.startAll();
    await expectKept(world, asked, replies);
    expect(await ready(world.app)).toBe(200);
  }, 120_000);

  it('loses its primary while a backup reads it: the backup goes on at another node and misses no document', async (t) => {
    const { outcome, file, ids } = await interruptedBackup(t, {
      uri: set.uri.replace('/frontrow?', '/third?'),
      patienceMs: 60_000,
      interrupt: set.killPrimary,
    });
    expect(outcome).toBe('taken');
    expect(await backedUp(file)).toEqual(ids);
  }, 120_000);

  it('loses its majority while a backup reads it: the backup fails with a sentence and leaves no file', async (t) => {
    const { outcome, folder } = await interruptedBackup(t, {
      uri: set.uri.replace('/frontrow?', '/fourth?'),
      patienceMs: 2_000,
      interrupt: set.killPrimary,
    });
    expect(outcome).toMatch(/^The database stopped answering while it was read \(.*\); no file was written\.$/);
    expect(await readdir(folder)).toEqual([]);
    await set.startAll();
  }, 120_000);
});

const ready = async (app: TestApp): Promise<number> => (await app.get('/api/health/ready')).status;

describe('a database of one node', () => {
  let mongo: Awaited<ReturnType<typeof startEmbedded>>;
  beforeAll(async () => {
    const dataDir = await scratchFolder('outage');
    const log = { info: () => undefined, error: () => undefined };
    mongo = await startEmbedded({ dataDir, binary: inject('mongodBinary'), log });
    return async () => {
      await mongo.stop();
      await rm(dataDir, { recursive: true, force: true });
    };
  });

  it('[F19] that takes no writes has every write refused as UNAVAILABLE at once, still serves reads, and accepts the retries afterwards', async (t) => {
    const world = await sale(t, mongo.uri, 2);
    const { app, admin, event, people } = world;
    await verifyAddress(app, people[0] as Person);
    const asked = ordersOf(people, event.id, 1);
    const connection = await connectMongo(mongo.uri);
    const block = (global: boolean) => databaseOf(connection).admin().command({ setUserWriteBlockMode: 1, global });
    await block(true);
    const replies = await bookAll(asked);
    const created = await admin.send('createEvent', eventInput());
    const promoted = await admin.send('setRole', { email: people[0]?.user.email ?? '', role: 'admin' });
    for (const reply of [...replies, created, promoted]) {
      expect(reply).toMatchObject({ error: { code: 'UNAVAILABLE', retryAfterMs: expect.any(Number) } });
    }
    const registration = { name: 'Late', email: 'late@example.org', password: 'correct horse' };
    const refused = await app.post('/api/auth/register', registration);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await people[0]?.must('getEvent', { eventId: event.id }))?.availableSeats).toBe(event.availableSeats);
    await block(false);
    await connection.close();
    await expectKept(world, asked, replies);
    expect((await app.post('/api/auth/register', registration)).status).toBe(201);
  });

  it('that keeps its past too briefly for a backup fails it with a sentence that names the setting, and leaves no file', async (t) => {
    const past = (seconds: number) =>
      withDatabase(mongo.uri, ({ client }) =>
        client.db('admin').command({ setParameter: 1, minSnapshotHistoryWindowInSeconds: seconds }),
      );
    const uri = mongo.uri.replace('/frontrow?', '/past?');
    const interrupt = async () => {
      await past(0);
      await withDatabase(uri, (database) => database.collection('users').insertOne({}));
    };
    const { outcome, folder } = await interruptedBackup(t, { uri, patienceMs: 60_000, interrupt });
    await past(300);
    expect(outcome).toMatch(
      /^Reading took longer than the database keeps its past, .*minSnapshotHistoryWindowInSeconds/,
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
