// The process: settings, log, database, signals. The parts of the server are composed in app/app.ts.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { buildText } from '#shared/text/build.ts';
import { createApp, type App } from './app/app.ts';
import { readBuild } from './build.ts';
import { ConfigError, readConfig, readEnvironment, type Config } from './config.ts';
import { prepareDemoData, type DemoDataDeps } from './demo-data/demo-data.ts';
import { startupErrorMessage } from './cli/startup-error-message.ts';
import { createLogSink } from './log-sink.ts';
import { loadPages } from './http/pages/page-handler.ts';
import { firstFreePort, isSubstitutePort, listen, localAddress } from './process/listen.ts';
import { startEmbedded } from './mongo/embedded/embedded.ts';
import { createOutageLog } from './mongo/outage-log.ts';
import { databaseWarnings } from './process/database-warnings.ts';
import { killAfter } from './process/exit-guard.ts';
import { createServerLog } from './process/server-log.ts';
import { createShutdown, type Shutdown } from './process/shutdown.ts';
import { settingsWarnings, speakUp } from './process/start-warnings.ts';
import { collectStartGarbage } from './process/start-garbage.ts';
import { openStandardOutput } from './process/standard-output.ts';
import { transportIds } from './workers/forward.ts';
import type { WorkerSettings } from './workers/messages.ts';
import { startWorkers, WorkerEnded, type PrimaryOptions } from './workers/primary.ts';
import { connectMetrics, requestSettings, joinPeers, reportOutgrown, reportReady, workerId } from './workers/worker.ts';

const PAGES = fileURLToPath(new URL('../../web/build/handler.js', import.meta.url));

/** How long an end may wait for the last lines of the log. */
const LAST_LINES_MS = 300;

const output = openStandardOutput();
const sink = createLogSink({
  writeBytes: output.writeBytes,
  recovered: (lines) => log.warn({ lines }, 'Log lines were lost because the log could not be written'),
});

const outageLog = createOutageLog({
  monotonic: () => performance.now(),
  over: (outage) => log.info(outage, 'The database answers again, and nothing has failed since'),
});

async function exit(code: number): Promise<void> {
  await sink.finish(LAST_LINES_MS);
  if (sink.isWriting && output.occupiesThread) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

/** MONGO_URI, or the address of an embedded database that runs until the shutdown. */
async function openDatabase(config: Config, log: Logger, shutdown: Shutdown): Promise<string> {
  if (config.mongoUri !== null) return config.mongoUri;
  if (config.mongodBinary === null)
    throw new ConfigError(
      'Neither MONGO_URI nor MONGOMS_SYSTEM_BINARY is set. Start with "npm start", which finds a MongoDB to run.',
    );
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    binary: config.mongodBinary,
    asksForPassword: config.production,
    log: { info: print, error: (message) => log.error(message) },
  });
  shutdown.defer(embedded.stop);
  return embedded.uri;
}

/** Composes the server and listens; resolves with the port. */
async function serve(config: Config, log: Logger, shutdown: Shutdown, settings: WorkerSettings): Promise<number> {
  const { mongoUri, embedded, preparesDemoData, port } = settings;
  const pages = existsSync(PAGES) ? await loadPages(PAGES) : null;
  if (pages === null && preparesDemoData)
    print('The pages are not built, so only the API is served; "npm start" builds them.');
  const id = workerId();
  const transportId = id === null ? undefined : transportIds(id);
  const metricsPeers = id === null ? undefined : connectMetrics();
  const app = await createApp({
    config,
    build,
    mongoUri,
    pages,
    log,
    logCounts: sink.counts,
    databaseAnswers: outageLog.databaseAnswers,
    outgrown: (reason) => {
      log.fatal(reason.message);
      if (id === null) void shutdown.end(1);
      else reportOutgrown();
    },
    transportId,
    metricsPeers,
  });
  if (id !== null) shutdown.defer(await joinPeers(app.http.server, id));
  shutdown.defer(app.close);
  await app.start();
  if (preparesDemoData) await addDemoData(app, { config, embedded, log });
  collectStartGarbage();
  return listen(app.http, { host: config.host, port });
}

async function addDemoData(app: App, settings: Pick<DemoDataDeps, 'config' | 'embedded' | 'log'>): Promise<void> {
  const { config, embedded, log } = settings;
  const { now, models, passwords, sessions, eventEditing, eventCancellation, bookings, waitlist } = app;
  const lines = await prepareDemoData({
    config,
    embedded,
    models,
    passwords,
    sessions,
    eventEditing,
    eventCancellation,
    bookings,
    waitlist,
    now,
    log,
  });
  for (const line of lines) print(line);
}

/** One worker of several. The primary runs the database and prints the address once all workers are ready. */
async function runWorker(config: Config, log: Logger, shutdown: Shutdown): Promise<void> {
  reportReady(await serve(config, log, shutdown, await requestSettings()));
}

/** The only process, or the primary of several. */
async function runServer(config: Config, log: Logger, shutdown: Shutdown): Promise<void> {
  speakUp(settingsWarnings(config), config, log);
  const { workers, host } = config;
  const mongoUri = await openDatabase(config, log, shutdown);
  if (config.production) speakUp(await databaseWarnings(config, mongoUri), config, log);
  const settings = { mongoUri, embedded: config.mongoUri === null, port: config.port ?? (await firstFreePort(host)) };
  const port =
    workers > 1
      ? await startPrimary({ workers, settings, outgrown: () => void shutdown.end(1), log }, shutdown)
      : await serve(config, log, shutdown, { ...settings, preparesDemoData: true });
  if (isSubstitutePort(config.port, port)) print(`Port 5000 is taken by another program, so this is port ${port}.`);
  const publicAddress = config.publicUrl === null ? '' : `, public address: ${config.publicUrl}`;
  print(`Frontrow is ready at ${localAddress(host, port)} (version ${buildText(build)}${publicAddress})`);
}

async function startPrimary(options: PrimaryOptions, shutdown: Shutdown): Promise<number> {
  const { port, stop } = await startWorkers(options);
  shutdown.defer(stop);
  return port;
}

function readConfigOrExit(): Config {
  try {
    const config = readConfig(readEnvironment(process.cwd()));
    return { ...config, dataDir: resolve(config.dataDir) };
  } catch (error) {
    console.error(startupErrorMessage(error) ?? error);
    return process.exit(1);
  }
}

const config = readConfigOrExit();
const build = readBuild();
const { log, print } = createServerLog({
  level: config.logLevel,
  isTerminal: process.stdout.isTTY,
  addLine: sink.addLine,
  logMethod: outageLog.logMethod,
});
const shutdown = createShutdown({
  host: { on: (event, listener) => process.on(event, listener), exit: (code) => void exit(code) },
  log,
  monotonic: () => performance.now(),
  killAfter,
});
try {
  await (workerId() === null ? runServer(config, log, shutdown) : runWorker(config, log, shutdown));
} catch (error) {
  console.error(error instanceof WorkerEnded ? error.message : (startupErrorMessage(error) ?? error));
  await shutdown.end(1);
}
