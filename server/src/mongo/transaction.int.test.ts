import { expect, it, onTestFinished } from 'vitest';
import { databaseOf, testDatabaseUri } from '../../test/support/database/test-database.ts';
import { connectMongo } from './connect.ts';
import { isDuplicateKey } from './duplicate-key.ts';
import { allBesideEachOther } from './transaction.ts';

interface Numbered {
  _id: number;
}

/** A transaction that has begun on two collections, each with the document 1. */
async function begunTransaction() {
  const connection = await connectMongo(testDatabaseUri());
  onTestFinished(() => connection.close());
  const database = databaseOf(connection);
  const [one, other] = [database.collection<Numbered>('one'), database.collection<Numbered>('other')];
  for (const collection of [one, other]) await collection.insertOne({ _id: 1 });
  const session = connection.getClient().startSession();
  onTestFinished(() => session.endSession());
  session.startTransaction();
  await one.insertOne({ _id: 2 }, { session });
  return { one, other, session };
}

it('statements of a transaction that are sent beside each other are committed together', async () => {
  const { one, other, session } = await begunTransaction();
  await allBesideEachOther([one.insertOne({ _id: 3 }, { session }), other.insertOne({ _id: 3 }, { session })]);
  await session.commitTransaction();
  expect([await one.countDocuments(), await other.countDocuments()]).toEqual([3, 2]);
});

it.for(['first', 'second'])(
  'the %s of two statements that fails is the error, also if the other finds no transaction any more',
  async (which) => {
    for (let round = 0; round < 5; round += 1) {
      const { one, other, session } = await begunTransaction();
      const [first, second] = which === 'first' ? [1, 3] : [3, 1];
      const both = [one.insertOne({ _id: first }, { session }), other.insertOne({ _id: second }, { session })];
      const failed = await allBesideEachOther(both).catch((error: unknown) => error);
      expect(isDuplicateKey(failed), String(failed)).toBe(true);
      await session.abortTransaction();
      expect([await one.countDocuments(), await other.countDocuments()]).toEqual([1, 1]);
    }
  },
);
