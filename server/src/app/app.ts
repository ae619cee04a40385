import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import type { Db } from 'mongodb';
import { loadKeys } from '#server/accounts/keys.ts';
import { CLOSED_ACCOUNT } from '#server/accounts/own/close-account.ts';
import { bookingReply, createBookings } from '#server/booking/bookings.ts';
import { cancelEventJob, createCallOff } from '#server/events/cancel.ts';
import { createEngine } from '#server/booking/engine/engine.ts';
import { closedAccountJob, createHoldings } from '#server/booking/account-bookings.ts';
import { startHolds } from '#server/booking/holds.ts';
import { createLease } from '#server/jobs/lease.ts';
import { startLists } from '#server/booking/waitlist/sweep.ts';
import { createOrganise } from '#server/events/edit.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { startReconciling } from '#server/booking/reconcile/reconcile-timer.ts';
import type { Wait } from '#server/jobs/sweep.ts';
import { createTickets } from '#server/booking/tickets.ts';
import { createWaitlist } from '#server/booking/waitlist/waitlist.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { createOriginCheck } from '#server/http/origin.ts';
import { openDatabase } from './database.ts';
import type { Vitals } from '#server/http/routes/health.ts';
import type { PageHandler } from '#server/http/pages/pages.ts';
import { publicOrigin } from '#server/http/pages/pages.ts';
import { createMetrics } from '#server/metrics/metrics.ts';
import { createHttp, mountRoutes } from '#server/http/server.ts';
import { siteOf } from '#server/http/pages/site.ts';
import { createBell } from '#server/jobs/bell.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import { createLive } from '#server/live/live.ts';
import { createMailroom } from '#server/mail/mailroom.ts';
import type { MoneyTestOptions } from './payments.ts';
import { createMoney } from './payments.ts';
import { createTransact } from '#server/mongo/with-transaction.ts';
import { isWritable } from '#server/mongo/writable.ts';
import { createOrganising } from './events.ts';
import { createPeople } from './accounts.ts';
import { pause as waitOrAbort } from '#server/sleep.ts';
import { createCommands } from '#server/socket/commands.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import { createRoleReads } from '#server/socket/roles.ts';
import { createSocketServer } from '#server/socket/server.ts';

export interface AppOptions {
  config: Config;
  mongoUri: string;
  /** The built web app, or null where there is none. */
  pages: PageHandler | null;
  log: FastifyBaseLogger;
  now?: Now;
  /** Names transports, where one process of several has to tell its own. */
  transportId?: (() => string) | undefined;
  moneyTest?: MoneyTestOptions | undefined;
  /** How whatever looks again and again waits; tests end its waits. */
  wait?: Wait | undefined;
  /** The way to the push services of browsers; tests have one of their own. */
  pushAgent?: PushSenderOptions['agent'];
}

export type App = Awaited<ReturnType<typeof createApp>>;

/** The whole server, from the database to the wire, in the order data flows; `close` undoes it in reverse. */
export async function createApp({ config, mongoUri, pages, log, now = () => new Date(), ...more }: AppOptions) {
  const monotonic = () => performance.now();
  const random = () => randomInt(2 ** 32) / 2 ** 32;
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  let closing = false;
  const metrics = createMetrics({ monotonic });

  const { models, client, database, feedDatabase, close: closeDatabase } = await openDatabase(mongoUri);
  const keys = await loadKeys({ models, config, now });

  const http = await createHttp({ config, tokenSecret: keys.tokenSecret, log });
  const pause = () => wait(random() * 12);
  const transact = createTransact({ client, monotonic, pause });
  const wake = () => mailroom.wake();
  const people = await createPeople({ models, transact, jwt: http.jwt, keys, config, now, wake });
  const { sessions, passwords, accounts } = people;
  const origin = () => publicOrigin(http, config);

  const tickets = createTickets(keys.ticketSecret);
  const bell = createBell();
  const engine = createEngine({ client, database, now, monotonic, random, wait, log, ordered: bell.ring });
  const running = { models, holder: randomUUID(), now, random, wait: more.wait ?? waitOrAbort, log };
  const billing = { secret: keys.paymentSecret, http, bell, reply: bookingReply(tickets.ticketOf) };
  const money = createMoney({ ...more.moneyTest, ...running, ...billing, config, engine });
  const bookings = createBookings({ models, engine, ...tickets, random, retract: money.checkouts.retract });
  const waitlist = createWaitlist({ models, engine });
  const holdings = createHoldings({ models, engine, now });
  const own = people.ownData(holdings, { bookings: bookings.all, waitlist: waitlist.all });
  const organising = createOrganising({ client, database, models, engine, tickets });
  const organise = createOrganise({ client, database, models, engine, now, monotonic, pause });
  const handlers = { 'cancel-event': cancelEventJob({ models, engine }), [CLOSED_ACCOUNT]: closedAccountJob(holdings) };
  const jobs = createJobRunner({ ...running, handlers });
  const post = { config, site: siteOf(config), origin, pushAgent: more.pushAgent };
  const mailroom = createMailroom({ ...running, ...people, ...post, busy: () => engine.lengths().waiting > 0 });
  bell.onRing(jobs.wake);
  const callOff = createCallOff({ client, database, models, engine, now, wake: jobs.wake });
  const lease = createLease({ ...running, name: 'holds' });

  const roles = createRoleReads(models);
  const parts = { models, organise, callOff, bookings, waitlist, ...organising };
  const sockets = createSocketServer(http.server, {
    ...{ config, sessions, now, monotonic, log, transportId: more.transportId },
    ...{ originAllowed: createOriginCheck(config), readRole: roles.readRole, readSessions: roles.readSessions },
    commands: createCommands({ ...parts, ...money, isAdmin: roles.isAdmin, config, now }),
    answered: metrics.answered,
    incidentId: () => randomBytes(6).toString('hex'),
  });
  const live = createLive({ feedDatabase, ...parts, ...bookings, ...sockets, now, monotonic, random, log });
  const vitals = { ...vitalsOf(database), feedLive: () => live.feed.live, closing: () => closing };
  const routes = { ...people, ...own, ...organising, ...tickets, money, origin };
  mountRoutes(http, { config, models, ...routes, vitals, metrics, pages, now });
  await live.start();
  for (const runner of [jobs, mailroom]) runner.start();
  const sweeps = [startHolds, startLists, money.start].map((start) => start({ ...running, engine, lease }));
  const reconciling = startReconciling({ ...running, reconcile: createReconcile({ client, database }), lease });
  metrics.watch({ engine, sockets, live, mailroom, jobs, money, models, reconciling, log });

  async function close(): Promise<void> {
    closing = true;
    await sockets.close();
    await http.close();
    await Promise.all([...sweeps, reconciling].map((sweep) => sweep.close()));
    await lease.release();
    await Promise.all([jobs.close(), mailroom.close()]);
    await engine.drained();
    await live.stop();
    metrics.close();
    await closeDatabase();
  }

  return { ...parts, http, engine, accounts, sessions, passwords, reconciling, live, sockets, close };
}

function vitalsOf(database: Db): Pick<Vitals, 'databaseAnswers'> {
  return { databaseAnswers: () => isWritable(database) };
}
