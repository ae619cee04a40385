import { setTimeout as delay } from 'node:timers/promises';
import { mongo } from 'mongoose';

interface SetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

const POLL_MS = 25;

/**
 * Tells the mongod on this loopback port, should its replica set know it by another one, of the new port. Returns
 * whether it did: the mongod then has to be started again. Written straight into the stored configuration, since
 * mongod first spends half a minute asking whoever has the old port now whether that is itself.
 */
export async function moveReplicaSet(port: number): Promise<boolean> {
  return withAdmin(port, async (client) => {
    const stored = client.db('local').collection<SetConfig>('system.replset');
    const config = await stored.findOne();
    if (config === null || config.members[0]?.host === hostAt(port)) return false;
    await stored.updateOne({ _id: config._id }, { $set: { 'members.0.host': hostAt(port) }, $inc: { version: 1 } });
    // Tried: outside a working set `j: true` returns before the journal is written.
    await client.db('admin').command({ fsync: 1 });
    return true;
  });
}

/**
 * Makes the mongod on this loopback port the only member and primary of its replica set, which is initiated if it is
 * new. Returns when it takes writes.
 */
export async function becomePrimary(setName: string, port: number, timeoutMs: number): Promise<void> {
  await withAdmin(port, async (client) => {
    const admin = client.db('admin');
    await initiate(admin, setName, hostAt(port));
    await untilPrimary(admin, timeoutMs);
  });
}

async function withAdmin<T>(port: number, use: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = new mongo.MongoClient(`mongodb://${hostAt(port)}`, {
    directConnection: true,
    // While it is nobody's primary yet, a mongod serves its local database only, and no retryable writes.
    readPreference: 'primaryPreferred',
    retryWrites: false,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

function hostAt(port: number): string {
  return `127.0.0.1:${port}`;
}

async function initiate(admin: mongo.Db, setName: string, host: string): Promise<void> {
  try {
    await admin.command({ replSetInitiate: { _id: setName, members: [{ _id: 0, host }] } });
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.codeName === 'AlreadyInitialized') return;
    throw error;
  }
}

async function untilPrimary(admin: mongo.Db, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
    if (Date.now() > deadline) throw new Error(`The embedded MongoDB takes no writes after ${timeoutMs / 1000} s.`);
    await delay(POLL_MS);
  }
}
