import { randomUUID } from 'node:crypto';
import fastifyJwt from '@fastify/jwt';
import fastify from 'fastify';
import { Types } from 'mongoose';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens, jwtOptions } from '#server/accounts/tokens.ts';
import type { UserDoc } from '#server/models/accounts/account.ts';
import { prepareDatabase } from '#server/migrations/prepare-database.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';

/**
 * Writes an admin, buyers and a session for each straight into the database: to hash so many passwords would take
 * longer than the measurement. The connection is open until the caller closes it.
 */
export async function openSessions(uri: string, secret: string, buyers: number) {
  const connection = await connectMongo(uri);
  const models = createModels(connection);
  await prepareDatabase({ connection, models });
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
    // Not a hash, so no password opens the account.
    passwordHash: '-',
    verified: false,
    locale: 'en',
    role,
    createdAt,
  };
}
