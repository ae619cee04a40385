import { join, resolve } from 'node:path';
import { ensureCredentials, readPassword } from './credentials.ts';
import { makeFolder, toDataDirError } from './data-dir.ts';
import { keepRunning } from './keep-running.ts';
import { openMongodLog } from './mongod-log.ts';
import { endOrphan, ownDataDir } from './owner.ts';
import { choosePort, isPortFree, rememberedPort } from './port.ts';
import { mongodVersion } from './mongod-binary.ts';
import type { LocalMongod } from './replica-set.ts';
import { ensureUser } from './replica-set.ts';

interface EmbeddedLog {
  info(message: string): void;
  error(message: string): void;
}

interface EmbeddedOptions {
  /** Folder of the database's files, its log, its port and its owner; made if missing. */
  dataDir: string;
  /** Path of a mongod, 6.0 or later. */
  binary: string;
  /** Whether clients need a password, which is kept in the folder. A database that asked for one once goes on to. */
  asksForPassword?: boolean;
  log: EmbeddedLog;
}

interface Embedded {
  /** Connection string with the replica set, the database name `frontrow`, and the password if there is one. */
  uri: string;
  /** Process id of the mongod that runs now. */
  pid(): number | undefined;
  /** Ends the database cleanly and releases the folder. May be called again. */
  stop(): Promise<void>;
}

interface OwnedFolder extends Required<EmbeddedOptions> {
  dbPath: string;
  version: string;
}

const SET_NAME = 'frontrow';
const DATABASE = 'frontrow';
const USER = 'frontrow';

/** For the server and its programs: the data, validators, and what `npm run doctor` reads of the replica set. */
const ROLES = [
  { role: 'readWrite', db: DATABASE },
  { role: 'dbAdmin', db: DATABASE },
  { role: 'clusterMonitor', db: 'admin' },
];

/**
 * Starts a mongod as a replica set of one member on the loopback address. Its data in `dataDir` survives restarts and
 * kill -9. Ends a mongod that a killed server left behind first. Throws a DataDirInUseError while another server uses
 * the folder, an UnusableDataDir if the folder cannot be made or written, and an EmbeddedStartError if mongod does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { binary, asksForPassword = false, log } = options;
  const dataDir = resolve(options.dataDir);
  const dbPath = join(dataDir, 'mongo');
  const version = await mongodVersion(binary);
  await makeFolder(dataDir, dbPath);
  const release = await ownDataDir(dataDir).catch((error: unknown) => {
    throw toDataDirError(dataDir, error);
  });
  try {
    return await startOwned({ dataDir, dbPath, version, binary, asksForPassword, log }, release);
  } catch (error) {
    await release();
    throw toDataDirError(dataDir, error);
  }
}

async function startOwned(options: OwnedFolder, release: () => Promise<void>): Promise<Embedded> {
  const { dataDir, dbPath, binary, version, asksForPassword, log } = options;
  const orphan = await endOrphan(dbPath);
  if (orphan !== null) log.info(`Ended the mongod (process ${orphan}) that a killed server left behind.`);
  const credentials = await ensureCredentials(dataDir, asksForPassword);
  const port = await choosePort(dataDir);
  log.info(`MongoDB ${version} (${binary}) keeps its data in ${dbPath}`);
  const logFile = openMongodLog(dataDir);
  const { addLine } = logFile;
  const error = (message: string) => log.error(message);
  const kept = await keepRunning({ binary, dbPath, port, setName: SET_NAME, credentials, addLine, error });
  const stop = async () => {
    await kept.stop();
    await logFile.close();
    await release();
  };
  if (credentials !== null) await makeUser({ port, key: credentials.key }, credentials.password, kept.stop);
  let stopped: Promise<void> | null = null;
  return { uri: uriOf(port, credentials?.password ?? null), pid: kept.pid, stop: () => (stopped ??= stop()) };
}

/** The connection string of the embedded database that a server runs on this folder; null if none does. */
export async function findRunningDatabase(dataDir: string): Promise<string | null> {
  const folder = resolve(dataDir);
  const port = await rememberedPort(folder);
  return port === null || (await isPortFree(port)) ? null : uriOf(port, await readPassword(folder));
}

/** Ends mongod if that fails: the caller does not know of it yet. */
async function makeUser(mongod: LocalMongod, password: string, stop: () => Promise<void>): Promise<void> {
  try {
    await ensureUser(mongod, { name: USER, password, roles: ROLES });
  } catch (error) {
    await stop();
    throw error;
  }
}

function uriOf(port: number, password: string | null): string {
  const [user, source] = password === null ? ['', ''] : [`${USER}:${password}@`, '&authSource=admin'];
  return `mongodb://${user}127.0.0.1:${port}/${DATABASE}?replicaSet=${SET_NAME}${source}`;
}
