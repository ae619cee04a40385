import { createServer } from 'node:http';
import type { AddressInfo, Socket as NetSocket } from 'node:net';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { refuse } from '#shared/protocol/errors.ts';
import { clientFrame } from '../../../test/support/clients/client-frame.ts';
import type { LiveServer, LiveSocket } from '../types.ts';
import { coalesceWrites } from './coalesce.ts';
import { visitorConnection } from './connection.ts';
import { createFrameShedding } from './frame-shedding.ts';

const PING = clientFrame({ text: 'ping', first: 0x89 });

const FULL = 'f'.repeat(24);
const FREE = 'e'.repeat(24);
const BUSY = refuse('BUSY', { message: 'Übervoll', retryAfterMs: 700 });

/** A server whose commands to the event `FULL` are refused by their frames; `connected` is its first client's socket. */
async function sheddingServer(t: Pick<TestContext, 'onTestFinished'>) {
  const http = createServer();
  const server: LiveServer = new Server(http, { perMessageDeflate: false });
  coalesceWrites(server);
  const shed = vi.fn((_connection: unknown, name: string, eventId: string) =>
    name === 'book' && eventId === FULL ? BUSY : null,
  );
  const shedding = createFrameShedding(shed, () => performance.now());
  const served: unknown[] = [];
  const connected = new Promise<LiveSocket>((resolve) => {
    server.of('/booking').on('connection', (socket) => {
      socket.data = { connection: visitorConnection(socket.id, ''), user: null, recipient: null };
      socket.use((packet: unknown[]) => {
        if (shedding.refuse(socket, packet)) return;
        const [name, input, acknowledge] = packet;
        served.push([name, input]);
        if (typeof acknowledge === 'function') acknowledge('served');
      });
      resolve(socket);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  t.onTestFinished(() => server.close());
  return { host: `127.0.0.1:${(http.address() as AddressInfo).port}`, connected, served, shed };
}

/** Such a server with a client of its `/booking`. */
async function sheddingPair(t: Pick<TestContext, 'onTestFinished'>, transport: 'websocket' | 'polling') {
  const { host, connected, served, shed } = await sheddingServer(t);
  const client: Socket = io(`http://${host}/booking`, { transports: [transport] });
  t.onTestFinished(() => void client.disconnect());
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

/** A message in two frames, with a ping between them. */
function splitMessage(text: string): Buffer {
  const begin = clientFrame({ text: text.slice(0, 20), first: 0x01 });
  return Buffer.concat([begin, PING, clientFrame({ text: text.slice(20), first: 0x80 })]);
}

/** A client over a bare WebSocket, which can send any bytes, and what it was answered, by the number of the command. */
async function bareClient(t: TestContext, host: string) {
  const client = new WebSocket(`ws://${host}/socket.io/?EIO=4&transport=websocket`);
  t.onTestFinished(() => client.terminate());
  const answers = new Map<number, unknown>();
  const joined = Promise.withResolvers<void>();
  const closed = new Promise<number>((resolve) => client.once('close', resolve));
  client.on('message', (data: Buffer) => {
    const text = String(data);
    if (text.startsWith('0{')) client.send('40/booking,');
    if (text.startsWith('40/booking,')) joined.resolve();
    const [, number, answer = ''] = /^43\/booking,(\d+)(.*)$/s.exec(text) ?? [];
    if (number === undefined) return;
    expect(answers.has(Number(number))).toBe(false);
    answers.set(Number(number), (JSON.parse(answer) as unknown[])[0]);
  });
  await joined.promise;
  const { _socket: net } = client as unknown as { _socket: NetSocket };
  return { answers, closed, write: (bytes: Buffer) => void net.write(bytes) };
}

function commandOf(number: number, eventId: string): string {
  return `42/booking,${number}["book",{"requestId":"ü${number}","eventId":"${eventId}"}]`;
}

it('a refused connection is answered each command once, however its bytes are cut and whatever lies between', async (t) => {
  const { host, served } = await sheddingServer(t);
  const { answers, write } = await bareClient(t, host);
  write(clientFrame({ text: commandOf(0, FULL) }));
  await vi.waitFor(() => expect(answers.get(0)).toEqual(BUSY));
  const sent = Array.from({ length: 150 }, (_, index) => index + 1);
  const eventOf = (number: number) => (number % 3 === 0 ? FREE : FULL);
  const bytes = Buffer.concat(
    sent.map((number) => {
      const command = commandOf(number, eventOf(number));
      if (number % 11 === 0) return splitMessage(command);
      const frame = clientFrame({ text: command });
      return number % 7 === 0 ? Buffer.concat([PING, frame]) : frame;
    }),
  );
  for (let at = 0, size = 1; at < bytes.length; at += size, size = ((size * 7) % 900) + 3) {
    write(bytes.subarray(at, at + size));
    await new Promise(setImmediate);
  }
  await vi.waitFor(() => expect(answers.size).toBe(1 + sent.length), 15_000);
  for (const number of sent) expect(answers.get(number)).toEqual(eventOf(number) === FULL ? BUSY : 'served');
  const servedIds = served.map((each) => (each as [string, { requestId: string }])[1].requestId);
  expect(servedIds).toEqual(sent.filter((number) => eventOf(number) === FREE).map((number) => `ü${number}`));
});

it.each([
  ['breaks the protocol', Buffer.from([0x81, 0x01, 0x78]), 1_002],
  ['closes itself', clientFrame({ text: Buffer.from([0x03, 0xe8]), first: 0x88 }), 1_000],
])('a refused connection that %s is closed like any other', async (_how, end, code) => {
  const t = { onTestFinished } as TestContext;
  const { host } = await sheddingServer(t);
  const { answers, closed, write } = await bareClient(t, host);
  write(clientFrame({ text: commandOf(0, FULL) }));
  await vi.waitFor(() => expect(answers.get(0)).toEqual(BUSY));
  write(Buffer.concat([clientFrame({ text: commandOf(1, FULL) }), end, clientFrame({ text: commandOf(2, FULL) })]));
  write(clientFrame({ text: commandOf(3, FULL) }));
  expect(await closed).toBe(code);
  expect([...answers.keys()].filter((number) => number > 1)).toEqual([]);
});
