import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';

interface ReplicaSetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

const POLL_MS = 25;

/**
 * Sets the port of the only member in the replica set's stored configuration, if the mongod on this loopback port had
 * another port before. Resolves with true if it changed the configuration; then mongod must be restarted. Written
 * directly, because by itself mongod first asks the old port for half a minute whether it answers there.
 */
export async function moveReplicaSet(port: number): Promise<boolean> {
  return withAdmin(port, async (client) => {
    const stored = client.db('local').collection<ReplicaSetConfig>('system.replset');
    const config = await stored.findOne();
    if (config === null || config.members[0]?.host === hostAt(port)) return false;
    await stored.updateOne({ _id: config._id }, { $set: { 'members.0.host': hostAt(port) }, $inc: { version: 1 } });
    // Instead of `j: true`, which outside a working replica set returns before the journal is written (tried).
    await client.db('admin').command({ fsync: 1 });
    return true;
  });
}

/**
 * Makes the mongod on this loopback port the only member and primary of its replica set, and initiates a new set.
 * Resolves when mongod takes writes; throws after `timeoutMs`.
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
    // Before it is primary, a mongod serves only its local database, and no retryable writes.
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
    await sleep(POLL_MS);
  }
}
