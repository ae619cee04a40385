import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from 'mongodb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { prepareDatabase, previewMigrations, versionOf } from '#server/migrations/prepare-database.ts';
import { NewerDatabase } from '#server/migrations/schema-state.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import { readStored } from '../support/old-data/kept-data.ts';
import { NEXT_VERSION, nextVersion } from '../support/old-data/next-version.ts';
import { programEnv } from '../support/program-env.ts';
import { quiet } from '../support/quiet.ts';
import { startServer } from '../support/server-process.ts';

const VERSION = versionOf(MIGRATIONS);
const BOOKINGS = 95;
const MIGRATING = join(import.meta.dirname, 'migrating.fixture.ts');

type PrepareOptions = Parameters<typeof prepareDatabase>[0];

/** A process's connection to a database, and what it may do with the database's version. */
async function connectionTo(uri: string) {
  const connection = await connectMongo(uri);
  onTestFinished(() => connection.close());
  const models = createModels(connection);
  return {
    uri,
    database: databaseOf(connection),
    prepare: (more: Partial<PrepareOptions> = {}) => prepareDatabase({ connection, models, ...more }),
    preview: (more: Partial<PrepareOptions> = {}) => previewMigrations({ connection, models, ...more }),
  };
}

/** A database of this version with some bookings. */
async function bookedDatabase() {
  const one = await connectionTo(testDatabaseUri());
  await one.prepare();
  const booking = { version: 1, eventId: null, userId: null, status: 'confirmed' };
  const bookings = Array.from({ length: BOOKINGS }, (_, n) => ({ ...booking, code: `code ${n}`, seats: 1 + (n % 5) }));
  await one.database.collection('bookings').insertMany(bookings);
  return one;
}

/** How many bookings have the field of the next version. */
function changedBookings(database: Db): Promise<number> {
  return database.collection('bookings').countDocuments({ rows: { $exists: true } });
}

/** Each booking was changed, and none twice. */
async function expectNextVersion(database: Db): Promise<void> {
  const changed = { $expr: { $eq: ['$rows', '$seats'] } };
  expect(await database.collection('bookings').countDocuments(changed)).toBe(BOOKINGS);
  const state = await database.collection('meta').findOne({});
  expect(state).toMatchObject({ version: NEXT_VERSION, compatibleFrom: VERSION });
  expect(state).not.toHaveProperty('position');
}

/** Runs a process that migrates the database and kills itself before it sends that packet; resolves with its end. */
async function killedAt(packets: number, uri: string): Promise<unknown> {
  const args = ['--disable-warning=ExperimentalWarning', MIGRATING, uri, String(packets)];
  const child = spawn(process.execPath, args, { cwd: tmpdir(), env: programEnv({}), stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal ?? code;
}

describe('a migration', () => {
  it('that was killed at any of its writes is completed by the next process, and changes each document once', async () => {
    const worlds = await Promise.all([4, 13, 24].map(async (packets) => ({ packets, ...(await bookedDatabase()) })));
    const ends = await Promise.all(worlds.map(({ packets, uri }) => killedAt(packets, uri)));
    expect(ends).toEqual(worlds.map(() => 'SIGKILL'));
    const counts = await Promise.all(worlds.map(({ database }) => changedBookings(database)));
    expect(counts[0]).toBe(0);
    expect(
      counts.filter((count) => count > 0 && count < BOOKINGS),
      `of ${counts.join()}`,
    ).toHaveLength(2);
    // The lease of a killed process lapses first.
    await Promise.all(worlds.map(({ prepare }) => prepare({ migrations: nextVersion() })));
    for (const { database } of worlds) await expectNextVersion(database);
  });

  it('runs once if several servers start at the same time', async () => {
    const one = await bookedDatabase();
    const others = await Promise.all([connectionTo(one.uri), connectionTo(one.uri)]);
    const lines: unknown[] = [];
    const log = { ...quiet, info: (...line: unknown[]) => void lines.push(line[1]) };
    await Promise.all([one, ...others].map(({ prepare }) => prepare({ migrations: nextVersion(), batchSize: 5, log })));
    await expectNextVersion(one.database);
    expect(lines.filter((line) => line === 'The database is changed to a new version')).toHaveLength(1);
  });

  it('is shown before it runs, without a change', async () => {
    const { database, preview, prepare } = await bookedDatabase();
    await database.collection('bookings').dropIndex('code_1');
    const before = await readStored(database);
    expect(await preview({ migrations: nextVersion() })).toEqual([
      `Version ${NEXT_VERSION}: Seat bookings in rows`,
      `  Give each booking its rows: ${BOOKINGS} of the documents in bookings`,
      'Collections: create the index code_1 of bookings',
    ]);
    expect(await readStored(database)).toEqual(before);
    await prepare({ migrations: nextVersion() });
    expect(await preview({ migrations: nextVersion() })).toEqual([]);
  });

  it('that running servers would not survive begins after their end, which they bring about themselves', async () => {
    const { uri, database, prepare } = await bookedDatabase();
    const settings = { MONGO_URI: uri, LOG_LEVEL: 'fatal' };
    const servers = await Promise.all([startServer(settings), startServer({ ...settings, WORKERS: '2' })]);
    const migrating = prepare({
      migrations: nextVersion({ compatibleFrom: NEXT_VERSION }),
      serversEndWithinMs: 8_000,
    });
    for (const { output } of servers)
      await expect.poll(output, { timeout: 15_000 }).toContain('which this Frontrow does not know');
    expect(await changedBookings(database)).toBe(0);
    expect(await Promise.all(servers.map((server) => server.end('SIGTERM')))).toEqual([1, 1]);
    await migrating;
    expect(await changedBookings(database)).toBe(BOOKINGS);
  });
});

describe('a database of a newer version', () => {
  it('that does not allow this version is refused in one sentence, and keeps its indexes and validators', async () => {
    const { database, prepare } = await bookedDatabase();
    await prepare({ migrations: nextVersion({ compatibleFrom: NEXT_VERSION }), serversEndWithinMs: 0 });
    await changeRules(database);
    const refused = prepare();
    await expect(refused).rejects.toThrow(NewerDatabase);
    await expect(refused).rejects.toThrow(`of version ${NEXT_VERSION}, which this Frontrow does not know`);
    await expectChangedRules(database);
  });

  it('that allows this version is used, and keeps its indexes and validators', async () => {
    const { database, prepare, preview } = await bookedDatabase();
    await prepare({ migrations: nextVersion() });
    await changeRules(database);
    expect(await preview()).toEqual([]);
    await prepare();
    await expectChangedRules(database);
    expect(await database.collection('meta').findOne({})).toMatchObject({ version: NEXT_VERSION });
  });
});

const NEWER_RULE = { seats: { $gte: 0 } };

async function changeRules(database: Db): Promise<void> {
  await database.collection('bookings').dropIndex('code_1');
  await database.command({ collMod: 'bookings', validator: NEWER_RULE, validationLevel: 'strict' });
}

async function expectChangedRules(database: Db): Promise<void> {
  const [bookings] = await database.listCollections({ name: 'bookings' }).toArray();
  expect((bookings as { options?: object } | undefined)?.options).toMatchObject({ validator: NEWER_RULE });
  const indexes = await database.collection('bookings').listIndexes().toArray();
  expect(indexes.map(({ name }) => name as string)).not.toContain('code_1');
}
