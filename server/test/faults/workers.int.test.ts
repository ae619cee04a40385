import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';
import { isRunning } from '#server/mongo/embedded/process.ts';
import { workerOfTransport, transportIds } from '#server/workers/forward.ts';
import { expectAgreement } from '../support/database/agreement.ts';
import { at, newEvent, tokenOf } from '../support/burst.ts';
import { databaseOf, testDatabaseUri } from '../support/database/test-database.ts';
import type { ServerProcess } from '../support/server-process.ts';
import { startServer } from '../support/server-process.ts';
import type { Client } from '../support/test-app.ts';
import { connected, pushed } from '../support/test-app.ts';

type Finish = Pick<TestContext, 'onTestFinished'>;

const ADMIN = { ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse' };

async function twoWorkers(t: Finish, mongoUri = testDatabaseUri()): Promise<ServerProcess> {
  const server = await startServer({ WORKERS: '2', MONGO_URI: mongoUri, ...ADMIN });
  t.onTestFinished(async () => void (await server.end('SIGKILL')));
  return server;
}

/** Connects signed-out visitors by these transports. Returns their sockets and the number of each socket's worker. */
async function onlookers(t: Finish, url: string, transports: string[], count: number) {
  const sockets = Array.from({ length: count }, (): Client =>
    io(`${url}/public`, { transports, forceNew: true, reconnection: false, autoConnect: false }),
  );
  t.onTestFinished(() => sockets.forEach((socket) => void socket.disconnect()));
  await Promise.all(sockets.map(connected));
  const workerOf = ({ io: { engine } }: Client) =>
    workerOfTransport(`/socket.io/?sid=${(engine as { id?: string }).id}`);
  return { sockets, workers: sockets.map(workerOf) };
}

/** The samples at /metrics, each request over a connection of its own. */
async function linesOf(url: string): Promise<string[]> {
  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } });
  return (await response.text()).split('\n').filter((line) => !line.startsWith('#'));
}

/** The ids of a process's child processes. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

describe('WORKERS=2', () => {
  it('serves one port with two processes: each client gets both processes’ pushes and the notice of the end', async (t) => {
    const uri = testDatabaseUri();
    const server = await twoWorkers(t, uri);
    expect(server.output().match(/ is ready at /g)).toHaveLength(1);
    const [polling, upgrading, direct] = await Promise.all([
      onlookers(t, server.url, ['polling'], 8),
      onlookers(t, server.url, ['polling', 'websocket'], 8),
      onlookers(t, server.url, ['websocket'], 8),
    ]);
    const all = [...polling.sockets, ...upgrading.sockets, ...direct.sockets];
    expect([...new Set([...polling.workers, ...upgrading.workers, ...direct.workers])].sort()).toEqual([1, 2]);
    await expect
      .poll(() => upgrading.sockets.every(({ io: { engine } }) => engine.transport.name === 'websocket'), {
        timeout: 40_000,
      })
      .toBe(true);
    const eventId = await newEvent(t, server.url, 10);
    const buyer = await at(t, server.url, await tokenOf(server.url, 'alice'));
    const seen = all.map((socket) =>
      pushed(socket, 'availabilityChanged', ({ changes }) =>
        changes.some((one) => one.eventId === eventId && one.soldSeats === 3),
      ),
    );
    await buyer.must('book', { requestId: randomUUID(), eventId, seats: 3 });
    await Promise.all(seen);
    const ended = all.map((socket) => pushed(socket, 'sessionEnded'));
    expect(await server.end('SIGTERM')).toBe(0);
    for (const { reason } of await Promise.all(ended)) expect(reason).toBe('server_closing');
    const connection = await connectMongo(uri);
    await expectAgreement(databaseOf(connection));
    await connection.close();
  }, 120_000);

  it('answers /metrics with the sums of both processes, and with each one’s gauges', async (t) => {
    const server = await twoWorkers(t);
    const { workers } = await onlookers(t, server.url, ['websocket'], 8);
    expect([...new Set(workers)].sort()).toEqual([1, 2]);
    const tokens = await Promise.all(['alice', 'bob', 'carol', 'dave'].map((name) => tokenOf(server.url, name)));
    for (const token of tokens) await (await at(t, server.url, token)).must('listBookings', {});
    const counted = 'frontrow_command_duration_seconds_count{command="listBookings",outcome="ok"} 4';
    // Requests alternate between the workers; a worker's numbers are a second old at most.
    for (let request = 0; request < 4; request += 1)
      await expect.poll(() => linesOf(server.url), { timeout: 10_000 }).toContain(counted);
    const lines = await linesOf(server.url);
    const open = [1, 2].map((worker) =>
      Number(
        lines
          .find((line) => line.startsWith(`frontrow_connections{namespace="public",worker="${worker}"}`))
          ?.split(' ')[1],
      ),
    );
    expect(open).toEqual([1, 2].map((worker) => workers.filter((one) => one === worker).length));
    expect(lines.filter((line) => /^frontrow_build_info\{.*\} 1$/.test(line))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('frontrow_jobs{state="failed"'))).toEqual([
      'frontrow_jobs{state="failed"} 0',
    ]);
  }, 120_000);

  it('replaces a worker that is killed', async (t) => {
    const server = await twoWorkers(t);
    const [first = 0, second = 0] = await childrenOf(server.pid);
    process.kill(second, 'SIGKILL');
    await expect
      .poll(async () => (await childrenOf(server.pid)).filter((pid) => pid !== first && pid !== second).length, {
        timeout: 40_000,
      })
      .toBe(1);
    await expect
      .poll(async () => new Set((await onlookers(t, server.url, ['polling'], 4)).workers).size, { timeout: 40_000 })
      .toBe(2);
    expect(await server.end('SIGTERM')).toBe(0);
  }, 120_000);

  it('[F12] ends within 10 s of SIGTERM although one worker is stuck', async (t) => {
    const server = await twoWorkers(t);
    const [, second = 0] = await childrenOf(server.pid);
    // SIGSTOP freezes the process: like a process with a stuck event loop, it does not handle signals.
    process.kill(second, 'SIGSTOP');
    const startedMs = performance.now();
    expect(await server.end('SIGTERM')).toBe(1);
    expect(performance.now() - startedMs).toBeLessThan(10_500);
    expect(await isRunning(second)).toBe(false);
  }, 120_000);

  it('prints once that its port is taken, and ends with exit code 1', async (t) => {
    const { port } = await startAlone(t);
    const settings = { WORKERS: '2', MONGO_URI: testDatabaseUri(), PORT: String(port) };
    const failed = await startServer(settings).catch(String);
    expect(failed).toMatch(/PORT \d+ on 127\.0\.0\.1 is taken by another program/);
  });
});

async function startAlone(t: Finish): Promise<ServerProcess> {
  const server = await startServer({ MONGO_URI: testDatabaseUri() });
  t.onTestFinished(async () => void (await server.end('SIGKILL')));
  return server;
}

it('workerOfTransport returns the worker in the id of a transport, and none for an address without an id', () => {
  const id = transportIds(12)();
  expect(id).not.toBe(transportIds(12)());
  expect(workerOfTransport(`/socket.io/?EIO=4&transport=polling&sid=${id}&t=1`)).toBe(12);
  expect(workerOfTransport(`/socket.io/?sid=${id}`)).toBe(12);
  for (const url of ['/socket.io/?EIO=4', `/api/events?sid=${id}`, '/socket.io/?sid=abc.1', '/', undefined]) {
    expect(workerOfTransport(url)).toBeNull();
  }
});
