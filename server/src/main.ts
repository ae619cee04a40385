// The process: settings, log, database, signals. What the server is made of is in app.ts.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { createApp, type App } from './app/app.ts';
import { ConfigError, readConfig, readEnvironment, type Config } from './config.ts';
import { prepareDemoData, type DemoDeps } from './demo-data/demo-data.ts';
import { explain } from './cli/startup-errors.ts';
import { loadPages } from './http/pages/pages.ts';
import { firstFreePort, isSubstitute, listen, localAddress } from './process/listen.ts';
import { startEmbedded } from './mongo/embedded/embedded.ts';
import { createShutdown, type Shutdown } from './process/shutdown.ts';
import { transportIds } from './workers/forward.ts';
import type { Orders } from './workers/messages.ts';
import { startWorkers, WorkerEnded, type PrimaryOptions } from './workers/primary.ts';
import { askForOrders, joinPeers, reportReady, workerId } from './workers/worker.ts';

const PAGES = fileURLToPath(new URL('../../web/build/handler.js', import.meta.url));

/** Plain words for the person at the terminal, whatever LOG_LEVEL says. */
function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function createLog(level: string): Logger {
  return process.stdout.isTTY ? pino({ level }, pretty({ sync: true, ignore: 'pid,hostname' })) : pino({ level });
}

async function openDatabase(config: Config, log: Logger, shutdown: Shutdown): Promise<string> {
  if (config.mongoUri !== null) return config.mongoUri;
  if (config.mongodBinary === null)
    throw new ConfigError(
      'Neither MONGO_URI nor MONGOMS_SYSTEM_BINARY is set. Start with "npm start", which finds a MongoDB to run.',
    );
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    binary: config.mongodBinary,
    log: { info: tell, error: (message) => log.error(message) },
  });
  shutdown.defer(embedded.stop);
  return embedded.uri;
}

/** Serves on this database by this process; gives the port. */
async function serve(config: Config, log: Logger, shutdown: Shutdown, orders: Orders): Promise<number> {
  const { mongoUri, embedded, prepares, port } = orders;
  const pages = existsSync(PAGES) ? await loadPages(PAGES) : null;
  if (pages === null && prepares) tell('The pages are not built, so only the API is served; "npm start" builds them.');
  const id = workerId();
  const transportId = id === null ? undefined : transportIds(id);
  const app = await createApp({ config, mongoUri, pages, log, transportId });
  if (id !== null) shutdown.defer(await joinPeers(app.http.server, id));
  shutdown.defer(app.close);
  if (prepares) for (const line of await demoData(app, { config, embedded, log })) tell(line);
  return listen(app.http, { host: config.host, port });
}

async function demoData(app: App, { config, embedded, log }: Pick<DemoDeps, 'config' | 'embedded' | 'log'>) {
  const { models, passwords, sessions, organise, callOff, bookings, waitlist } = app;
  const now = () => new Date();
  return prepareDemoData({
    config,
    embedded,
    models,
    passwords,
    sessions,
    organise,
    callOff,
    bookings,
    waitlist,
    now,
    log,
  });
}

/** A worker of several: its primary has the database, and tells when all are ready. */
async function work(config: Config, log: Logger, shutdown: Shutdown): Promise<void> {
  reportReady(await serve(config, log, shutdown, await askForOrders()));
}

async function start(config: Config, log: Logger, shutdown: Shutdown): Promise<void> {
  if (!config.rateLimits) log.warn('RATE_LIMITS is off: anyone can flood this server. Only for load tests.');
  const { workers, host } = config;
  const mongoUri = await openDatabase(config, log, shutdown);
  const wanted = { mongoUri, embedded: config.mongoUri === null, port: config.port ?? (await firstFreePort(host)) };
  const port =
    workers > 1
      ? await startMany({ workers, orders: wanted, log }, shutdown)
      : await serve(config, log, shutdown, { ...wanted, prepares: true });
  if (isSubstitute(config.port, port)) tell(`Port 5000 is taken by another program, so this is port ${port}.`);
  const address = localAddress(host, port);
  tell(`Frontrow is ready at ${address}${config.publicUrl === null ? '' : ` (public address: ${config.publicUrl})`}`);
}

async function startMany(options: PrimaryOptions, shutdown: Shutdown): Promise<number> {
  const { port, stop } = await startWorkers(options);
  shutdown.defer(stop);
  return port;
}

function configOrEnd(): Config {
  try {
    const config = readConfig(readEnvironment(process.cwd()));
    return { ...config, dataDir: resolve(config.dataDir) };
  } catch (error) {
    console.error(explain(error) ?? error);
    return process.exit(1);
  }
}

const config = configOrEnd();
const log = createLog(config.logLevel);
const shutdown = createShutdown({ host: process, log, monotonic: () => performance.now() });
try {
  await (workerId() === null ? start(config, log, shutdown) : work(config, log, shutdown));
} catch (error) {
  console.error(error instanceof WorkerEnded ? error.message : (explain(error) ?? error));
  await shutdown.end(1);
}
