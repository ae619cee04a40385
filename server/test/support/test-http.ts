import { pino } from 'pino';
import { beforeAll } from 'vitest';
import { createAccounts } from '#server/accounts/accounts.ts';
import { createGuessLimits } from '#server/accounts/guess-limits.ts';
import { loadKeys } from '#server/accounts/keys.ts';
import { createCloseAccount } from '#server/accounts/close-account.ts';
import { createAccountExport } from '#server/accounts/account-export.ts';
import { createPasswords } from '#server/accounts/passwords.ts';
import { createAccountLinks } from '#server/accounts/recovery/account-links.ts';
import { createRecovery } from '#server/accounts/recovery/recovery.ts';
import { createSessions } from '#server/accounts/sessions.ts';
import { createTokens } from '#server/accounts/tokens.ts';
import { createTickets } from '#server/booking/tickets.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { readConfig } from '#server/config.ts';
import { createAttendees } from '#server/events/attendees.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Models } from '#server/models/models.ts';
import { createModels, prepareDatabase } from '#server/models/models.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { createWithTransaction } from '#server/mongo/with-transaction.ts';
import { createPushSubscriptions } from '#server/push/subscriptions.ts';
import { ok } from '#shared/protocol/errors.ts';
import type { HealthChecks } from '../../src/http/routes/health.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import type { Undoing } from './database/test-database.ts';
import { lentDatabaseUri } from './database/test-database.ts';
import type { PageHandler } from '../../src/http/pages/page-handler.ts';
import { createHttpServer, mountRoutes } from '../../src/http/server.ts';

/** Here is no engine that money could be told to: nobody has a checkout. */
const NO_PAYMENTS: Parameters<typeof mountRoutes>[1]['payments'] = {
  webhooks: { receive: () => Promise.resolve(null) },
  returnPage: { outcomeOf: () => Promise.resolve(refuse('NOT_FOUND')) },
  demo: { testCards: { pay: (checkout) => Promise.resolve(checkout) } },
};

export interface TestHttpOptions {
  /** One that exists, instead of an empty one. */
  uri?: string;
  config?: Partial<Config>;
  now?: Now;
  healthChecks?: Partial<HealthChecks>;
  pages?: PageHandler | null;
  /** Gets what the server logs. */
  log?: { write(line: string): void };
}

/** The HTTP side of a server alone, on a database of its own; closed when the test ends. */
export async function testHttp(t: Undoing, options: TestHttpOptions = {}) {
  const now = options.now ?? (() => new Date());
  const config: Config = { ...readConfig({}), ...options.config };
  const connection = await connectMongo(options.uri ?? (await lentDatabaseUri(t)));
  const models = createModels(connection);
  await prepareDatabase(connection, models);
  const keys = await loadKeys({ models, config, now });
  const log = options.log ? pino({ level: 'debug' }, options.log) : pino({ level: 'silent' });
  const app = await createHttpServer({ config, tokenSecret: keys.tokenSecret, log });
  const sessions = createSessions({ models, tokens: createTokens(app.jwt, now), now });
  const passwords = createPasswords();
  const withTransaction = createWithTransaction({
    client: connection.getClient(),
    monotonic: () => performance.now(),
    sleepBeforeReplay: () => new Promise((resolve) => setImmediate(resolve)),
  });
  const links = createAccountLinks({ models, now });
  const guessLimits = createGuessLimits({ config, now });
  const people = {
    models,
    passwords,
    sessions,
    guessLimits,
    links,
    withTransaction,
    config,
    now,
    wake: () => undefined,
  };
  const accounts = createAccounts(people);
  // Nobody has a booking here: with an engine, accounts are closed in account.int.test.ts.
  const accountBookings = {
    bindingBookings: async () => [],
    giveBack: async () => ok(null),
    forgetPayer: async () => 0,
  };
  const exportSources = { bookings: async () => [], waitlist: async () => [] };
  const own = {
    recovery: createRecovery(people),
    closeAccount: createCloseAccount({ ...people, accountBookings }),
    exportOf: createAccountExport({ models, sources: exportSources, now }),
    subscriptions: createPushSubscriptions({ models, now }),
    vapid: keys.vapid,
    ticketOf: createTickets(keys.ticketSecret).ticketOf,
    origin: () => 'https://tickets.example.org',
  };
  const healthChecks = {
    databaseAnswers: () => Promise.resolve(true),
    feedLive: () => true,
    closing: () => false,
    ...options.healthChecks,
  };
  const database = connection.getClient().db(connection.name);
  const attendees = createAttendees({ database, ticketOf: () => null });
  const metrics = createMetrics({ monotonic: () => performance.now() });
  const routes = {
    payments: NO_PAYMENTS,
    config,
    models,
    accounts,
    sessions,
    ...own,
    book: () => Promise.resolve(refuse('NOT_FOUND')),
    attendees,
    healthChecks,
    metrics,
    now,
  };
  mountRoutes(app, { ...routes, pages: options.pages ?? null });
  t.onTestFinished(async () => {
    metrics.close();
    await app.close();
    await connection.close();
  });
  await app.ready();
  return { app, models, sessions, passwords, accounts, links, keys, config };
}

export type TestHttp = Awaited<ReturnType<typeof testHttp>>;

/** One server for a whole block of tests that leave nothing behind. */
export function sharedHttp(options: () => TestHttpOptions = () => ({})): () => TestHttp {
  let http: TestHttp | null = null;
  beforeAll(async () => {
    const undos: (() => Promise<void>)[] = [];
    http = await testHttp({ onTestFinished: (undo) => void undos.push(undo) }, options());
    return async () => {
      for (const undo of undos.toReversed()) await undo();
    };
  });
  return () => {
    if (!http) throw new Error('The shared server starts in beforeAll');
    return http;
  };
}

/** A clock in the test's hand. */
export function handClock(start = '2026-11-23T12:00:00.000Z') {
  let at = new Date(start).getTime();
  return { now: () => new Date(at), pass: (ms: number) => void (at += ms) };
}

export const ALICE = { name: 'Alice', email: 'alice@example.org', password: 'correct horse' };

/** Registers somebody and gives the token of the session. */
export async function registered({ app }: Pick<TestHttp, 'app'>, who = ALICE): Promise<string> {
  const reply = await app.inject({ method: 'POST', url: '/api/auth/register', payload: who });
  if (reply.statusCode !== 201) throw new Error(`Registration failed: ${reply.body}`);
  return reply.json<{ token: string }>().token;
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

/** Makes a registered account an admin, as `npm run admin` does. */
export async function promote(models: Models, email: string): Promise<void> {
  await models.users.updateOne({ email }, { $set: { role: 'admin' } });
}
