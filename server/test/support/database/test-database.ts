import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { Connection } from 'mongoose';
import { inject } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';

/** Time limit for emptying a test's database; a database that a transaction still locks is not lent again. */
const EMPTIED_WITHIN_MS = 5_000;

export interface Undoing {
  onTestFinished(undo: () => Promise<void>): void;
}

/** The connection string of a new, empty database on the run's one mongod, for this caller alone. */
export function testDatabaseUri(): string {
  return uriOf(`test-${randomUUID()}`);
}

/**
 * The connection string of an empty database for this test alone. A database of an earlier test is emptied and reused
 * with its collections and indexes, because creating them takes most of a small test's time.
 */
export async function lentDatabaseUri(t: Undoing): Promise<string> {
  const name = (await free().findOneAndDelete({}))?._id ?? `test-${randomUUID()}`;
  t.onTestFinished(async () => {
    if (await emptied(name)) await free().insertOne({ _id: name });
  });
  return uriOf(name);
}

/** Calls `use` with the database, on a connection that no server under test uses. */
export async function withDatabase<T>(uri: string, use: (database: Db) => Promise<T>): Promise<T> {
  const run = uriOf('');
  if (uri.startsWith(run)) return use(mongod().db(uri.slice(run.length)));
  const connection = await connectMongo(uri);
  try {
    return await use(databaseOf(connection));
  } finally {
    await connection.close();
  }
}

export function databaseOf({ db }: Connection): Db {
  if (!db) throw new Error('The connection is not open');
  return db;
}

let client: MongoClient | undefined;

function mongod(): MongoClient {
  client ??= new MongoClient(inject('mongoUri'));
  return client;
}

/** The names of the databases that are free to be lent, shared by all workers of the run. */
function free() {
  return mongod().db('test-databases').collection<{ _id: string }>('free');
}

async function emptied(name: string): Promise<boolean> {
  const database = mongod().db(name);
  try {
    const collections = await database.listCollections({}, { nameOnly: true }).toArray();
    const limit = { maxTimeMS: EMPTIED_WITHIN_MS };
    // The version of its collections and indexes stays with them.
    const data = collections.filter((one) => one.name !== 'meta');
    await Promise.all(data.map((one) => database.collection(one.name).deleteMany({}, limit)));
    return true;
  } catch {
    // A process that the test killed still has a transaction open, or the database server is shutting down.
    return false;
  }
}

function uriOf(name: string): string {
  const uri = new URL(inject('mongoUri'));
  uri.pathname = `/${name}`;
  return uri.href;
}
