import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Types } from 'mongoose';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens, jwtOptions } from '#server/accounts/tokens.ts';
import type { Config } from '#server/config.ts';
import { readConfig } from '#server/config.ts';
import { createSales } from '#server/events/sales.ts';
import { createOriginCheck } from '#server/http/origin.ts';
import { createLive } from '#server/live/live.ts';
import type { Log } from '#server/log.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import type { CommandTable } from '#server/socket/command-definition.ts';
import { createAccountReads } from '#server/socket/account-reads.ts';
import { createSocketServer } from '#server/socket/server.ts';
import type { Role } from '#shared/account.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { Result } from '#shared/protocol/errors.ts';
import type { ClientToServerEvents, ServerToClientEvents } from '#shared/protocol/socket-events.ts';
import Fastify from 'fastify';
import fastifyJwt from '@fastify/jwt';
import { databaseOf, engineWorld } from './engine-world.ts';
import { quiet } from './quiet.ts';
import { createBookingViews } from '#server/booking/booking-views.ts';
import type { Undoing } from './database/test-database.ts';
import { lentDatabaseUri } from './database/test-database.ts';

export type Client = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface LiveWorldOptions {
  uri?: string;
  config?: Partial<Config>;
  socketLimits?: Parameters<typeof createSocketServer>[1]['socketLimits'];
  commands?: Partial<CommandTable>;
  log?: Partial<Log>;
  reviewMs?: number;
}

/** Sockets, feed and booking engine on a database of its own, with commands that answer what they were asked. */
export async function liveWorld(t: Undoing, options: LiveWorldOptions = {}) {
  const uri = options.uri ?? (await lentDatabaseUri(t));
  const engine = await engineWorld(uri);
  const { models } = engine;
  const config = { ...readConfig({}), ...options.config };
  const now = () => new Date();
  const monotonic = () => performance.now();
  const log = { ...quiet, ...options.log };
  const sessions = createSessions({ models, tokens: createTokens(await testJwt(), now), now });
  const accountReads = createAccountReads(models);
  const answers: { command: string; outcome: string }[] = [];
  const httpServer = createServer((_request, response) => response.writeHead(404).end());
  const sockets = createSocketServer(httpServer, {
    config,
    commands: { ...echoes(), ...options.commands },
    sessions,
    originAllowed: createOriginCheck(config),
    readRole: accountReads.readRole,
    readSessions: accountReads.readSessions,
    observeCommand: (command, outcome) => answers.push({ command, outcome }),
    incidentId: () => 'incident-1',
    now,
    monotonic,
    log,
    ...(options.socketLimits && { socketLimits: options.socketLimits }),
  });
  const feedConnection = await connectMongo(uri);
  const { audience, sessionConnections } = sockets;
  const random = Math.random;
  const feedDatabase = databaseOf(feedConnection);
  const views = createBookingViews(() => null);
  const sales = createSales({
    client: feedConnection.getClient(),
    database: feedDatabase,
  });
  const watching = { feedDatabase, models, audience, sessionConnections, sales, views, now, monotonic, random, log };
  const live = createLive({ ...watching, ...(options.reviewMs && { reviewMs: options.reviewMs }) });
  await live.start();
  httpServer.listen(0, '127.0.0.1');
  await once(httpServer, 'listening');
  const url = `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`;
  const clients: Client[] = [];

  async function close(): Promise<void> {
    for (const client of clients) client.disconnect();
    await sockets.close();
    await live.stop();
    httpServer.closeAllConnections();
    await new Promise((resolve) => httpServer.close(resolve));
    await Promise.all([feedConnection.close(), engine.connection.close()]);
  }
  t.onTestFinished(close);

  /** An account with an open session. */
  async function person(role: Role = 'user') {
    const user = newUser(role);
    await models.users.collection.insertOne(user);
    const { session, token } = await sessions.open(user);
    return { user, userId: user._id.toHexString(), session, token, again: () => sessions.open(user) };
  }

  /** A client that is about to connect; its waits are armed before. */
  function client(namespace: '/booking' | '/public' | '/' | '/other', more: Parameters<typeof io>[1] = {}): Client {
    const quick = { transports: ['websocket'], reconnectionDelay: 20, reconnectionDelayMax: 50 };
    const made: Client = io(url + namespace, { ...quick, forceNew: true, ...more });
    clients.push(made);
    return made;
  }

  /** A client that has been greeted. */
  async function greeted(namespace: '/booking' | '/public', more: Parameters<typeof io>[1] = {}): Promise<Client> {
    const made = client(namespace, more);
    await push(made, 'welcome');
    return made;
  }

  const signedIn = (token: string, more: Parameters<typeof io>[1] = {}) =>
    greeted('/booking', { auth: { token }, ...more });

  return {
    uri,
    url,
    engine,
    models,
    sessions,
    sockets,
    live,
    feedConnection,
    answers,
    person,
    client,
    greeted,
    signedIn,
  };
}

export type LiveWorld = Awaited<ReturnType<typeof liveWorld>>;

/** The next push of that name that passes the test. Armed at once: call it before the act, await it after. */
export function push<N extends keyof ServerToClientEvents>(
  client: Client,
  name: N,
  wanted: (payload: Parameters<ServerToClientEvents[N]>[0]) => boolean = () => true,
): Promise<Parameters<ServerToClientEvents[N]>[0]> {
  return new Promise((resolve) => {
    const listen = (payload: Parameters<ServerToClientEvents[N]>[0]) => {
      if (!wanted(payload)) return;
      client.off(name, listen as never);
      resolve(payload);
    };
    client.on(name, listen as never);
  });
}

/** The next event of the client itself: connect, disconnect, connect_error. */
export function happens(client: Client, name: 'connect' | 'disconnect' | 'connect_error'): Promise<unknown> {
  return new Promise((resolve) => client.once(name, resolve as () => void));
}

/** Sends a command, right or wrong, and gives its reply. */
export function ask(client: Client, command: string, ...args: unknown[]): Promise<Result<unknown>> {
  return (client as unknown as Socket).emitWithAck(command, ...args) as Promise<Result<unknown>>;
}

/** A row per command that tells what it was given. */
function echoes(): CommandTable {
  const rows = Object.entries(commands).map(([name, row]) => {
    const rate = row.access === 'all' ? 'read' : 'write';
    const run = async (input: unknown, caller: unknown) => ok({ input, caller });
    return [name, { ...row, rate, run }];
  });
  return Object.fromEntries(rows) as CommandTable;
}

async function testJwt() {
  const app = Fastify();
  await app.register(fastifyJwt, jwtOptions('a secret of the tests, 32 characters or more'));
  await app.ready();
  return app.jwt;
}

function newUser(role: Role): UserDoc {
  const _id = new Types.ObjectId();
  const email = `${_id.toHexString()}@example.org`;
  const createdAt = new Date('2026-11-01T12:00:00.000Z');
  return { _id, name: 'Somebody', email, passwordHash: '', verified: false, locale: 'en', role, createdAt };
}
