import { randomUUID } from 'node:crypto';
import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import type { Connection } from 'mongoose';
import { inject } from 'vitest';
import { connectMongo } from '#server/mongo/connect.ts';

/** Longer than it takes to empty what a test leaves; what somebody still holds on to is left alone. */
const EMPTIED_WITHIN_MS = 5_000;

export interface Undoing {
  onTestFinished(undo: () => Promise<void>): void;
}

/** The connection string of a new, empty database on the run's one mongod; nobody else ever uses it. */
export function testDatabaseUri(): string {
  return uriOf(`test-${randomUUID()}`);
}

/**
 * The connection string of an empty database that nobody else uses until this test has ended. Where one is free that
 * another test has emptied, its collections and indexes are there already: making them is most of a small test's time.
 */
export async function lentDatabaseUri(t: Undoing): Promise<string> {
  const name = (await free().findOneAndDelete({}))?._id ?? `test-${randomUUID()}`;
  t.onTestFinished(async () => {
    if (await emptied(name)) await free().insertOne({ _id: name });
  });
  return uriOf(name);
}

/** Uses a database on a connection of its own, apart from those of any server. */
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

/** The names of databases to be lent, for all of the run's workers. */
function free() {
  return mongod().db('test-databases').collection<{ _id: string }>('free');
}

async function emptied(name: string): Promise<boolean> {
  const database = mongod().db(name);
  try {
    const collections = await database.listCollections({}, { nameOnly: true }).toArray();
    const limit = { maxTimeMS: EMPTIED_WITHIN_MS };
    await Promise.all(collections.map((one) => database.collection(one.name).deleteMany({}, limit)));
    return true;
  } catch {
    // Something that the test has killed still has a transaction open there, or the database server is going.
    return false;
  }
}

function uriOf(name: string): string {
  const uri = new URL(inject('mongoUri'));
  uri.pathname = `/${name}`;
  return uri.href;
}
