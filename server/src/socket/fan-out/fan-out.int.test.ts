import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server } from 'socket.io';
import type { Socket as ClientSocket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { Availability } from '#shared/event.ts';
import { coalesceWrites } from '../connection/coalesce.ts';
import type { LiveServer, LiveSocket } from '../types.ts';
import { createFanOut } from './fan-out.ts';
import { createOutlet } from './outlet.ts';
import { PROCESS_SCHEDULING } from './scheduling.ts';

function seats(eventId: string, version: number): Availability {
  const counters = { totalSeats: 100, availableSeats: 50, heldSeats: 0, soldSeats: 50, waitingCount: 0 };
  return { eventId, version, ...counters, holdsUntil: null };
}

/** A server whose visitors are recipients of a fan-out, with the private fields that outlet.ts uses. */
async function servedVisitors() {
  const http = createServer();
  const server: LiveServer = new Server(http, { perMessageDeflate: false, pingInterval: 60_000 });
  coalesceWrites(server);
  const monotonic = () => performance.now();
  const { processorMs, inNextTurn, after } = PROCESS_SCHEDULING;
  const scheduling = { monotonic, processorMs, inNextTurn, after };
  const fanOut = createFanOut(['/public'], scheduling, { error: expect.unreachable } as never);
  const connected: LiveSocket[] = [];
  server.of('/public').on('connection', (socket) => {
    connected.push(socket);
    const recipient = fanOut.join('/public', createOutlet(socket.conn));
    socket.once('disconnect', () => fanOut.leave(recipient));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const clients: ClientSocket[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.disconnect();
    fanOut.close();
    await server.close();
  });

  /** A client with the versions that it was sent of each event, in order. */
  async function visitor(transports: string[]) {
    const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}/public`, {
      transports,
      forceNew: true,
    });
    clients.push(client);
    const versions = new Map<string, number[]>();
    client.on('availabilityChanged', ({ changes }: { changes: Availability[] }) => {
      for (const { eventId, version } of changes) versions.set(eventId, [...(versions.get(eventId) ?? []), version]);
    });
    await new Promise<void>((resolve) => client.once('connect', resolve));
    const socket = connected.at(-1) as LiveSocket;
    const newest = () => Object.fromEntries([...versions].map(([eventId, all]) => [eventId, all.at(-1)]));
    return { client, socket, versions, newest };
  }

  return { fanOut, visitor };
}

function netSocketOf({ conn }: LiveSocket): NetSocket {
  const net = (conn.transport as unknown as { socket?: { _socket?: NetSocket } }).socket?._socket;
  if (!net) throw new Error('engine.io keeps its connection elsewhere now: outlet.ts needs an update');
  return net;
}

/** Counts the system calls by which the server writes to a client. */
function writesTo(socket: LiveSocket): () => number {
  const calls = netSocketOf(socket) as unknown as { _writev(): void; _write(): void };
  const [writev, write] = [vi.spyOn(calls, '_writev'), vi.spyOn(calls, '_write')];
  return () => writev.mock.calls.length + write.mock.calls.length;
}

it('a frame of seats goes to an open WebSocket past engine.io, in one system call', async () => {
  const { fanOut, visitor } = await servedVisitors();
  const { socket, newest } = await visitor(['websocket']);
  await vi.waitFor(() => expect(socket.conn.transport.writable).toBe(true));
  const writes = writesTo(socket);
  const created = vi.fn();
  socket.conn.on('packetCreate', created);
  fanOut.pushSeats([seats('a', 7)]);
  expect(writes()).toBe(1);
  await vi.waitFor(() => expect(newest()).toEqual({ a: 7 }));
  expect([created.mock.calls.length, writes()]).toEqual([0, 1]);
});

it('a frame of seats leaves behind the packets of its turn, and with them in one system call', async () => {
  const { fanOut, visitor } = await servedVisitors();
  const { socket, client, newest } = await visitor(['websocket']);
  const names: string[] = [];
  client.onAny((name: string) => names.push(name));
  const writes = writesTo(socket);
  socket.emit('bookingChanged', {} as never);
  fanOut.pushSeats([seats('a', 7)]);
  await vi.waitFor(() => expect(newest()).toEqual({ a: 7 }));
  expect([names, writes()]).toEqual([['bookingChanged', 'availabilityChanged'], 1]);
});

it('frames of seats reach clients on WebSocket, on long-polling and during an upgrade, and end with the newest', async () => {
  const { fanOut, visitor } = await servedVisitors();
  const all = await Promise.all([['websocket'], ['polling'], ['polling', 'websocket']].map(visitor));
  for (let version = 1; version <= 300; version += 1) {
    fanOut.pushSeats([seats('a', version), seats(`b${version % 3}`, version)]);
    if (version % 10 === 0) await vi.waitFor(() => expect(all[0]?.newest()['a']).toBe(version));
  }
  for (const { newest, versions } of all) {
    await vi.waitFor(() => expect(newest()).toEqual({ a: 300, b0: 300, b1: 298, b2: 299 }));
    const inOrder = versions.get('a') ?? [];
    expect(inOrder).toEqual([...new Set(inOrder)].toSorted((left, right) => left - right));
  }
  expect(all[0]?.versions.get('a')).toHaveLength(300);
});

it('[F11] a client that never reads costs the server one frame, and gets the newest states when it reads', async () => {
  const { fanOut, visitor } = await servedVisitors();
  const [reader, sleeper] = [await visitor(['websocket']), await visitor(['websocket'])];
  const { ws } = sleeper.client.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } };
  ws.pause();
  const net = netSocketOf(sleeper.socket);
  const events = Array.from({ length: 500 }, (_, index) => `event${index}`);
  const frameBytes = JSON.stringify(events.map((eventId) => seats(eventId, 9_999))).length * 1.1;
  let [version, mostBytes, isBehindSince] = [0, 0, 0];
  // The kernel takes some megabytes before a write has to wait.
  while (isBehindSince === 0 || version < isBehindSince + 50) {
    version += 1;
    const sent = version;
    fanOut.pushSeats(events.map((eventId) => seats(eventId, sent)));
    mostBytes = Math.max(mostBytes, net.writableLength);
    if (isBehindSince === 0 && fanOut.behind > 0) isBehindSince = version;
    await vi.waitFor(() => expect(reader.newest()['event499']).toBe(sent));
  }
  const { writeBuffer } = sleeper.socket.conn as unknown as { writeBuffer: unknown[] };
  expect(writeBuffer).toEqual([]);
  expect(mostBytes).toBeGreaterThan(0);
  expect(mostBytes).toBeLessThan(frameBytes);
  ws.resume();
  await vi.waitFor(() => expect(sleeper.newest()['event499']).toBe(version), { timeout: 10_000 });
  const got = sleeper.versions.get('event0') ?? [];
  expect(got.slice(-1)).toEqual([version]);
  expect(got.length).toBeLessThan(version - 40);
  expect(fanOut.behind).toBe(0);
});
