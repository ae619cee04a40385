// The process of `npm run reconcile`: checks that counters, bookings, ledger, payments and receipts of every event agree.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { createEngine } from '#server/booking/engine/engine.ts';
import { bookingStore } from '#server/booking/store/collections.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { readConfig, readEnvironment } from '#server/config.ts';
import type { Models } from '#server/models/models.ts';
import { createDatabaseClock, readDatabaseTime } from '#server/mongo/database-clock.ts';
import { createStripe } from '#server/payments/stripe/stripe.ts';
import { findUnnoted } from '#server/payments/unnoted-reversals.ts';
import { toPrintable, runProgram, CliError, withDatabase } from './cli.ts';
import { reconcileAll, reconcileSummary } from './reconcile-report.ts';

const COMMAND = 'npm run reconcile';
const USAGE = `Usage: ${COMMAND} [-- --repair]

Recounts the bookings and the ledger of every event and compares them with its counters, and its payments with its
bookings, with their receipts, and with the refunds and disputes that Stripe lists for the last 30 days; looks for numbers
of receipts that are missing. Servers may run meanwhile. Exits with 0 if everything agrees, with 1 if something differs.
--repair rewrites the counters of events that differ from their ledger, if the bookings agree with the ledger. Each
repair is a commit with its own ledger entry, and is pushed to every page. Bookings, ledger entries, payments and receipts
are never changed.`;

/** How far back Stripe is asked. */
const LISTED_MS = 30 * 86_400_000;

function wantsRepair(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { repair: { type: 'boolean', default: false } } }).values.repair;
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

/**
 * An engine for the repairs: this process is one more writer, whose batches carry the same guards as the servers', and
 * which goes by the same clock.
 */
async function engineOn(connection: Connection) {
  const client = connection.getClient();
  const database = client.db(connection.name);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const monotonic = () => performance.now();
  const readTime = () => readDatabaseTime(database);
  const { now } = await createDatabaseClock({ readTime, monotonic, systemNow: () => new Date(), log });
  return createEngine({
    store: bookingStore({ client, database }),
    now,
    monotonic,
    random: Math.random,
    sleep,
    log,
  });
}

/**
 * Prints the refunds and disputes that Stripe lists and the payments do not have; resolves with their number. A running
 * server notes them within ten minutes.
 */
async function compareWithStripe(models: Models): Promise<number> {
  const { stripe } = readConfig(readEnvironment(process.cwd()));
  if (stripe === null) return 0;
  const now = () => new Date();
  const { secretKey, webhookSecret, apiBase } = stripe;
  const provider = createStripe({ secretKey, webhookSecret, apiBase, now });
  const since = new Date(now().getTime() - LISTED_MS);
  let found = 0;
  for await (const { payment, reversal } of findUnnoted(models, provider, since)) {
    found += 1;
    const { kind, reference, amount, status } = reversal;
    const what = `${kind} ${toPrintable(reference)} of ${amount.amount} ${amount.currency} is ${status}`;
    console.log(`Stripe: ${what}, and payment ${String(payment._id)} does not have it so`);
  }
  return found;
}

await runProgram(async (args) => {
  const repairing = wantsRepair(args);
  return withDatabase(COMMAND, async (connection, models) => {
    const engine = await engineOn(connection);
    const client = connection.getClient();
    const reconcile = createReconcile({ client, database: client.db(connection.name) });
    const totals = await reconcileAll(reconcile, async (id) => (repairing ? reconcile.repair(engine, id) : null));
    await engine.drained();
    const unnoted = await compareWithStripe(models);
    console.log(reconcileSummary(totals));
    if (unnoted > 0) console.log(`Stripe lists ${unnoted} refunds or disputes that the payments do not have.`);
    return totals.left + totals.missingReceipts + unnoted === 0 ? 0 : 1;
  });
});
