import { sleepOrAbort } from '#server/sleep.ts';
import type { Credentials } from './credentials.ts';
import { spawnMongod, type MongodProcess } from './mongod-process.ts';
import { becomePrimary, moveReplicaSet } from './replica-set.ts';

interface MongodOptions {
  binary: string;
  dbPath: string;
  port: number;
  setName: string;
  /** Null: the database asks for no password. */
  credentials: Credentials | null;
  /** Gets each line that mongod prints. */
  addLine(line: string): void;
  /** Gets sentences for the person who runs the server. */
  error(message: string): void;
}

/** The database could not be started. The message is meant for the person who starts the server. */
export class EmbeddedStartError extends Error {
  override readonly name = 'EmbeddedStartError';
}

const START_TIMEOUT_MS = 30_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** A mongod that ran this long ends for a new reason, and is started again at once. */
const STEADY_MS = 60_000;

const MONGOD_ARGUMENTS = [
  '--bind_ip',
  '127.0.0.1',
  '--storageEngine',
  'wiredTiger',
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
 * Runs mongod until it is stopped. A mongod that ends by itself is started again on the same port and data, at growing
 * intervals and for ever: a full disk may have room again, and a taken port may become free. Throws an
 * EmbeddedStartError if the first start fails.
 */
export async function keepRunning(options: MongodOptions) {
  const stopping = new AbortController();
  let running: MongodProcess | null = await startMongod(options, stopping.signal);
  const untilStopped = keepAlive(running);

  async function keepAlive(first: MongodProcess): Promise<void> {
    let delayMs = 0;
    for (let mongod: MongodProcess | null = first; mongod !== null;) {
      const startedMs = performance.now();
      await mongod.ended;
      running = null;
      if (stopping.signal.aborted) return;
      options.error(`The embedded mongod ended unexpectedly (${mongod.reason()}); starting it again.`);
      if (performance.now() - startedMs >= STEADY_MS) delayMs = 0;
      mongod = running = await startAgain(delayMs);
      delayMs = nextDelay(delayMs);
    }
  }

  /** Tries until mongod runs; null if it is stopped before. */
  async function startAgain(firstDelayMs: number): Promise<MongodProcess | null> {
    for (let delayMs = firstDelayMs; ; delayMs = nextDelay(delayMs)) {
      await sleepOrAbort(delayMs, stopping.signal);
      if (stopping.signal.aborted) return null;
      try {
        return await startMongod(options, stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return null;
        const reason = error instanceof Error ? error.message : String(error);
        options.error(`${reason} Trying again in ${nextDelay(delayMs) / 1_000} s.`);
      }
    }
  }

  return {
    pid: () => running?.pid,
    stop: async () => {
      stopping.abort();
      await running?.stop();
      await untilStopped;
    },
  };
}

function nextDelay(delayMs: number): number {
  return Math.min(Math.max(FIRST_DELAY_MS, delayMs * 2), LONGEST_DELAY_MS);
}

/** Starts mongod and resolves once it takes writes. Throws an EmbeddedStartError; then no mongod is left running. */
async function startMongod(options: MongodOptions, signal: AbortSignal): Promise<MongodProcess> {
  const { port, setName, credentials } = options;
  const local = { port, key: credentials?.key ?? null };
  let mongod = spawnMongod(commandOf(options));
  try {
    await untilFailure(mongod, signal, mongod.listens);
    if (await untilFailure(mongod, signal, moveReplicaSet(local))) {
      // Killed, because after SIGTERM it would first go on asking the old port.
      await mongod.kill();
      mongod = spawnMongod(commandOf(options));
      await untilFailure(mongod, signal, mongod.listens);
    }
    await untilFailure(mongod, signal, becomePrimary(local, setName, START_TIMEOUT_MS));
    return mongod;
  } catch (error) {
    await mongod.stop();
    if (error instanceof EmbeddedStartError) throw error;
    throw new EmbeddedStartError(`The embedded mongod could not be started: ${String(error)}.`, { cause: error });
  }
}

/** The step's result. Throws if mongod ends meanwhile, the step takes too long, or the signal aborts. */
async function untilFailure<T>(mongod: MongodProcess, signal: AbortSignal, step: Promise<T>): Promise<T> {
  const over = new AbortController();
  const failure = Promise.race([
    mongod.ended.then(() => mongod.reason()),
    sleepOrAbort(START_TIMEOUT_MS, AbortSignal.any([signal, over.signal])).then(() => 'it took too long'),
  ]);
  // The step may fail after it was given up.
  step.catch(() => undefined);
  const refused = failure.then((reason) => {
    throw new EmbeddedStartError(`The embedded mongod could not be started: ${reason}.`);
  });
  refused.catch(() => undefined);
  try {
    return await Promise.race([step, refused]);
  } finally {
    over.abort();
  }
}

function commandOf({ binary, dbPath, port, setName, credentials, addLine }: MongodOptions) {
  const access = credentials === null ? ['--noauth'] : ['--auth', '--keyFile', credentials.keyFile];
  const args = ['--port', String(port), '--dbpath', dbPath, '--replSet', setName, ...access, ...MONGOD_ARGUMENTS];
  return { binary, args, addLine };
}
