import type { Db } from 'mongodb';
import { expect, it, onTestFinished } from 'vitest';
import { DEFAULT_RETENTION } from '#server/config.ts';
import { createModels } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { guardedMongod } from '../../test/support/database/guarded-mongod.ts';
import { databaseOf, testDatabaseUri } from '../../test/support/database/test-database.ts';
import { prepareDatabase } from './prepare-database.ts';

const DAY_SECONDS = 86_400;

async function prepared(uri = testDatabaseUri()) {
  const connection = await connectMongo(uri);
  onTestFinished(() => connection.close());
  const models = createModels(connection);
  const prepare = (retention = DEFAULT_RETENTION) => prepareDatabase({ connection, models, retention });
  await prepare();
  return { database: databaseOf(connection), prepare };
}

/** The indexes of a collection as they are stored, by name. */
async function indexesOf(database: Db, collection: string): Promise<Map<string, object>> {
  const indexes = await database.collection(collection).listIndexes().toArray();
  return new Map(indexes.map(({ v: _v, background: _background, ...index }) => [index['name'] as string, index]));
}

it('a start rebuilds indexes that are stored with other keys, another name or other options', async () => {
  const { database, prepare } = await prepared();
  const bookings = database.collection('bookings');
  const before = await indexesOf(database, 'bookings');
  for (const name of ['code_1', 'live_holds', 'userId_1__id_-1', 'next_expiry']) await bookings.dropIndex(name);
  await bookings.createIndex({ code: 1 });
  await bookings.createIndex({ eventId: 1 }, { name: 'live_holds' });
  await bookings.createIndex({ userId: 1, _id: -1 }, { name: 'own' });
  await bookings.createIndex({ holdExpiresAt: 1 }, { partialFilterExpression: { status: 'x' }, name: 'next_expiry' });
  await bookings.createIndex({ seats: 1 }, { name: 'of_an_operator' });
  await prepare();
  const after = await indexesOf(database, 'bookings');
  expect(after.delete('of_an_operator')).toBe(true);
  expect(after).toEqual(before);
});

it('a start creates validators and indexes that are missing, and changes nothing if all are there', async () => {
  const { database, prepare } = await prepared();
  await database.command({ collMod: 'events', validator: {}, validationLevel: 'off' });
  await database.collection('jobs').dropIndexes();
  await prepare();
  const [events] = await database.listCollections({ name: 'events' }).toArray();
  expect(JSON.stringify(events)).toContain('$jsonSchema');
  expect((await indexesOf(database, 'jobs')).size).toBeGreaterThan(3);
  const { lastCommitted } = await oplogOf(database);
  await prepare();
  expect((await oplogOf(database)).lastCommitted).toEqual(lastCommitted);
});

/** The newest write of this database. */
async function oplogOf(database: Db): Promise<{ lastCommitted: unknown }> {
  const own = { ns: { $regex: `^${database.databaseName}\\.` } };
  const oplog = database.client.db('local').collection('oplog.rs');
  return { lastCommitted: (await oplog.findOne(own, { sort: { $natural: -1 } }))?.['ts'] as unknown };
}

it('a changed retention changes when documents expire, in place', async () => {
  const { database, prepare } = await prepared();
  const expiryOf = async (collection: string, name: string) =>
    (await indexesOf(database, collection)).get(name) as { expireAfterSeconds: number };
  await prepare({ ...DEFAULT_RETENTION, sessionDays: 0, sentMailDays: 30, webhookDays: 10, demoPaymentDays: 5 });
  expect(await expiryOf('sessions', 'expiresAt_1')).toMatchObject({ expireAfterSeconds: 0 });
  expect(await expiryOf('sentMails', 'at_1')).toMatchObject({ expireAfterSeconds: 30 * DAY_SECONDS });
  expect(await expiryOf('webhooks', 'receivedAt_1')).toMatchObject({ expireAfterSeconds: 10 * DAY_SECONDS });
  expect(await expiryOf('demoCheckouts', 'expiry')).toMatchObject({ expireAfterSeconds: 5 * DAY_SECONDS });
  await prepare();
  expect(await expiryOf('sessions', 'expiresAt_1')).toMatchObject({ expireAfterSeconds: DAY_SECONDS });
});

it('a changed retention needs no more rights than readWrite', async () => {
  const mongod = await guardedMongod();
  onTestFinished(() => mongod.stop());
  const { database, prepare } = await prepared(await mongod.userWith({ roles: ['readWrite'] }));
  await prepare({ ...DEFAULT_RETENTION, webhookDays: 10 });
  const index = (await indexesOf(database, 'webhooks')).get('receivedAt_1');
  expect(index).toMatchObject({ expireAfterSeconds: 10 * DAY_SECONDS });
}, 60_000);
