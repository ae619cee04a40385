import type { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';
import { liveWorld } from '../../../test/support/live-world.ts';
import type { LiveServer, LiveSocket } from '../types.ts';
import { releaseAnswer, releaseOpening, shortenRequest } from './first-request.ts';

const t = { onTestFinished };
const TRANSPORTS = [[['websocket']], [['polling']], [['polling', 'websocket']]];

it.each(TRANSPORTS)('a server keeps of the first request over %j only what may carry a token', async (transports) => {
  const http = createServer();
  const server: LiveServer = new Server(http);
  const answers: object[] = [];
  const reported: object[] = [];
  server.engine.use((_request: unknown, answer: object, next: () => void) => {
    answers.push(answer);
    const { socket: connection } = answer as { socket: EventEmitter | null };
    const keptListener = () => undefined;
    connection?.on('close', keptListener);
    (answer as EventEmitter).once('close', () => reported.push(answer));
    releaseAnswer(answer);
    if (connection) expect(connection.listeners('close')).toContain(keptListener);
    next();
  });
  server.engine.on('connection', shortenRequest).on('connection', releaseOpening);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const extraHeaders = { cookie: 'session=a', 'user-agent': 'Somebody' };
  const client = io(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { transports, extraHeaders });
  t.onTestFinished(async () => {
    client.disconnect();
    await server.close();
  });
  const socket = await new Promise<LiveSocket>((resolve) => server.on('connection', resolve));
  expect(socket.conn.request).toMatchObject({ headers: { cookie: 'session=a' }, url: '' });
  expect(socket.conn.request.headers).not.toHaveProperty('user-agent');
  await expect.poll(() => socket.conn.transport.name).toBe(transports.at(-1));
  const isUpgrade = (answer: object) => !('headersSent' in answer);
  expect(answers.filter(isUpgrade)).toHaveLength(transports.includes('websocket') ? 1 : 0);
  for (const answer of answers.filter(isUpgrade)) expect(answer).toMatchObject({ req: null, socket: null });
  const opened = socket.conn.transport as unknown as EventEmitter & { socket?: EventEmitter };
  if (transports.length === 1 && opened.socket) expect(opened.socket.listenerCount('error')).toBe(1);
  if (transports[0] === 'websocket') expect(opened.listenerCount('headers')).toBe(0);
  expect(
    await new Promise((resolve) => {
      client.once('echo' as never, resolve as never);
      (socket as unknown as { emit(name: string, value: number): void }).emit('echo', 7);
    }),
  ).toBe(7);
  const ended = new Promise((resolve) => socket.conn.once('close', resolve));
  client.disconnect();
  await ended;
  await new Promise(setImmediate);
  expect(reported.filter(isUpgrade)).toEqual([]);
});

it.each(['websocket', 'polling'])(
  'a client over %s joins another namespace later by the cookie of its first request',
  async (transport) => {
    const world = await liveWorld(t);
    const { token, user } = await world.person();
    const extraHeaders = { cookie: `theme=dark; session=${token}` };
    const visitor = await world.welcomed('/public', { transports: [transport], extraHeaders });
    const member = visitor.io.socket('/booking');
    const welcome = new Promise<{ user: { id: string } }>((resolve, reject) => {
      member.once('welcome', resolve);
      member.once('connect_error', reject);
    });
    member.connect();
    expect((await welcome).user.id).toBe(user._id.toHexString());
  },
);
