import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { PasswordCost } from '#server/accounts/passwords.ts';
import { ensureConfiguredAdmin } from '#server/accounts/ensure-admin.ts';
import type { App } from '#server/app/app.ts';
import { createApp } from '#server/app/app.ts';
import { readBuild } from '#server/build.ts';
import { readConfig } from '#server/config.ts';
import type { PageHandler } from '#server/http/pages/page-handler.ts';
import type { User } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import type { CommandData, CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import type { Refusal, Result } from '#shared/protocol/errors.ts';
import type { Event } from '#shared/event.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import type { Push, PushName } from '#shared/protocol/pushes.ts';
import { expectAgreement } from './database/agreement.ts';
import type { Undoing } from './database/test-database.ts';
import { lentDatabaseUri, withDatabase } from './database/test-database.ts';
import type { HandClock } from './hand-clock.ts';
import { handClock } from './hand-clock.ts';

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

/** A signed-in person with a connected client. */
export interface Person {
  user: User;
  token: string;
  socket: Client;
  /** Sends a command and waits for its acknowledgement. */
  send<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<Result<CommandData<N>>>;
  /** Like `send`, for commands that must succeed. */
  must<N extends CommandName>(name: N, input: CommandRequest<N>): Promise<CommandData<N>>;
}

type AppTestOptions = NonNullable<Parameters<typeof createApp>[0]['test']>;

export interface TestAppOptions {
  /** A database that already exists, for a second server on it. */
  mongoUri?: string;
  env?: Record<string, string>;
  /** The server's clock. Default: one that runs. */
  clock?: HandClock;
  /** The web app. Default: none. */
  pages?: PageHandler | null;
  /** Receives the server's log lines of LOG_LEVEL and above. */
  log?: { write(line: string): void };
  /** Test hooks between the server and its payment providers. */
  paymentTest?: AppTestOptions['payments'];
  pushAgent?: AppTestOptions['pushAgent'];
  wallets?: AppTestOptions['wallets'];
  socketLimits?: AppTestOptions['socketLimits'];
  reviewMs?: AppTestOptions['reviewMs'];
  /** Whether passwords are hashed as in production, which takes a core for tens of milliseconds each. */
  hashesPasswordsSafely?: boolean;
  /** Composes the server without starting it: no port, change feed, jobs and sweeps. */
  isIdle?: boolean;
  /** Whether counters, bookings and ledger must agree at the end; false if the test itself makes them disagree. */
  expectsAgreement?: boolean;
}

/** The least that argon2id allows. */
const CHEAP_PASSWORDS: PasswordCost = { memoryCost: 8, timeCost: 1, parallelism: 1 };
const ADMIN = { adminEmail: 'admin@example.org', adminPassword: 'correct horse' };

/**
 * A server on a free port with its own database. At the end of the test it is closed, and counters, bookings and ledger
 * must agree.
 */
export async function testApp(t: Undoing, options: TestAppOptions = {}) {
  const { clock = handClock(), isIdle = false, expectsAgreement = true } = options;
  const mongoUri = options.mongoUri ?? (await lentDatabaseUri(t));
  const app = await compose(mongoUri, clock, options);
  const { close } = app;
  const sockets: Client[] = [];
  t.onTestFinished(async () => {
    for (const socket of sockets) socket.disconnect();
    await close();
    if (expectsAgreement) await withDatabase(mongoUri, expectAgreement);
  });
  const url = isIdle ? '' : await startListening(app);
  let admin: Promise<void> | undefined;

  /** A socket that is not connected yet, so that a test can listen first. */
  function open(namespace: `/${string}`, token?: string, more: Parameters<typeof io>[1] = {}): Client {
    const socket: Client = io(url + namespace, {
      ...SOCKET_OPTIONS,
      auth: token === undefined ? {} : { token },
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
    /** Closes the server before the test's end. */
    close,
    url,
    mongoUri,
    clock,
    open,
    post,
    register: (name: string) =>
      person('/api/auth/register', { name, email: `${name}-${randomUUID()}@example.org`, password: 'correct horse' }),
    /** The admin; the first call creates the account. */
    async admin(): Promise<Person> {
      await (admin ??= ensureConfiguredAdmin({ ...app, config: ADMIN, now: clock.now }));
      return person('/api/auth/login', { email: ADMIN.adminEmail, password: ADMIN.adminPassword });
    },
    get: async (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
  };
}

export type TestApp = Awaited<ReturnType<typeof testApp>>;

function compose(mongoUri: string, { now, sleepOrAbort }: HandClock, options: TestAppOptions): Promise<App> {
  const { env = {}, pages = null, paymentTest: payments, pushAgent, wallets, socketLimits, reviewMs } = options;
  const passwordCost = options.hashesPasswordsSafely === true ? undefined : CHEAP_PASSWORDS;
  const config = readConfig(env);
  const log = options.log ? pino({ level: config.logLevel }, options.log) : pino({ level: 'fatal' });
  // No server of an earlier version runs beside that of a test.
  const test = {
    sleepOrAbort,
    payments,
    pushAgent,
    wallets,
    socketLimits,
    reviewMs,
    passwordCost,
    serversEndWithinMs: 0,
  };
  return createApp({ config, build: readBuild(), mongoUri, pages, log, now, test });
}

/** Starts the server on a free port; resolves with its address. */
async function startListening(app: App): Promise<string> {
  await app.start();
  await app.http.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${(app.http.server.address() as AddressInfo).port}`;
}

/** Clients reconnect quickly, so that no test waits for them. */
const SOCKET_OPTIONS = {
  transports: ['websocket'],
  forceNew: true,
  autoConnect: false,
  reconnectionDelay: 20,
  reconnectionDelayMax: 50,
};

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

/** Every push of this name from now on, in the order of its arrival. */
export function pushesOf<N extends PushName>(socket: Client, name: N): Push<N>[] {
  const pushes: Push<N>[] = [];
  const on = socket.on.bind(socket) as (name: string, listener: (payload: Push<N>) => void) => void;
  on(name, (payload) => pushes.push(payload));
  return pushes;
}

/** The status and the refusal of an answer over HTTP. */
export async function refusalOf(response: Response): Promise<Refusal & { status: number }> {
  const { error } = (await response.json()) as { error: Refusal };
  return { status: response.status, ...error };
}

export function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

/** A valid input for a published event that is on sale now. */
export function eventInput(more: Partial<CommandRequest<'createEvent'>> = {}): CommandRequest<'createEvent'> {
  return {
    requestId: randomUUID(),
    title: 'Jazz im Hinterhof',
    description: 'Mit Getränken.',
    venue: 'Alte Schlosserei',
    startsAt: inMinutes(14 * 24 * 60),
    totalSeats: 10,
    ...more,
  };
}

/** An event as everybody receives it, from what an organiser receives. */
export function publicEvent(event: Event): Event {
  const shown = event.ticketTypes.filter(({ access }) => access === 'public');
  return { ...event, ticketTypes: shown.map(({ held: _held, sold: _sold, ...type }) => type) };
}

/** Verifies the address of an account, as its owner does by the mailed link. */
export async function verifyAddress({ app }: Pick<TestApp, 'app'>, { user }: Pick<Person, 'user'>): Promise<void> {
  await app.models.users.updateOne({ _id: user.id }, { $set: { verified: true } });
}

/** Books seats for an account: a hold if the event has a price, otherwise a confirmed booking. */
export function book({ must }: Pick<Person, 'must'>, eventId: string, seats = 2): Promise<Booking> {
  return must('book', { requestId: randomUUID(), eventId, seats });
}

/** The event as a fresh read over HTTP returns it. */
export async function storedEvent({ url }: Pick<TestApp, 'url'>, eventId: string): Promise<Event> {
  const response = await fetch(`${url}/api/events/${eventId}`);
  return (await response.json()) as Event;
}
