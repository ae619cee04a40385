import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import { Manager } from 'socket.io-client';
import { expect, test, type TestContext } from 'vitest';
import { Connection } from './connection.svelte.ts';
import { createManager } from './manager.ts';

/** A server with both namespaces on a real port, and a connection that is not open yet. */
async function pair(t: Pick<TestContext, 'onTestFinished'>, manager = ofWebSockets) {
  const http = createServer();
  const io = new Server(http);
  const sockets: Socket[] = [];
  for (const name of ['/public', '/booking']) {
    io.of(name).on('connection', (socket) => {
      sockets.push(socket);
      socket.on('clock', (_, acknowledge) =>
        acknowledge({ ok: true, data: { serverTime: '2026-10-14T12:00:00.000Z' } }),
      );
    });
  }
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening));
  const { port } = http.address() as AddressInfo;
  const connection = new Connection({
    createManager: () => manager(`http://127.0.0.1:${port}`),
    now: Date.now,
    random: () => 0,
  });
  t.onTestFinished(async () => {
    connection.close();
    http.closeAllConnections();
    await io.close();
  });
  const connected = () => new Promise<void>((resolve) => void connection.onConnected(resolve));
  return { http, io, sockets, connection, connected };
}

const SOON = { reconnectionDelay: 10, reconnectionDelayMax: 20 };

function ofWebSockets(uri: string): Manager {
  return new Manager(uri, { autoConnect: false, transports: ['websocket'], ...SOON });
}

test('an open connection is live, returns answers to commands and forwards pushes', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  expect(connection.state).toBe('connecting');
  const opened = connected();
  connection.open('/public');
  await opened;
  expect(connection.state).toBe('live');
  expect(await connection.call('clock', {})).toEqual({ ok: true, data: { serverTime: '2026-10-14T12:00:00.000Z' } });
  const pushed = new Promise((resolve) => void connection.on('availabilityChanged', resolve));
  sockets[0]?.emit('availabilityChanged', { changes: [] });
  expect(await pushed).toEqual({ changes: [] });
});

test('a command waits for a namespace that is being opened, also if the page leaves it for the other one', async (t) => {
  const { connection } = await pair(t);
  connection.open('/public');
  const early = connection.call('clock', {});
  connection.open('/booking');
  expect(await early).toMatchObject({ ok: true });
  expect(connection.namespace).toBe('/booking');
});

test('a command that waits for a namespace fails with CONNECTION_LOST if it cannot be opened, and if the page closes it', async (t) => {
  const { connection, http, io } = await pair(t);
  http.closeAllConnections();
  await io.close();
  connection.open('/public');
  expect(await connection.call('clock', {})).toMatchObject({ ok: false, error: { code: 'CONNECTION_LOST' } });
  connection.open('/booking');
  const waiting = connection.call('clock', {});
  connection.close();
  expect(await waiting).toMatchObject({ ok: false, error: { code: 'CONNECTION_LOST' } });
});

test('a command fails with CONNECTION_LOST without a connection, and if the connection breaks before the answer', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  expect(await connection.call('clock', {})).toMatchObject({ ok: false, error: { code: 'CONNECTION_LOST' } });
  const opened = connected();
  connection.open('/public');
  await opened;
  const reply = connection.call('listEvents', {});
  const back = connected();
  sockets[0]?.conn.close();
  expect(await reply).toMatchObject({ ok: false, error: { code: 'CONNECTION_LOST' } });
  await back;
  expect(connection.state).toBe('live');
});

test('a broken connection reconnects by itself and keeps its listeners', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const opened = connected();
  connection.open('/public');
  await opened;
  const heard = new Promise((resolve) => void connection.on('eventChanged', resolve));
  const back = connected();
  sockets[0]?.conn.close();
  await back;
  sockets[1]?.emit('eventChanged', { title: 'still here' });
  expect(await heard).toEqual({ title: 'still here' });
});

test('a namespace refused with UNAUTHENTICATED is reported, and the other one can be opened', async (t) => {
  const { io, connection, connected } = await pair(t);
  io.of('/booking').use((_, next) => next(new Error('UNAUTHENTICATED')));
  const refused = new Promise<string>((resolve) => void connection.onRefused(resolve));
  connection.open('/booking');
  expect(await refused).toBe('/booking');
  const opened = connected();
  connection.open('/public');
  await opened;
  expect(connection.namespace).toBe('/public');
});

test('opening the other namespace makes a new handshake', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const first = connected();
  connection.open('/public');
  await first;
  const second = connected();
  connection.open('/booking');
  await second;
  expect(sockets[1]?.conn === sockets[0]?.conn).toBe(false);
});

test('a probe replaces a connection that gets no answer', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const opened = connected();
  connection.open('/public');
  await opened;
  // The socket stays open, but commands get no answer.
  sockets[0]?.removeAllListeners('clock');
  const back = connected();
  await connection.probe();
  await back;
  expect(connection.state).toBe('live');
  expect(sockets).toHaveLength(2);
});

test('a probe keeps a connection that answers', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const opened = connected();
  connection.open('/public');
  await opened;
  await connection.probe();
  expect(connection.state).toBe('live');
  expect(sockets).toHaveLength(1);
});

test('after a WebSocket attempt without an answer the next attempt uses long-polling', async (t) => {
  const { connection, connected, http, sockets } = await pair(t, (uri) =>
    createManager({ timeout: 500, ...SOON }, uri),
  );
  const swallowed: Duplex[] = [];
  http.removeAllListeners('upgrade').on('upgrade', (_, socket) => swallowed.push(socket));
  t.onTestFinished(() => {
    for (const socket of swallowed) socket.destroy();
  });
  const opened = connected();
  connection.open('/public');
  await opened;
  expect(swallowed.length).toBeGreaterThan(0);
  expect(sockets[0]?.conn.transport.name).toBe('polling');
  expect(await connection.call('clock', {})).toMatchObject({ ok: true });
});
