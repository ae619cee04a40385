import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mongo } from 'mongoose';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { mongodWithLimit } from '../../../test/support/database/small-disk.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import { startEmbedded, findRunningDatabase } from './embedded.ts';
import { EmbeddedStartError } from './keep-running.ts';
import { DataDirInUseError } from './owner.ts';
import { isRunning } from './process.ts';

const binary = inject('mongodBinary');

const dataFolder = () => tempFolder({ onTestFinished }, 'embedded');

async function start(
  dataDir: string,
  { mongod = binary, asksForPassword = false } = {},
): Promise<Awaited<ReturnType<typeof startEmbedded>> & { lines: string[] }> {
  const lines: string[] = [];
  const note = (line: string) => void lines.push(line);
  const embedded = await startEmbedded({
    dataDir,
    binary: mongod,
    asksForPassword,
    log: { info: note, error: note },
  });
  onTestFinished(() => embedded.stop());
  return { ...embedded, lines };
}

async function withSeats<T>(uri: string, use: (seats: mongo.Collection<{ _id: number }>) => Promise<T>): Promise<T> {
  const client = await mongo.MongoClient.connect(uri);
  try {
    return await use(client.db().collection('seats'));
  } finally {
    await client.close();
  }
}

const write = (uri: string, id: number) =>
  withSeats(uri, (seats) => seats.insertOne({ _id: id }, { writeConcern: { w: 'majority', j: true } }));
const count = (uri: string) => withSeats(uri, (seats) => seats.countDocuments());

async function startOwner(dataDir: string): Promise<{ owner: ChildProcess; uri: string; mongodPid: number }> {
  const owner = fork(fileURLToPath(new URL('./child.fixture.ts', import.meta.url)), [dataDir, binary]);
  onTestFinished(() => void owner.kill('SIGKILL'));
  const [{ uri, mongodPid }] = (await once(owner, 'message')) as [{ uri: string; mongodPid: number }];
  return { owner, uri, mongodPid };
}

async function kill(owner: ChildProcess): Promise<void> {
  const ended = once(owner, 'exit');
  owner.kill('SIGKILL');
  await ended;
}

/** Kills the server first, because a running server would restart its mongod. */
async function killBoth({ owner, mongodPid }: { owner: ChildProcess; mongodPid: number }): Promise<void> {
  await kill(owner);
  process.kill(mongodPid, 'SIGKILL');
  await vi.waitUntil(async () => !(await isRunning(mongodPid)));
}

describe('the embedded MongoDB', () => {
  test('keeps its data and its port after a restart', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir);
    await write(first.uri, 1);
    await first.stop();
    const second = await start(dataDir);
    expect(await count(second.uri)).toBe(1);
    expect(second.uri).toBe(first.uri);
    expect(await readFile(join(dataDir, 'mongod.log'), 'utf8')).toContain('"c":"REPL"');
  });

  test('has transactions, which need a replica set', async () => {
    const { uri } = await start(await dataFolder());
    const client = await mongo.MongoClient.connect(uri);
    onTestFinished(() => client.close());
    const seats = client.db().collection('seats');
    await client.withSession((session) =>
      session.withTransaction(async () => {
        await seats.insertOne({ row: 1 }, { session });
        await seats.insertOne({ row: 2 }, { session });
      }),
    );
    expect(await seats.countDocuments()).toBe(2);
  });

  test('restarts mongod after a kill -9, with every acknowledged write', async () => {
    const embedded = await start(await dataFolder());
    await write(embedded.uri, 1);
    const killed = embedded.pid();
    process.kill(killed ?? 0, 'SIGKILL');
    await vi.waitFor(() => expect(embedded.pid()).not.toBe(killed), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await count(embedded.uri)).toBe(1), { timeout: 15_000 });
    expect(embedded.lines.at(-1)).toMatch(/^The embedded mongod ended unexpectedly .*; starting it again\.$/);
  });

  test('[F24] starts mongod again by itself after several failed starts: a full disk, then a taken port', async () => {
    const dataDir = await dataFolder();
    const limited = await mongodWithLimit(dataDir);
    const embedded = await start(dataDir, { mongod: limited.binary });
    await write(embedded.uri, 1);
    const said = (text: string) => () => embedded.lines.some((line) => line.includes(text));
    await writeFile(limited.full, '');
    process.kill(embedded.pid() ?? 0, 'SIGKILL');
    await vi.waitUntil(said('Trying again in 2 s.'), { timeout: 30_000 });
    const intruder = createServer().listen(Number(new URL(embedded.uri).port), '127.0.0.1');
    onTestFinished(() => void intruder.close());
    await once(intruder, 'listening');
    await rm(limited.full);
    await vi.waitUntil(said('Address already in use'), { timeout: 30_000 });
    intruder.close();
    await vi.waitFor(async () => expect(await count(embedded.uri)).toBe(1), { timeout: 30_000 });
  });

  test('ends at once while it waits to start mongod again', async () => {
    const dataDir = await dataFolder();
    const limited = await mongodWithLimit(dataDir);
    const embedded = await start(dataDir, { mongod: limited.binary });
    await writeFile(limited.full, '');
    process.kill(embedded.pid() ?? 0, 'SIGKILL');
    await vi.waitUntil(() => embedded.lines.some((line) => line.includes('Trying again in')), { timeout: 30_000 });
    const askedMs = performance.now();
    await embedded.stop();
    expect(performance.now() - askedMs).toBeLessThan(5_000);
  });

  test.runIf(process.platform === 'linux')('[F19] runs without its log if the log cannot be written', async () => {
    const dataDir = await dataFolder();
    await symlink('/dev/full', join(dataDir, 'mongod.log'));
    const embedded = await start(dataDir);
    await write(embedded.uri, 1);
    process.kill(embedded.pid() ?? 0, 'SIGKILL');
    await vi.waitFor(async () => expect(await count(embedded.uri)).toBe(1), { timeout: 30_000 });
    await embedded.stop();
  });

  test('names what prevents mongod from starting', async () => {
    const dataDir = await dataFolder();
    const limited = await mongodWithLimit(dataDir);
    await writeFile(limited.full, '');
    const refusal = await start(dataDir, { mongod: limited.binary }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EmbeddedStartError);
    expect(String(refusal)).toMatch(/could not be started: .*File too large/);
  });

  test('starts at once after a kill -9 of the server alone, whose mongod still holds the folder', async () => {
    const dataDir = await dataFolder();
    const { owner, uri, mongodPid } = await startOwner(dataDir);
    await write(uri, 1);
    await kill(owner);
    expect(await isRunning(mongodPid)).toBe(true);
    const restarted = performance.now();
    const next = await start(dataDir);
    expect(performance.now() - restarted).toBeLessThan(10_000);
    expect(next.lines[0]).toContain(`process ${mongodPid}`);
    expect(await isRunning(mongodPid)).toBe(false);
    expect(await count(next.uri)).toBe(1);
  });

  test('keeps its data after a kill -9 of server and mongod together', async () => {
    const dataDir = await dataFolder();
    const { uri, ...processes } = await startOwner(dataDir);
    await write(uri, 1);
    await killBoth(processes);
    expect(await count((await start(dataDir)).uri)).toBe(1);
  });

  test('moves to another port if another program has taken its own, also after a kill -9', async () => {
    const dataDir = await dataFolder();
    const { uri, ...processes } = await startOwner(dataDir);
    await write(uri, 1);
    await killBoth(processes);
    const port = Number(new URL(uri).port);
    // The intruder accepts connections and never answers, which takes longest to detect.
    const intruder = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void intruder.close());
    await once(intruder, 'listening');
    const next = await start(dataDir);
    expect(Number(new URL(next.uri).port)).not.toBe((intruder.address() as AddressInfo).port);
    expect(await count(next.uri)).toBe(1);
    await write(next.uri, 2);
    await next.stop();
    expect(await count((await start(dataDir)).uri)).toBe(2);
  });

  test('refuses the folder of a running server, names both, and leaves its database running', async () => {
    const dataDir = await dataFolder();
    const { owner, uri, mongodPid } = await startOwner(dataDir);
    const refusal = await start(dataDir).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataDirInUseError);
    expect(String(refusal)).toContain(dataDir);
    expect(String(refusal)).toContain(`process id ${owner.pid}`);
    await write(uri, 1);
    expect(await isRunning(mongodPid)).toBe(true);
  });

  test('replaces the owner file of a dead server whose process id another program has now', async () => {
    const dataDir = await dataFolder();
    await writeFile(join(dataDir, 'server.pid'), JSON.stringify({ pid: process.pid, startMark: '1' }));
    const { uri } = await start(dataDir);
    expect(await count(uri)).toBe(0);
  });

  test('can be found by other programs only while it runs', async () => {
    const dataDir = await dataFolder();
    expect(await findRunningDatabase(dataDir)).toBeNull();
    const embedded = await start(dataDir);
    expect(await findRunningDatabase(dataDir)).toBe(embedded.uri);
    await embedded.stop();
    expect(await findRunningDatabase(dataDir)).toBeNull();
  });

  test('names a file that is not a mongod', async () => {
    const options = { dataDir: await dataFolder(), log: { info: () => undefined, error: () => undefined } };
    await expect(startEmbedded({ ...options, binary: '/bin/true' })).rejects.toThrow('/bin/true');
  });
});

describe('the embedded MongoDB with a password', () => {
  const refused = 'requires authentication';

  test('takes over a database that asked for none, and asks from then on, also if it need not', async () => {
    const dataDir = await dataFolder();
    const open = await start(dataDir);
    await write(open.uri, 1);
    await open.stop();
    const closed = await start(dataDir, { asksForPassword: true });
    expect(closed.uri).toMatch(/^mongodb:\/\/frontrow:[\w-]{43}@127\.0\.0\.1:/);
    expect(await count(closed.uri)).toBe(1);
    await expect(count(open.uri)).rejects.toThrow(refused);
    expect(await findRunningDatabase(dataDir)).toBe(closed.uri);
    const killed = closed.pid() ?? 0;
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(() => expect(closed.pid()).not.toBe(killed), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await count(closed.uri)).toBe(1), { timeout: 15_000 });
    await closed.stop();
    const again = await start(dataDir);
    expect(again.uri).toBe(closed.uri);
    await write(again.uri, 2);
    await expect(count(open.uri)).rejects.toThrow(refused);
  });

  test('gets a new password if it was lost, moves to another port, and gives its user no right over other users', async () => {
    const dataDir = await dataFolder();
    const first = await start(dataDir, { asksForPassword: true });
    await write(first.uri, 1);
    await first.stop();
    await rm(join(dataDir, 'mongod.password'));
    await chmod(join(dataDir, 'mongod.key'), 0o644);
    const intruder = createServer().listen(Number(new URL(first.uri).port), '127.0.0.1');
    onTestFinished(() => void intruder.close());
    await once(intruder, 'listening');
    const next = await start(dataDir, { asksForPassword: true });
    const [before, after] = [new URL(first.uri), new URL(next.uri)];
    expect(after.port).not.toBe(before.port);
    expect(after.password).not.toBe(before.password);
    expect(await count(next.uri)).toBe(1);
    const client = await mongo.MongoClient.connect(next.uri);
    onTestFinished(() => client.close());
    const makeUser = client.db('admin').command({ createUser: 'other', pwd: 'x', roles: ['root'] });
    await expect(makeUser).rejects.toThrow('not authorized');
  });
});
