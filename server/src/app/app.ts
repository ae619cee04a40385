import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadKeys } from '#server/accounts/keys.ts';
import { createBookingReply } from '#server/booking/bookings.ts';
import { createEngine } from '#server/booking/engine/engine.ts';
import { createLaterJobs } from '#server/booking/notifications/later-jobs.ts';
import { createKnownEvents } from '#server/events/known/known-events.ts';
import { createOriginCheck } from '#server/http/origin.ts';
import { publicOrigin } from '#server/http/pages/pages.ts';
import { createHttpServer, mountRoutes } from '#server/http/server.ts';
import { createBell } from '#server/jobs/bell.ts';
import { createLive } from '#server/live/live.ts';
import { createMetrics } from '#server/metrics/metrics.ts';
import { createWithTransaction } from '#server/mongo/with-transaction.ts';
import { isWritable } from '#server/mongo/writable.ts';
import { sleepOrAbort as timedSleepOrAbort } from '#server/sleep.ts';
import { callerOf } from '#server/socket/command-definition.ts';
import { createCommands } from '#server/socket/commands.ts';
import { createAccountReads } from '#server/socket/account-reads.ts';
import { createSocketServer } from '#server/socket/server.ts';
import { composeAccounts } from './accounts.ts';
import type { AppOptions } from './app-options.ts';
import { composeBookings } from './bookings.ts';
import { composeContacts } from './contacts.ts';
import { composeDatabase } from './database.ts';
import { composeEvents } from './events.ts';
import { composeImages } from './images.ts';
import { composeJobs } from './jobs.ts';
import { composePayments, sellingProvider } from './payments.ts';
import { composeSweeps } from './sweeps.ts';
import { composeTickets } from './tickets/tickets.ts';
import { composeTracing } from './tracing.ts';

export type App = Awaited<ReturnType<typeof createApp>>;

/**
 * The whole server, from the database to the wire. Each part depends on those above it. `start` runs what works by
 * itself: change feed, jobs and sweeps. `close` ends all parts in reverse, once, started or not.
 */
export async function createApp(options: AppOptions) {
  const { config, build, pages, log, transportId, test, logCounts = { lost: 0 } } = options;
  const sleepOrAbort = test?.sleepOrAbort ?? timedSleepOrAbort;
  const monotonic = () => performance.now();
  const random = () => randomInt(2 ** 32) / 2 ** 32;
  const sleepBeforeReplay = () => sleep(random() * 12);
  const holder = randomUUID();
  const tracing = await composeTracing({ config, build, monotonic, log });
  const metrics = createMetrics({ build, monotonic, peers: options.metricsPeers });
  let closed: Promise<void> | undefined;
  const connections = await composeDatabase({ app: options, monotonic, sleepOrAbort });
  const { clock, models, readModels, client, database, store, imageStore, feedDatabase } = connections;
  const { now = clock.now } = options;
  const knownEvents = createKnownEvents();
  const withTransaction = createWithTransaction({ client, monotonic, sleepBeforeReplay });
  const keys = await loadKeys({ models, config, now });
  const { observeRequest, observeCommand } = metrics;
  const http = await createHttpServer({ config, tokenSecret: keys.tokenSecret, observeRequest, log });
  const origin = () => publicOrigin(http, config);

  // Bookings. The bell connects the engine, which adds jobs, with the job runners, whose handlers need the engine.
  const bell = createBell();
  const engine = createEngine({
    store,
    now,
    monotonic,
    random,
    sleep,
    log,
    knownEvents,
    jobsAdded: bell.ring,
    laterJobs: createLaterJobs({ models, sleepOrAbort, log }),
    times: metrics.engineTimes,
    tracing,
    provider: sellingProvider(config),
  });
  const tickets = composeTickets({ app: options, models, keys, imageStore, withTransaction, origin, now });
  const reply = createBookingReply(tickets.ticketOf);
  const payments = composePayments({
    config,
    models,
    engine,
    secret: keys.paymentSecret,
    http,
    origin,
    reply,
    holder,
    now,
    random,
    sleepOrAbort,
    log,
    test: test?.payments,
  });
  const own = composeBookings({ models, engine, payments, tickets, reply, random, now });
  const { bookings, waitlist, accountBookings } = own;

  // Jobs, which follow a commit, mails among them.
  const contacts = composeContacts({ models, keys, withTransaction, wake: bell.ring, now, monotonic });
  const { jobs, notifications } = composeJobs({
    config,
    models,
    engine,
    accountBookings,
    contacts,
    tickets,
    vapid: keys.vapid,
    pushAgent: test?.pushAgent,
    origin,
    holder,
    now,
    monotonic,
    random,
    sleepOrAbort,
    log,
  });
  for (const { wake } of [jobs, notifications, payments.jobs]) bell.onRing(wake);

  // Events and accounts.
  const events = composeEvents({
    client,
    database,
    models,
    readModels,
    knownEvents,
    engine,
    tickets,
    selling: payments.selling,
    withTransaction,
    reminders: contacts.reminders,
    random,
    now,
    monotonic,
    sleep,
    sleepBeforeReplay,
    wake: jobs.wake,
  });
  const { eventReads, eventEditing, eventCancellation, sales, attendees, vouchers } = events;
  const images = composeImages({ models, store: imageStore, editing: eventEditing, eventReads, monotonic, log });
  const people = await composeAccounts({
    config,
    models,
    withTransaction,
    jwt: http.jwt,
    links: contacts.links,
    codes: contacts.codes,
    deviceSecret: keys.deviceSecret,
    accountBookings,
    provisionalHolds: own.provisionalHolds,
    exportSources: { bookings: bookings.all, waitlist: waitlist.all, reminders: contacts.reminders.all },
    receiptsOf: tickets.receipts.ofAccount,
    passwordCost: test?.passwordCost,
    now,
    log,
    wake: notifications.wake,
  });
  const { accounts, codeSignIn, passkeys, sessions, knownDevices, passwords } = people;
  const { recovery, closeAccount, provisionalAccounts, exportOf, codeGuesses } = people;

  // The wire: commands, pushes and HTTP.
  const { readRole, readSessions, isAdmin } = createAccountReads(models);
  const commands = createCommands({ models, engine, events, bookings, payments, waitlist, codeGuesses, isAdmin, now });
  const sockets = createSocketServer(http.server, {
    config,
    commands,
    sessions,
    readRole,
    readSessions,
    originAllowed: createOriginCheck(config),
    observeCommand,
    tracing,
    incidentId: () => randomBytes(6).toString('hex'),
    transportId,
    socketLimits: test?.socketLimits,
    now,
    monotonic,
    log,
  });
  const live = createLive({
    feedDatabase,
    models,
    audience: sockets.audience,
    sessionConnections: sockets.sessionConnections,
    sales,
    views: bookings.views,
    knownEvents: knownEvents.feed,
    tracing,
    now,
    reviewMs: test?.reviewMs,
    monotonic,
    random,
    log,
  });
  mountRoutes(http, {
    config,
    models,
    sessions,
    knownDevices,
    accounts,
    codeSignIn,
    passkeys,
    provisionalAccounts,
    recovery,
    closeAccount,
    exportOf,
    vapid: keys.vapid,
    subscriptions: contacts.subscriptions,
    reminders: contacts.reminders,
    reminderLinks: contacts.reminderLinks,
    book: (input, buyer, address) => commands.book.run(input, callerOf(buyer, address)),
    tickets,
    origin,
    eventReads,
    images,
    attendees,
    vouchers,
    payments,
    healthChecks: {
      databaseAnswers: () => isWritable(database),
      feedLive: () => live.feed.live,
      closing: () => closed !== undefined,
      build,
    },
    metrics,
    pages,
    now,
  });

  const sweeps = composeSweeps({
    client,
    database,
    models,
    engine,
    payments,
    tasks: [tickets.receipts.sweep, ...people.sweeps, contacts.reminderSweep],
    retention: config.retention,
    holder,
    now,
    random,
    sleepOrAbort,
    log,
  });
  metrics.watch({
    clock,
    engine,
    sockets,
    live,
    notifications,
    jobs,
    payments,
    models,
    converter: images.converter,
    reconcileTimer: sweeps.reconcileTimer,
    signIns: { codes: contacts.codes, passkeys: passkeys.signIn },
    logCounts,
    now,
    log,
  });

  async function start(): Promise<void> {
    await live.start();
    jobs.start();
    notifications.start();
    sweeps.start();
  }

  async function closeAll(): Promise<void> {
    await sockets.close();
    await http.close();
    await sweeps.close();
    await Promise.all([notifications.close(), jobs.close()]);
    await tickets.close();
    await engine.drained();
    await live.stop();
    await tracing?.close();
    metrics.close();
    await connections.close();
  }

  return {
    now,
    http,
    models,
    readModels,
    engine,
    bookings,
    waitlist,
    eventEditing,
    eventCancellation,
    accounts,
    sessions,
    passwords,
    sockets,
    live,
    feedDatabase,
    converter: images.converter,
    reconcileTimer: sweeps.reconcileTimer,
    unusedAccounts: people.unusedAccounts,
    start,
    close: () => (closed ??= closeAll()),
  };
}
