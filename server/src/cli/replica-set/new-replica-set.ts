import { setTimeout as sleep } from 'node:timers/promises';
import { mongo } from 'mongoose';

interface UserOfSet {
  name: string;
  password: string;
}

export interface NewReplicaSet {
  /** Host and port of each member, as the members and the servers reach it. */
  members: readonly string[];
  setName: string;
  database: string;
  /** The user of the servers. */
  user: UserOfSet & { authSource: string };
  /** Host and port of the member that initiates the set: on this machine, so that it needs no password yet. */
  initiator: string;
  administrator: UserOfSet;
}

/** What was found and done. */
interface ReplicaSetOutcome {
  initiated: boolean;
  administrator: 'created' | 'exists';
  user: 'created' | 'updated';
}

const UNAUTHORIZED = 13;
const ALREADY_INITIALIZED = 23;
const USER_EXISTS = 51_003;

const CONNECT_MS = 10_000;
/** An election after the initiation takes up to half a minute with three members. */
const PRIMARY_MS = 60_000;
const POLL_MS = 100;
/** Both users are stored on a majority of the members, so that the next primary knows them. */
const MAJORITY = { writeConcern: { w: 'majority', wtimeout: 60_000 } };

/**
 * Initiates a replica set and creates its administrator and the user of the servers; what is done already stays, and the
 * user gets its password and roles anew. Throws the database's own error if it refuses.
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
  const created = await withMember(initiator, { auth, authSource: 'admin' }, (client) =>
    createUser(client.db(user.authSource), database, user),
  );
  return { initiated: before.initiated, administrator: before.administrator, user: created };
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
async function initiate(admin: mongo.Db, { setName, members }: NewReplicaSet): Promise<boolean> {
  const config = { _id: setName, members: members.map((host, _id) => ({ _id, host })) };
  try {
    await admin.command({ replSetInitiate: config });
    return true;
  } catch (error) {
    // Without the right to ask: the set has users, so it is initiated.
    if (codeOf(error) === ALREADY_INITIALIZED || codeOf(error) === UNAUTHORIZED) return false;
    throw error;
  }
}

/** The other members copy the data of the initiating member first, so it becomes primary. */
async function untilPrimary(admin: mongo.Db, address: string): Promise<void> {
  const deadline = Date.now() + PRIMARY_MS;
  while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) {
    if (Date.now() > deadline) throw new NotPrimary(address);
    await sleep(POLL_MS);
  }
}

/** The message is meant for the person at the terminal. */
export class NotPrimary extends Error {
  override name = 'NotPrimary';
  constructor(address: string) {
    super(`${address} is not the primary of its replica set after ${PRIMARY_MS / 1000} s. Run this on the primary.`);
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
