// The process: settings, log, database, signals. What the server is made of is in app.ts.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { createApp } from './app.ts';
import { ConfigError, readConfig, readEnvironment, type Config } from './config.ts';
import { prepareDemoData } from './demo-data.ts';
import { loadPages } from './http/pages.ts';
import { isSubstitute, listen, ListenError, localAddress } from './listen.ts';
import { UnsuitableDatabase } from './mongo/connect.ts';
import { DataDirInUseError } from './mongo/embedded-owner.ts';
import { startEmbedded } from './mongo/embedded.ts';
import { createShutdown, type Shutdown } from './shutdown.ts';

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

async function start(config: Config, log: Logger, shutdown: Shutdown): Promise<void> {
  if (!config.rateLimits) log.warn('RATE_LIMITS is off: anyone can flood this server. Only for load tests.');
  const mongoUri = await openDatabase(config, log, shutdown);
  const pages = existsSync(PAGES) ? await loadPages(PAGES) : null;
  if (pages === null) tell('The pages are not built, so only the API is served; "npm start" builds them.');
  const app = await createApp({ config, mongoUri, pages, log });
  shutdown.defer(app.close);
  const embedded = config.mongoUri === null;
  const now = () => new Date();
  for (const line of await prepareDemoData({ ...app, config, embedded, now, log })) tell(line);
  const port = await listen(app.http, config);
  if (isSubstitute(config.port, port)) tell(`Port 5000 is taken by another program, so this is port ${port}.`);
  const address = localAddress(config.host, port);
  tell(`Frontrow is ready at ${address}${config.publicUrl === null ? '' : ` (public address: ${config.publicUrl})`}`);
}

/** Sentences meant for the person who starts the server; anything else is a defect and keeps its stack trace. */
function explain(error: unknown): string | null {
  const isExpected = [ConfigError, ListenError, DataDirInUseError, UnsuitableDatabase].some(
    (kind) => error instanceof kind,
  );
  if (isExpected && error instanceof Error) return error.message;
  if (error instanceof Error && error.name === 'MongooseServerSelectionError')
    return `MONGO_URI cannot be reached: ${error.message}`;
  return null;
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
  await start(config, log, shutdown);
} catch (error) {
  console.error(explain(error) ?? error);
  await shutdown.end(1);
}
