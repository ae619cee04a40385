import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mongoose from 'mongoose';
import type { TestContext } from 'vitest';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { at } from '../../test/support/burst.ts';
import type { Undoing } from '../../test/support/database/test-database.ts';
import { testDatabaseUri, withDatabase } from '../../test/support/database/test-database.ts';
import { engineWorld } from '../../test/support/engine-world.ts';
import { insertStored, readKept } from '../../test/support/old-data/kept-data.ts';
import { asUnnumbered } from '../../test/support/old-data/unnumbered.ts';
import { programEnv } from '../../test/support/program-env.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import type { Person } from '../../test/support/test-app.ts';
import { eventInput, testApp } from '../../test/support/test-app.ts';
import { plainPicture, upload } from '../../test/support/uploads.ts';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import type { Booking } from '#shared/booking.ts';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';

const BUYERS = 20;
const QUIET = { info: () => undefined, error: console.error };

type Program = 'backup' | 'restore' | 'reconcile' | '../main';

/** Starts a program in an empty folder, without a terminal. */
function start(program: Program, args: string[], env: Record<string, string>) {
  const file = join(import.meta.dirname, `${program}.ts`);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    cwd: tmpdir(),
    env: programEnv({ PORT: '0', LOG_LEVEL: 'warn', DEMO_DATA: 'off', ...env }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void (output += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { ended, kill: () => void child.kill('SIGKILL') };
}

function run(program: Program, args: string[], env: Record<string, string>) {
  return start(program, args, env).ended;
}

/** The number of documents by collection, without empty collections. */
function countsOf(uri: string): Promise<Record<string, number>> {
  return withDatabase(uri, async (database) => {
    const counts: Record<string, number> = {};
    for (const { name } of await database.listCollections().toArray()) {
      const count = await database.collection(name).countDocuments();
      if (count > 0) counts[name] = count;
    }
    return counts;
  });
}

/** All documents of a collection, as bytes. */
function bytesOf(uri: string, collection: string): Promise<string[]> {
  return withDatabase(uri, async (database) => {
    const documents = await database
      .collection(collection)
      .find({}, { raw: true, sort: { _id: 1 } })
      .toArray();
    return documents.map((document) => Buffer.from(document as unknown as Uint8Array).toString('hex'));
  });
}

/** Twenty people who book single seats one after the other, each over a connection of its own, until `stop`. */
function keepBooking(buyers: readonly Person[], eventId: string) {
  const acknowledged: Booking[] = [];
  let isOver = false;
  const all = buyers.map(async ({ must }) => {
    while (!isOver) acknowledged.push(await must('book', { requestId: randomUUID(), eventId, seats: 1 }));
  });
  const stop = async () => {
    isOver = true;
    await Promise.all(all);
  };
  return { acknowledged, stop };
}

async function sale(t: TestContext) {
  const app = await testApp(t, { env: { RATE_LIMITS: 'off' } });
  const admin = await app.admin();
  const event = await admin.must('createEvent', eventInput({ totalSeats: 100_000 }));
  const buyers = await Promise.all(Array.from({ length: BUYERS }, (_, i) => app.register(`buyer${i}`)));
  const uploaded = await upload(app, { eventId: event.id, token: admin.token, picture: await plainPicture() });
  expect(uploaded.status).toBe(200);
  return { app, eventId: event.id, buyers };
}

async function idsOf(uri: string): Promise<Set<string>> {
  return withDatabase(uri, async (database) => {
    const ids = await database.collection('bookings').distinct('_id');
    return new Set(ids.map(String));
  });
}

/** A backup of a database with one event and documents in its transient collections. */
async function smallBackup(t: Undoing) {
  const { mongoUri, models, createEvent } = await engineWorld(t);
  const _id = new mongoose.Types.ObjectId();
  await createEvent({ title: 'Jazz' });
  await models.leases.create({ _id: 'holds', holder: 'server', expiresAt: new Date() });
  await models.serverTurns.create({ _id, holder: _id, line: [], steps: 1 });
  await models.rateCounts.create({ _id: 'password', count: 1, endsAt: new Date(Date.now() + 600_000) });
  const file = join(await tempFolder(t, 'backup'), 'small.backup');
  const { code, output } = await run('backup', [file], { MONGO_URI: mongoUri });
  expect([code, output]).toEqual([0, expect.stringContaining(`Wrote ${file}: 1 events, 0 bookings, `)]);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  return { file, mongoUri };
}

/** Two steps from version 1 to this one wait 20 s each for servers of before to end. */
const STEPS_WAIT = { timeout: 150_000 };

describe('npm run backup and npm run restore', () => {
  let small: Awaited<ReturnType<typeof smallBackup>>;
  beforeAll(async () => {
    const undos: (() => Promise<void>)[] = [];
    small = await smallBackup({ onTestFinished: (undo) => void undos.push(undo) });
    return async () => {
      for (const undo of undos.toReversed()) await undo();
    };
  });

  it('keep every booking acknowledged before the backup of a busy sale, its ticket, accounts, sessions and picture', async (t) => {
    const { app, eventId, buyers } = await sale(t);
    const booking = keepBooking(buyers, eventId);
    await expect.poll(() => booking.acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(500);
    const before = [...booking.acknowledged];
    const folder = await tempFolder(t, 'backup');
    const taken = await run('backup', [`${folder}/`], { MONGO_URI: app.mongoUri });
    expect([taken.code, taken.output]).toEqual([
      0,
      expect.stringMatching(/^Wrote .* MB\.\nIt holds the keys [^\n]*\n$/),
    ]);
    const soldMeanwhile = booking.acknowledged.length - before.length;
    await booking.stop();
    expect(soldMeanwhile).toBeGreaterThan(100);

    const [name = ''] = await readdir(folder);
    const uri = testDatabaseUri();
    const restored = await run('restore', [join(folder, name)], { MONGO_URI: uri });
    expect(restored.output).toContain('1 event checked: counters, bookings, ledger and payments agree.\n');
    expect(restored.code).toBe(0);
    const ids = await idsOf(uri);
    expect(before.filter(({ id }) => !ids.has(id))).toEqual([]);
    const stored = await countsOf(uri);
    expect(stored).toMatchObject({ events: 1, users: BUYERS + 1, sessions: BUYERS + 1, keys: expect.any(Number) });
    expect(stored).not.toHaveProperty('leases');
    expect(stored).not.toHaveProperty('restoring');
    for (const collection of ['users', 'keys', 'images.files', 'images.chunks'])
      expect(await bytesOf(uri, collection)).toEqual(await bytesOf(app.mongoUri, collection));
    await expectAdmitted(t, uri, before[0] ?? expect.fail('Nothing was booked'), buyers[0]?.token ?? '');
  }, 120_000);

  it('do not copy leases, server turns and counts of wrong passwords', async () => {
    const { leases, turns, rateCounts, ...counts } = await countsOf(small.mongoUri);
    expect([leases, turns, rateCounts]).toEqual([1, 1, 1]);
    const uri = testDatabaseUri();
    expect(await run('restore', [small.file], { MONGO_URI: uri })).toMatchObject({ code: 0 });
    expect(await countsOf(uri)).toEqual(counts);
  });

  it('restore into an empty database only, and change nothing in another', async () => {
    const before = await countsOf(small.mongoUri);
    const { code, output } = await run('restore', [small.file], { MONGO_URI: small.mongoUri });
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/\nThe database \S+ is not empty: its collection \w+ has /),
    ]);
    expect(await countsOf(small.mongoUri)).toEqual(before);
  });

  it('bring a backup of an earlier version to this one, and write nothing from a newer one', STEPS_WAIT, async (t) => {
    const folder = await tempFolder(t, 'backup');
    const source = testDatabaseUri();
    await withDatabase(source, async (database) => insertStored(database, asUnnumbered(await readKept(1))));
    await run('backup', [join(folder, 'old')], { MONGO_URI: source });
    const uri = testDatabaseUri();
    expect(await run('restore', [join(folder, 'old')], { MONGO_URI: uri })).toMatchObject({ code: 0 });
    const state = await withDatabase(uri, (database) => database.collection('meta').findOne({}));
    expect(state).toMatchObject({ version: MIGRATIONS.length });

    const newer = { _id: 'schema' as never, version: 99, compatibleFrom: 1, updatedAt: new Date() };
    await withDatabase(source, (database) => database.collection('meta').insertOne(newer));
    await run('backup', [join(folder, 'new')], { MONGO_URI: source });
    const empty = testDatabaseUri();
    const refused = await run('restore', [join(folder, 'new')], { MONGO_URI: empty });
    expect(refused).toEqual({
      code: 1,
      output: expect.stringContaining('\nThe backup is of version 99 of the database, and'),
    });
    expect(await withDatabase(empty, (database) => database.listCollections().toArray())).toEqual([]);
  });

  it('write nothing from a file that is not as it was written', async (t) => {
    const file = join(await tempFolder(t, 'backup'), 'altered.backup');
    const bytes = await readFile(small.file);
    await writeFile(file, bytes.with(bytes.length - 100, 0));
    const uri = testDatabaseUri();
    const output = `${file} is not as it was written: its checksum differs.\n`;
    expect(await run('restore', [file], { MONGO_URI: uri })).toEqual({ code: 1, output });
    expect(await withDatabase(uri, (database) => database.listCollections().toArray())).toEqual([]);
  });

  it('leave a mark if a restore is killed, on which no server and no other program starts', async () => {
    const uri = testDatabaseUri();
    const restoring = start('restore', [small.file], { MONGO_URI: uri });
    await expect.poll(() => countsOf(uri), { timeout: 20_000, interval: 5 }).toMatchObject({ restoring: 1 });
    restoring.kill();
    await restoring.ended;
    const programs = [
      ['../main', []],
      ['restore', [small.file]],
      ['backup', [`${small.file}2`]],
      ['reconcile', []],
    ] as const;
    const ends = await Promise.all(programs.map(([name, args]) => run(name, [...args], { MONGO_URI: uri })));
    for (const { code, output } of ends) {
      expect(code).toBe(1);
      expect(output).toMatch(/The database \S+ is half restored: .* drop the database .*\n$/);
    }
    await withDatabase(uri, (database) => database.dropDatabase());
    expect(await run('restore', [small.file], { MONGO_URI: uri })).toMatchObject({ code: 0 });
  });

  it('prune a folder to the newest backups, and keep files of other names', async (t) => {
    const folder = await tempFolder(t, 'backups');
    const days = [1, 2, 3].map((day) => `frontrow-2026-01-0${day}T00-00-00Z.backup`);
    for (const name of [...days, 'mine.backup']) await writeFile(join(folder, name), '');
    const { code, output } = await run('backup', [folder, '--keep', '2'], { MONGO_URI: small.mongoUri });
    expect([code, output]).toEqual([0, expect.stringContaining(`Removed 2 older: ${days[0]}, ${days[1]}.\n`)]);
    const names = await readdir(folder);
    expect(names).toHaveLength(3);
    expect(names).toEqual(expect.arrayContaining([days[2], 'mine.backup']));
  });

  it('answer arguments that they cannot use with a sentence', async () => {
    const wrong = [
      ['backup', [], 'Usage: npm run backup'],
      ['backup', ['a', 'b'], 'Usage: npm run backup'],
      ['backup', ['a', '--keep', '2'], '--keep needs a folder'],
      ['backup', [`${tmpdir()}/`, '--keep', '0'], '--keep must be a whole number from 1 to 9999 (it is "0").'],
      ['backup', [join(tmpdir(), 'none.backup')], 'is empty: there is nothing to back up.'],
      ['restore', ['a', '--force'], 'Usage: npm run restore'],
      ['restore', ['/none/none.backup'], 'The backup cannot be read: ENOENT'],
    ] as const;
    const env = { MONGO_URI: testDatabaseUri() };
    const ends = await Promise.all(wrong.map(([program, args]) => run(program, [...args], env)));
    for (const [index, [program, args, sentence]] of wrong.entries()) {
      const { code, output } = ends[index] ?? expect.fail('The program has not ended');
      expect([program, args, code, output]).toEqual([program, args, 1, expect.stringContaining(sentence)]);
      expect(output).not.toContain('    at ');
    }
  });

  it('work on the embedded database: of a running server, and in a folder that is still empty', async (t) => {
    const [from, to] = [await tempFolder(t, 'from'), await tempFolder(t, 'to')];
    const binary = inject('mongodBinary');
    const env = (dataDir: string) => ({ DATA_DIR: dataDir, MONGOMS_SYSTEM_BINARY: binary });
    const file = join(from, 'a.backup');
    const running = await startEmbedded({ dataDir: from, binary, log: QUIET });
    try {
      await insertUser(running.uri, 'alice');
      expect(await run('backup', [file], env(from))).toMatchObject({ code: 0 });
    } finally {
      await running.stop();
    }
    expect(await run('restore', [file], env(to))).toMatchObject({ code: 0 });
    expect((await run('restore', [file], env(to))).output).toContain(
      'is not empty: its collection users has documents',
    );
  }, 120_000);
});

/** The restored sale on a server of its own: an old ticket admits, the picture is shown, and an old session is valid. */
async function expectAdmitted(t: TestContext, uri: string, old: Booking, token: string): Promise<void> {
  const app = await testApp(t, { mongoUri: uri });
  const admin = await app.admin();
  const admitted = await admin.must('checkIn', { ticket: old.ticket ?? '' });
  expect(admitted).toMatchObject({ booking: { id: old.id, checkedInSeats: 1 } });
  const { image } = await admin.must('getEvent', { eventId: old.eventId });
  expect((await app.get(image?.url ?? '')).status).toBe(200);
  const buyer = await at(t, app.url, token);
  await buyer.must('book', { requestId: randomUUID(), eventId: old.eventId, seats: 1 });
}

async function insertUser(uri: string, name: string): Promise<void> {
  const client = await mongoose.mongo.MongoClient.connect(uri);
  try {
    await client
      .db()
      .collection('users')
      .insertOne({ name, email: `${name}@example.org` });
  } finally {
    await client.close();
  }
}
