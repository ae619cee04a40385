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

interface EmbeddedLog {
  info(message: string): void;
  error(message: string): void;
}

interface EmbeddedOptions {
  /** Folder of the database's files, its log, its port and its owner; made if missing. */
  dataDir: string;
  /** Path of a mongod, 6.0 or later. */
  binary: string;
  log: EmbeddedLog;
}

interface Embedded {
  /** Connection string with the replica set and the database name `frontrow`. */
  uri: string;
  /** Process id of the mongod that runs now. */
  pid(): number | undefined;
  /** Ends the database cleanly and releases the folder. May be called again. */
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
  // The default is half of the machine's memory.
  '--wiredTigerCacheSizeGB',
  '0.25',
  // Eviction: by default 5 % of the cache may be dirty (from 20 % on writers help to evict). In so small a cache a sale
  // would write the same index pages again and again. Commits are safe in the journal either way.
  // File manager: closes files of idle collections sooner than after ten minutes if thousands are open. A run of all
  // tests makes many databases, and would exceed the limit of open files.
  '--wiredTigerEngineConfigString',
  'eviction_dirty_target=40,eviction_dirty_trigger=60,eviction_updates_target=30,eviction_updates_trigger=50,' +
    'file_manager=(close_idle_time=20,close_scan_interval=5,close_handle_minimum=2000)',
  // Megabytes: more than a minute of the busiest sale, which is how far behind the change feed may fall.
  '--oplogSize',
  '512',
  // A server that freezes in a transaction must not hold its locks for the default minute.
  '--setParameter',
  'transactionLifetimeLimitSeconds=15',
  // After SIGTERM mongod would wait 15 s for other members, and there are none.
  '--setParameter',
  'shutdownTimeoutMillisForSignaledShutdown=0',
  '--setParameter',
  'diagnosticDataCollectionEnabled=false',
  ...(process.platform === 'win32' ? [] : ['--nounixsocket']),
];

/**
 * Starts a mongod as a replica set of one member on the loopback address. Its data in `dataDir` survives restarts and
 * kill -9. Ends a mongod that a killed server left behind first. Throws a DataDirInUseError while another server uses
 * the folder, and an UnusableDataDir if the folder cannot be made.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const { binary, log } = options;
  const dataDir = resolve(options.dataDir);
  const dbPath = join(dataDir, 'mongo');
  const version = await mongodVersion(binary);
  await makeFolder(dataDir, dbPath);
  const release = await ownDataDir(dataDir);
  try {
    return await startOwned({ dataDir, dbPath, version, binary, log }, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function startOwned(options: Omit<Mongod, 'port'>, release: () => Promise<void>): Promise<Embedded> {
  const orphan = await endOrphan(options.dbPath);
  if (orphan !== null) options.log.info(`Ended the mongod (process ${orphan}) that a killed server left behind.`);
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

/** Runs mongod until it is stopped. Starts it again with the same port and data if it ends unexpectedly. */
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
    mongod.log.error('The embedded mongod ended unexpectedly; starting it again.');
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

/** Starts mongod and resolves once it takes writes. */
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

/** Kills mongod: after SIGTERM it would first go on asking the old port. Its data is safe in the journal. */
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
    // Detached: Ctrl-C reaches the whole process group, and open commands still need the database.
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

/** The connection string of the embedded database that a server runs on this folder; null if none does. */
export async function findRunningDatabase(dataDir: string): Promise<string | null> {
  const port = await rememberedPort(resolve(dataDir));
  return port === null || (await isPortFree(port)) ? null : uriOf(port);
}

function uriOf(port: number): string {
  return `mongodb://127.0.0.1:${port}/${DATABASE}?replicaSet=${SET_NAME}`;
}
