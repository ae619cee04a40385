import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Server, type Socket } from 'socket.io';
import { Manager } from 'socket.io-client';
import { expect, test, type TestContext } from 'vitest';
import { Connection } from './connection.svelte.ts';
import { createManager } from './manager.ts';

/** A server with both namespaces on a real port, and a connection to it that is not open yet. */
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

test('commands are answered, pushes arrive, and the state is live', async (t) => {
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

test('without a connection, and when it breaks before the answer, a command ends in CONNECTION_LOST', async (t) => {
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

test('it comes back by itself and its listeners survive that', async (t) => {
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

test('a namespace refused for want of a session is reported, and the other one can be opened', async (t) => {
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

test('changing the namespace makes a new handshake, with the cookies of now', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const first = connected();
  connection.open('/public');
  await first;
  const second = connected();
  connection.open('/booking');
  await second;
  expect(sockets[1]?.conn === sockets[0]?.conn).toBe(false);
});

test('a connection that died unnoticed is replaced as soon as it is probed', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const opened = connected();
  connection.open('/public');
  await opened;
  // It still looks open, but nobody answers any more.
  sockets[0]?.removeAllListeners('clock');
  const back = connected();
  await connection.probe();
  await back;
  expect(connection.state).toBe('live');
  expect(sockets).toHaveLength(2);
});

test('a probe of a connection that is alive leaves it alone', async (t) => {
  const { connection, connected, sockets } = await pair(t);
  const opened = connected();
  connection.open('/public');
  await opened;
  await connection.probe();
  expect(connection.state).toBe('live');
  expect(sockets).toHaveLength(1);
});

test('where a WebSocket is swallowed without an answer, the next attempt comes by long-polling', async (t) => {
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
