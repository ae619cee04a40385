import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MongoMemoryServer } from 'mongodb-memory-server';
import { MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js';
import { makeFolder } from './data-dir.ts';
import { endOrphan, ownDataDir } from './owner.ts';
import { choosePort, isPortFree, rememberedPort } from './port.ts';
import { hasCode } from './process.ts';
import { becomePrimary, moveReplicaSet } from './replica-set.ts';
import { mongodVersion } from './mongod-binary.ts';

export interface EmbeddedLog {
  info(message: string): void;
  error(message: string): void;
}

export interface EmbeddedOptions {
  /** Folder of the database's files, its log and its notes; made if missing. */
  dataDir: string;
  /** Path of a mongod, 6.0 or newer. */
  binary: string;
  log: EmbeddedLog;
}

export interface Embedded {
  /** Connection string with the replica set and the database name `frontrow`. */
  uri: string;
  /** Process id of the mongod that runs now. */
  pid(): number | undefined;
  /** Ends the database cleanly and gives the folder back. May be called again. */
  stop(): Promise<void>;
}

interface Mongod extends EmbeddedOptions {
  dbPath: string;
  version: string;
  port: number;
}

const SET_NAME = 'frontrow';
const DATABASE = 'frontrow';
const START_TIMEOUT_MS = 30_000;
const KEEP_FILES = { doCleanup: false, force: false };
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

const MONGOD_ARGUMENTS = [
  '--quiet',
  // The default takes half of the machine's memory.
  ...['--wiredTigerCacheSizeGB', '0.25'],
  // By default 5 % of the cache may wait for the disk (20 %, then writers help): in so small a one a sale's pages of
  // index would be written again and again. What was committed is in the journal all the same.
  // Files of idle collections are closed sooner than after ten minutes, where there are thousands: a run of all tests
  // makes a database for each, and would come up against the limit of open files.
  ...[
    '--wiredTigerEngineConfigString',
    'eviction_dirty_target=40,eviction_dirty_trigger=60,eviction_updates_target=30,eviction_updates_trigger=50,' +
      'file_manager=(close_idle_time=20,close_scan_interval=5,close_handle_minimum=2000)',
  ],
  // In megabytes: over a minute of the busiest sale, which is how far behind the change feed may fall.
  ...['--oplogSize', '512'],
  // A server that freezes in a transaction must not hold its locks for the default minute.
  ...['--setParameter', 'transactionLifetimeLimitSeconds=15'],
  // On SIGTERM mongod would wait 15 s for other members, of which there are none.
  ...['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=0'],
  ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
  ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
];

/**
 * Starts a real mongod as a replica set of one on the loopback address, its data kept in `dataDir` over restarts and
 * kill -9. One that an earlier server left behind is ended first. Throws a DataDirInUseError while another server
 * lives on the folder, an UnusableDataDir where there can be none.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const dataDir = resolve(options.dataDir);
  const dbPath = join(dataDir, 'mongo');
  const version = await mongodVersion(options.binary);
  await makeFolder(dataDir, dbPath);
  const release = await ownDataDir(dataDir);
  try {
    return await startOwned({ ...options, dataDir, dbPath, version }, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function startOwned(options: Omit<Mongod, 'port'>, release: () => Promise<void>): Promise<Embedded> {
  const orphan = await endOrphan(options.dbPath);
  if (orphan !== null) options.log.info(`Ended the mongod (process ${orphan}) that a killed server had left behind.`);
  const port = await choosePort(options.dataDir);
  options.log.info(`MongoDB ${options.version} (${options.binary}) keeps its data in ${options.dbPath}`);
  const logFile = await openLog(options.dataDir);
  const kept = await keepRunning({ ...options, port }, logFile);
  const stop = async () => {
    await kept.stop();
    logFile.end();
    await once(logFile, 'close');
    await release();
  };
  let stopped: Promise<void> | null = null;
  return { uri: uriOf(port), pid: kept.pid, stop: () => (stopped ??= stop()) };
}

/** Runs mongod until it is stopped, and starts it again on the same port and data should it end by itself. */
async function keepRunning(mongod: Mongod, logFile: WriteStream) {
  let stopping = false;
  let restart: Promise<void> | null = null;
  let server = await startMongod(mongod);
  watch(server);

  function watch(running: MongoMemoryServer): void {
    const instance = running.instanceInfo?.instance;
    instance?.on(MongoInstanceEvents.instanceSTDOUT, (lines: string) => logFile.write(`${lines}\n`));
    instance?.once(MongoInstanceEvents.instanceClosed, () => {
      if (!stopping) restart = startAgain(running);
    });
  }

  async function startAgain(ended: MongoMemoryServer): Promise<void> {
    mongod.log.error('The embedded mongod ended by itself; starting it again.');
    await ended.stop(KEEP_FILES);
    try {
      server = await startMongod(mongod);
      watch(server);
    } catch (error) {
      mongod.log.error(`The embedded mongod could not be started again: ${String(error)}`);
    }
  }

  return {
    pid: () => server.instanceInfo?.instance.mongodProcess?.pid,
    stop: async () => {
      stopping = true;
      await restart;
      await server.stop(KEEP_FILES);
    },
  };
}

/** A running mongod that takes writes. */
async function startMongod(mongod: Mongod): Promise<MongoMemoryServer> {
  const server = await MongoMemoryServer.create(memoryServerOptions(mongod));
  try {
    if (await moveReplicaSet(mongod.port)) {
      await killMongod(server);
      await server.start(true);
    }
    await becomePrimary(SET_NAME, mongod.port, START_TIMEOUT_MS);
    return server;
  } catch (error) {
    await server.stop(KEEP_FILES);
    throw error;
  }
}

/** Asked to end, it would first finish asking the old port. What it has stored is in its journal. */
async function killMongod(server: MongoMemoryServer): Promise<void> {
  const mongodProcess = server.instanceInfo?.instance.mongodProcess;
  if (mongodProcess !== undefined) {
    const closed = once(mongodProcess, 'close');
    mongodProcess.kill('SIGKILL');
    await closed;
  }
  await server.stop(KEEP_FILES);
}

function memoryServerOptions({ binary, version, dbPath, port }: Mongod) {
  return {
    binary: { systemBinary: binary, version },
    instance: {
      dbPath,
      port,
      portGeneration: false,
      ip: '127.0.0.1',
      replSet: SET_NAME,
      storageEngine: 'wiredTiger' as const,
      args: MONGOD_ARGUMENTS,
      launchTimeout: START_TIMEOUT_MS,
    },
    // Detached: Ctrl-C goes to the whole process group, and the work in hand still needs its database.
    spawn: { detached: true },
  };
}

async function openLog(dataDir: string): Promise<WriteStream> {
  const file = join(dataDir, 'mongod.log');
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      if (hasCode(error, 'ENOENT')) return 0;
      throw error;
    },
  );
  if (size > LOG_LIMIT_BYTES) await rename(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a' });
}

/** The connection string of the embedded database that a server runs on this folder now, or null if none does. */
export async function findRunningDatabase(dataDir: string): Promise<string | null> {
  const port = await rememberedPort(resolve(dataDir));
  return port === null || (await isPortFree(port)) ? null : uriOf(port);
}

function uriOf(port: number): string {
  return `mongodb://127.0.0.1:${port}/${DATABASE}?replicaSet=${SET_NAME}`;
}
