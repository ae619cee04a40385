import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';

interface ReplicaSetConfig {
  _id: string;
  version: number;
  members: { _id: number; host: string }[];
}

const POLL_MS = 25;
/** The user of whom each owner of the key file is one, as other members of a replica set would be. */
const MEMBER = '__system';

/** A mongod on the loopback address. */
export interface LocalMongod {
  port: number;
  /** The content of its key file; null if it asks for no password. */
  key: string | null;
}

/** A user and its rights. */
interface DatabaseUser {
  name: string;
  password: string;
  roles: readonly { role: string; db: string }[];
}

/**
 * Sets the port of the only member in the replica set's stored configuration, if this mongod had another port before. Resolves with true if it changed the configuration; then mongod must be restarted. Written
 * directly, because by itself mongod first asks the old port for half a minute whether it answers there.
 */
export async function moveReplicaSet(mongod: LocalMongod): Promise<boolean> {
  const { port } = mongod;
  return withAdmin(mongod, async (client) => {
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
 * Makes this mongod the only member and primary of its replica set, and initiates a new set. Resolves when mongod takes
 * writes; throws after `timeoutMs`.
 */
export async function becomePrimary(mongod: LocalMongod, setName: string, timeoutMs: number): Promise<void> {
  await withAdmin(mongod, async (client) => {
    const admin = client.db('admin');
    await initiate(admin, setName, hostAt(mongod.port));
    await untilPrimary(admin, timeoutMs);
  });
}

/** Makes the user, or sets the password and rights of the existing one: those of an earlier version may be fewer. */
export async function ensureUser(mongod: LocalMongod, { name, password, roles }: DatabaseUser): Promise<void> {
  await withAdmin(mongod, async (client) => {
    const admin = client.db('admin');
    const { users } = (await admin.command({ usersInfo: name })) as { users: unknown[] };
    await admin.command({ [users.length > 0 ? 'updateUser' : 'createUser']: name, pwd: password, roles: [...roles] });
  });
}

async function withAdmin<T>({ port, key }: LocalMongod, use: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = new mongo.MongoClient(`mongodb://${hostAt(port)}`, {
    directConnection: true,
    ...(key === null ? {} : memberLogin(key)),
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

/**
 * By the key instead of a user's password: it manages a database that has no user yet, such as one that asked for no
 * password before, and one whose password was lost.
 */
function memberLogin(key: string): mongo.MongoClientOptions {
  return { auth: { username: MEMBER, password: key }, authSource: 'local', authMechanism: 'SCRAM-SHA-256' };
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
