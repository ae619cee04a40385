import type { Connection } from 'mongoose';
import mongoose from 'mongoose';

/** Both bound every wait on the database, so that a command is answered within ten seconds. */
const SERVER_SELECTION_TIMEOUT_MS = 5_000;
const SOCKET_TIMEOUT_MS = 20_000;
const OLDEST_VERSION = 6;
const POOL_SIZE = 50;
const DEFAULT_DATABASE = 'frontrow';

/**
 * Opens a connection, with a pool of its own, to a replica set or mongos of MongoDB 6.0 or later; throws
 * UnsuitableDatabase for others.
 */
export async function connectMongo(uri: string, { poolSize = POOL_SIZE } = {}): Promise<Connection> {
  const dbName = databaseNameOf(uri);
  const connection = mongoose.createConnection(uri, {
    dbName,
    // Marks the transactions of all servers on this database, so that abandoned ones are found.
    appName: `frontrow ${dbName}`,
    serverSelectionTimeoutMS: SERVER_SELECTION_TIMEOUT_MS,
    socketTimeoutMS: SOCKET_TIMEOUT_MS,
    maxPoolSize: poolSize,
    retryWrites: true,
    ignoreUndefined: false,
    autoIndex: false,
    bufferCommands: false,
  });
  try {
    await connection.asPromise().catch((error: unknown) => Promise.reject(asUnsuitable(error)));
    await assertSuitable(connection);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The database lacks what Frontrow needs. The message is meant for the person who starts the server. */
export class UnsuitableDatabase extends Error {
  override name = 'UnsuitableDatabase';
}

/** A connection string that the driver cannot use is no defect. Other errors are those of a database that it has found. */
function asUnsuitable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof mongoose.mongo.MongoServerError) return error;
  if (error instanceof mongoose.Error.MongooseServerSelectionError) return error;
  // A message may quote the connection string, which holds a password.
  const message = error.message.replaceAll(/\S*@\S*/g, '…');
  return new UnsuitableDatabase(`MONGO_URI cannot be used: ${message}.`, { cause: error });
}

async function assertSuitable(connection: Connection): Promise<void> {
  const admin = connection.db?.admin();
  const hello = (await admin?.command({ hello: 1 })) as { setName?: string; msg?: string };
  if (!hello.setName && hello.msg !== 'isdbgrid') {
    throw new UnsuitableDatabase(
      'MONGO_URI names a single mongod: Frontrow needs a replica set or a mongos (transactions and change streams).',
    );
  }
  const { version } = (await admin?.command({ buildInfo: 1 })) as { version: string };
  if (Number.parseInt(version, 10) < OLDEST_VERSION) {
    throw new UnsuitableDatabase(`MONGO_URI runs MongoDB ${version}: Frontrow needs ${OLDEST_VERSION}.0 or later.`);
  }
}

/** The database that a connection string names, or the default. */
export function databaseNameOf(uri: string): string {
  const path = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]*)/.exec(uri)?.[1];
  try {
    return path ? decodeURIComponent(path) : DEFAULT_DATABASE;
  } catch (error) {
    throw asUnsuitable(error);
  }
}
