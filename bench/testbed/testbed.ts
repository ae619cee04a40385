import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastifyJwt from '@fastify/jwt';
import fastify from 'fastify';
import { Types } from 'mongoose';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens, jwtOptions } from '#server/accounts/tokens.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { startEmbedded } from '#server/mongo/embedded/embedded.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { findMongod } from '../../scripts/setup/mongod.js';
import { startServer } from './measured-server.ts';
import { createHotEvent } from './hot-event.ts';

export interface StageOptions {
  buyers: number;
  /** A seat's price; nothing is owed where it is 0. */
  price: Money;
  /** How many servers; one unless said. */
  servers?: number;
  /** Whether each server has a hot event of its own. */
  apart?: boolean;
  /** Folder for the server's processor profile, or null for none. */
  profile: string | null;
  say: (line: string) => void;
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

/**
 * A real mongod on data that is thrown away, the real servers as processes of their own, buyers with sessions, and one
 * event with a million seats. `close` undoes all of it, also where only a part had been opened.
 */
export async function openStage(options: StageOptions) {
  await using undo = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), 'frontrow-bench-'));
  undo.defer(() => rm(dataDir, { recursive: true, force: true }));
  const log = { info: options.say, error: options.say };
  const mongod = await startEmbedded({ dataDir, binary: await findMongod(), log });
  undo.defer(() => mongod.stop());
  const secret = randomBytes(32).toString('hex');
  const people = await openSessions(mongod.uri, secret, options.buyers);
  undo.defer(() => people.connection.close());
  const ports: number[] = [];
  const pids: Record<string, number> = {};
  const { servers = 1 } = options;
  for (let n = 1; n <= servers; n += 1) {
    const server = await startServer({ mongoUri: mongod.uri, secret, profile: options.profile });
    undo.defer(() => server.stop());
    ports.push(server.port);
    pids[servers === 1 ? 'server' : `server ${n}`] = server.pid;
  }
  const create = () => createHotEvent(ports[0] ?? 0, people.adminToken, options.price);
  const eventIds = [await create()];
  while (eventIds.length < ports.length) eventIds.push(options.apart ? await create() : (eventIds[0] ?? ''));
  const all = undo.move();
  return {
    mongoUri: mongod.uri,
    database: people.database,
    /** The first server's. */
    port: ports[0] ?? 0,
    ports,
    tokens: people.tokens,
    adminToken: people.adminToken,
    /** The first server's. */
    eventId: eventIds[0] ?? '',
    /** What each server's buyers want. */
    eventIds,
    pids: { ...pids, mongod: mongod.pid() ?? 0 },
    close: () => all.disposeAsync(),
  };
}

/** Accounts and sessions straight into the database: hashing that many passwords would take longer than measuring. */
async function openSessions(uri: string, secret: string, buyers: number) {
  const connection = await connectMongo(uri);
  const models = createModels(connection);
  await prepareDatabase(connection, models);
  const app = fastify();
  await app.register(fastifyJwt, jwtOptions(secret));
  await app.ready();
  const now = () => new Date();
  const sessions = createSessions({ models, tokens: createTokens(app.jwt, now), now });
  const admin = newUser('admin', now());
  const users = Array.from({ length: buyers }, () => newUser('user', now()));
  await models.users.collection.insertMany([admin, ...users]);
  const [adminToken = '', ...tokens] = await Promise.all(
    [admin, ...users].map(async (user) => (await sessions.open(user)).token),
  );
  await app.close();
  return { connection, database: connection.getClient().db(connection.name), adminToken, tokens };
}

function newUser(role: UserDoc['role'], createdAt: Date): UserDoc {
  return {
    _id: new Types.ObjectId(),
    name: 'Bench',
    email: `${randomUUID()}@bench.example`,
    // No hash at all: nobody can log in with it.
    passwordHash: '-',
    verified: false,
    locale: 'en',
    role,
    createdAt,
  };
}
