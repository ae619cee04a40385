import type { Agent } from 'node:https';
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { createApp } from '#server/app/app.ts';
import { readConfig } from '#server/config.ts';
import type { PaymentTestOptions } from '#server/app/payments.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { User } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { Event } from '#shared/event.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import { expectAgreement } from './database/agreement.ts';
import { databaseOf } from './engine-world.ts';
import { handClock } from './hand-clock.ts';
import { lentDatabaseUri } from './database/test-database.ts';

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

/** A person at a client of ours: signed in, connected, with everything that was pushed to them. */
export interface Person {
  user: User;
  token: string;
  socket: Client;
  /** Sends a command and waits for its acknowledgement. */
  send<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<Result<CommandData<N>>>;
  /** Like `send`, for commands that must succeed. */
  must<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<CommandData<N>>;
}

export interface TestAppOptions {
  /** A database that already exists, for a second server on it. */
  mongoUri?: string;
  env?: Record<string, string>;
  /** Gets what the server logs. */
  log?: { write(line: string): void };
  paymentTest?: PaymentTestOptions;
  pushAgent?: Agent;
}

/** A server on a free port with its own database; at the end it is closed and counters, bookings and ledger agree. */
export async function testApp(t: Pick<TestContext, 'onTestFinished'>, options: TestAppOptions = {}) {
  const { env = {}, paymentTest, pushAgent } = options;
  const mongoUri = options.mongoUri ?? (await lentDatabaseUri(t));
  const clock = handClock();
  const { now, sleepOrAbort } = clock;
  const log = options.log ? pino({ level: 'info' }, options.log) : pino({ level: 'fatal' });
  const config = readConfig({ ADMIN_EMAIL: 'admin@example.org', ADMIN_PASSWORD: 'correct horse', ...env });
  const app = await createApp({ config, mongoUri, pages: null, log, now, sleepOrAbort, paymentTest, pushAgent });
  await app.http.listen({ port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;
  const sockets: Client[] = [];
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= app.close());
  t.onTestFinished(async () => {
    for (const socket of sockets) socket.disconnect();
    await close();
    const connection = await connectMongo(mongoUri);
    await expectAgreement(databaseOf(connection));
    await connection.close();
  });

  /** A socket that is not connected yet, so that a test can listen first. */
  function open(namespace: '/booking' | '/public', token?: string, more: Parameters<typeof io>[1] = {}): Client {
    const auth = token === undefined ? {} : { token };
    const socket: Client = io(url + namespace, {
      transports: ['websocket'],
      forceNew: true,
      auth,
      autoConnect: false,
      ...more,
    });
    sockets.push(socket);
    return socket;
  }

  async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  async function person(path: string, body: unknown): Promise<Person> {
    const response = await post(path, body);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    const { user, token } = (await response.json()) as { user: User; token: string };
    const socket = await connected(open('/booking', token));
    return { user, token, socket, ...commandsOf(socket) };
  }

  return {
    app,
    /** Before the test's end; then it is not closed again. */
    close,
    url,
    mongoUri,
    clock,
    open,
    post,
    register: (name: string) =>
      person('/api/auth/register', { name, email: `${name}-${randomUUID()}@example.org`, password: 'correct horse' }),
    admin: () => person('/api/auth/login', { email: 'admin@example.org', password: 'correct horse' }),
    get: async (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
  };
}

export type TestApp = Awaited<ReturnType<typeof testApp>>;

/** Connects and waits for the greeting. */
export async function connected(socket: Client): Promise<Client> {
  const greeted = pushed(socket, 'welcome');
  const refused = new Promise<never>((_, reject) => socket.once('connect_error', reject));
  socket.connect();
  await Promise.race([greeted, refused]);
  return socket;
}

export function commandsOf(socket: Client): Pick<Person, 'send' | 'must'> {
  const send: Person['send'] = (name, input) =>
    new Promise((resolve) => {
      const emit = socket.emit.bind(socket) as (...args: unknown[]) => void;
      emit(name, input, resolve);
    });
  const must: Person['must'] = async (name, input) => {
    const reply = await send(name, input);
    if (!reply.ok) throw new Error(`${name} was refused: ${JSON.stringify(reply.error)}`);
    return reply.data;
  };
  return { send, must };
}

/** The next push of this name that fits; arm it before the act. */
export function pushed<N extends PushName>(
  socket: Client,
  name: N,
  fits: (payload: Push<N>) => boolean = () => true,
): Promise<Push<N>> {
  return new Promise((resolve) => {
    const on = socket.on.bind(socket) as (name: string, listener: (payload: Push<N>) => void) => void;
    const off = socket.off.bind(socket) as (name: string, listener: (payload: Push<N>) => void) => void;
    const listener = (payload: Push<N>) => {
      if (!fits(payload)) return;
      off(name, listener);
      resolve(payload);
    };
    on(name, listener);
  });
}

/** An event as an organiser would write it, on sale now. */
export function eventInput(more: Partial<CommandRequest<'createEvent'>> = {}): CommandRequest<'createEvent'> {
  return {
    requestId: randomUUID(),
    title: 'Jazz im Hinterhof',
    description: 'Mit Getränken.',
    venue: 'Alte Schlosserei',
    startsAt: new Date(Date.now() + 14 * 86_400_000).toISOString(),
    totalSeats: 10,
    ...more,
  };
}

/** Books seats for an account: a hold if the event has a price, otherwise a confirmed booking. */
export function book({ must }: Pick<Person, 'must'>, eventId: string, seats = 2): Promise<Booking> {
  return must('book', { requestId: randomUUID(), eventId, seats });
}

/** The event as a fresh read over HTTP returns it. */
export async function storedEvent({ url }: TestApp, eventId: string): Promise<Event> {
  const response = await fetch(`${url}/api/events/${eventId}`);
  return (await response.json()) as Event;
}
