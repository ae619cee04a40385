import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { expect, it, vi } from 'vitest';
import { refuse } from '#shared/protocol/errors.ts';
import type { LiveServer, LiveSocket } from '../types.ts';
import { coalesceWrites } from './coalesce.ts';
import { visitorConnection } from './connection.ts';
import { createFrameShedding } from './frame-shedding.ts';

const FULL = 'f'.repeat(24);
const FREE = 'e'.repeat(24);
const BUSY = refuse('BUSY', { message: 'Übervoll', retryAfterMs: 700 });

/** A server whose commands to the event `FULL` are refused by their frames, and a client of its `/booking`. */
async function sheddingPair(t: Pick<TestContext, 'onTestFinished'>, transport: 'websocket' | 'polling') {
  const http = createServer();
  const server: LiveServer = new Server(http, { perMessageDeflate: false });
  coalesceWrites(server);
  const shed = vi.fn((_connection: unknown, name: string, eventId: string) =>
    name === 'book' && eventId === FULL ? BUSY : null,
  );
  const shedding = createFrameShedding(server, shed, () => performance.now());
  const served: unknown[] = [];
  const connected = new Promise<LiveSocket>((resolve) => {
    server.of('/booking').on('connection', (socket) => {
      socket.data = { connection: visitorConnection(socket.id, ''), user: null };
      shedding.watch(socket);
      socket.use(([name, input, acknowledge]: unknown[]) => {
        served.push([name, input]);
        if (typeof acknowledge === 'function') acknowledge('served');
      });
      resolve(socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/booking`;
  const client: Socket = io(url, { transports: [transport] });
  t.onTestFinished(async () => {
    client.disconnect();
    await server.close();
  });
  return { client, socket: await connected, served, shed };
}

/** The connection below a WebSocket, in fields that engine.io and ws do not declare. */
function netSocketOf({ conn }: LiveSocket): NetSocket {
  const socket = (conn.transport as unknown as { socket?: { _socket?: NetSocket } }).socket?._socket;
  if (!socket) throw new Error('engine.io keeps its connection elsewhere now: frame-shedding.ts needs an update');
  return socket;
}

it.for(['websocket', 'polling'] as const)(
  'commands to a full event queue are refused over %s, each once and without being served; others are served',
  async (transport, t) => {
    const { client, served } = await sheddingPair(t, transport);
    const events = [FULL, FREE, FULL.toUpperCase(), FULL];
    const answers = await Promise.all(events.map((eventId) => client.emitWithAck('book', { requestId: 'r', eventId })));
    expect(answers).toEqual([BUSY, 'served', BUSY, BUSY]);
    expect(await client.emitWithAck('getEvent', { eventId: FULL })).toBe('served');
    expect(served).toEqual([
      ['book', { requestId: 'r', eventId: FREE }],
      ['getEvent', { eventId: FULL }],
    ]);
  },
);

it('a command without an acknowledgement or without an event takes the whole path', async (t) => {
  const { client, served, shed } = await sheddingPair(t, 'websocket');
  client.emit('book', { eventId: FULL });
  expect(await client.emitWithAck('book', { eventId: { $ne: null } })).toBe('served');
  expect(await client.emitWithAck('book', null)).toBe('served');
  expect(served).toHaveLength(3);
  expect(shed).not.toHaveBeenCalled();
});

it('refusals of one turn of the event loop leave in one system call', async (t) => {
  const { client, socket } = await sheddingPair(t, 'websocket');
  const net = netSocketOf(socket) as unknown as { _writev(): void; _write(): void };
  const [writev, write] = [vi.spyOn(net, '_writev'), vi.spyOn(net, '_write')];
  const commands = Array.from({ length: 20 }, () => client.emitWithAck('book', { eventId: FULL }));
  expect(await Promise.all(commands)).toEqual(commands.map(() => BUSY));
  expect(writev.mock.calls.length + write.mock.calls.length).toBeLessThan(5);
});

it('a refused connection is not read for a moment, and is read again', async (t) => {
  const { client, socket } = await sheddingPair(t, 'websocket');
  const net = netSocketOf(socket);
  const refused = client.emitWithAck('book', { eventId: FULL });
  await vi.waitFor(() => expect(net.isPaused()).toBe(true));
  expect(await refused).toEqual(BUSY);
  expect(await client.emitWithAck('book', { eventId: FREE })).toBe('served');
  expect(net.isPaused()).toBe(false);
});
