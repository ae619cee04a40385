import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';

interface UserOfSet {
  name: string;
  password: string;
}

export interface NewReplicaSet {
  /** Host and port of each member, as the members and the servers reach it. The first is the initiator. */
  members: readonly string[];
  setName: string;
  database: string;
  /** The user of the servers. */
  user: UserOfSet & { authSource: string };
  /** The first member's address on its own machine, from which it asks for no password yet. */
  initiator: string;
  administrator: UserOfSet;
}

/** What was found and done. */
interface ReplicaSetOutcome {
  initiated: boolean;
  /** Members that were added to the set. */
  added: string[];
  administrator: 'created' | 'exists';
  user: 'created' | 'updated';
}

const UNAUTHORIZED = 13;
const ALREADY_INITIALIZED = 23;
const USER_EXISTS = 51_003;

/** Error codes: the set's last change of configuration is not finished, or not stored by its members. To be tried again. */
const CONFIG_IN_PROGRESS = new Set<unknown>([103, 109, 308]);
/** The member of the configuration is not this mongod: not there, or another. */
const OTHER_MEMBER = new Set<unknown>([74, 93]);

const CONNECT_MS = 10_000;
const PRIMARY_MS = 30_000;
/** A member that is added copies the data before it counts. */
const ADDED_MS = 60_000;
const POLL_MS = 100;
const MAJORITY = { writeConcern: { w: 'majority', wtimeout: 60_000 } };

/**
 * Initiates a replica set with its first member, creates its administrator and the user of the servers, and adds the other
 * members: in this order, because of several members that begin together any may become primary. Steps that an earlier
 * run has done are skipped, except that the password and roles of the servers' user are set again. Throws the error of a
 * command that the database refuses.
 */
export async function setUpReplicaSet(wanted: NewReplicaSet): Promise<ReplicaSetOutcome> {
  const { initiator, administrator, user, database } = wanted;
  // MongoDB trusts connections of its own machine until it has a user.
  const before = await withMember(initiator, {}, async (client) => {
    const admin = client.db('admin');
    const initiated = await initiate(admin, wanted);
    await untilPrimary(admin, initiator);
    return { initiated, administrator: await createAdministrator(admin, administrator) };
  });
  const auth = { username: administrator.name, password: administrator.password };
  return withMember(initiator, { auth, authSource: 'admin' }, async (client) => ({
    initiated: before.initiated,
    administrator: before.administrator,
    user: await createUser(client.db(user.authSource), database, user),
    added: await addMembers(client.db('admin'), wanted.members),
  }));
}

async function withMember<T>(
  address: string,
  credentials: mongo.MongoClientOptions,
  use: (client: mongo.MongoClient) => Promise<T>,
): Promise<T> {
  const client = new mongo.MongoClient(`mongodb://${address}`, {
    directConnection: true,
    // Before the set is initiated its members serve no reads for a primary.
    readPreference: 'primaryPreferred',
    serverSelectionTimeoutMS: CONNECT_MS,
    ...credentials,
  });
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** Whether this call initiated the set; false if it was initiated before. */
async function initiate(admin: mongo.Db, { setName, members: [first = ''] }: NewReplicaSet): Promise<boolean> {
  try {
    await admin.command({ replSetInitiate: { _id: setName, members: [{ _id: 0, host: first }] } });
    return true;
  } catch (error) {
    // Without the right to ask: the set has users, so it is initiated.
    if (codeOf(error) === ALREADY_INITIALIZED || codeOf(error) === UNAUTHORIZED) return false;
    if (OTHER_MEMBER.has(codeOf(error)))
      throw new UnsuitableMember(`${first}, the first member in MONGO_URI, is not the mongod of MONGO_ADMIN_URI.`);
    throw error;
  }
}

async function untilPrimary(admin: mongo.Db, address: string): Promise<void> {
  const deadline = Date.now() + PRIMARY_MS;
  while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
    if (Date.now() > deadline)
      throw new UnsuitableMember(`${address} is not the primary of its replica set. Run this on the primary.`);
    await sleep(POLL_MS);
  }
}

/** The mongod of MONGO_ADMIN_URI cannot do this. The message is meant for the person at the terminal. */
export class UnsuitableMember extends Error {
  override name = 'UnsuitableMember';
}

interface SetConfig {
  version: number;
  members: { _id: number; host: string }[];
}

/** Adds each member that the set lacks, one after another; resolves with those. */
async function addMembers(admin: mongo.Db, members: readonly string[]): Promise<string[]> {
  const added: string[] = [];
  for (const host of members) if (await addMember(admin, host)) added.push(host);
  return added;
}

async function addMember(admin: mongo.Db, host: string): Promise<boolean> {
  const deadline = Date.now() + ADDED_MS;
  for (;;) {
    const { config } = (await admin.command({ replSetGetConfig: 1 })) as unknown as { config: SetConfig };
    if (config.members.some((member) => member.host === host)) return false;
    const _id = Math.max(...config.members.map((member) => member._id)) + 1;
    const changed = { ...config, version: config.version + 1, members: [...config.members, { _id, host }] };
    try {
      await admin.command({ replSetReconfig: changed });
      return true;
    } catch (error) {
      if (!CONFIG_IN_PROGRESS.has(codeOf(error)) || Date.now() > deadline) throw error;
    }
    await sleep(POLL_MS);
  }
}

async function createAdministrator(admin: mongo.Db, { name, password }: UserOfSet): Promise<'created' | 'exists'> {
  try {
    await admin.command({ createUser: name, pwd: password, roles: ['root'], ...MAJORITY });
    return 'created';
  } catch (error) {
    // Without the right to create one: there is a user already.
    if (codeOf(error) === UNAUTHORIZED || codeOf(error) === USER_EXISTS) return 'exists';
    throw error;
  }
}

async function createUser(
  source: mongo.Db,
  database: string,
  { name, password }: UserOfSet,
): Promise<'created' | 'updated'> {
  const roles = [
    { role: 'readWrite', db: database },
    { role: 'dbAdmin', db: database },
    { role: 'clusterMonitor', db: 'admin' },
  ];
  try {
    await source.command({ createUser: name, pwd: password, roles, ...MAJORITY });
    return 'created';
  } catch (error) {
    if (codeOf(error) !== USER_EXISTS) throw error;
    await source.command({ updateUser: name, pwd: password, roles, ...MAJORITY });
    return 'updated';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof mongo.MongoServerError ? error.code : undefined;
}
