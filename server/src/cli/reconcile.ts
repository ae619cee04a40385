// The process behind `npm run reconcile`: whether counters, bookings, ledger and payments of every event agree.
import { parseArgs } from 'node:util';
import type { Connection } from 'mongoose';
import { pino } from 'pino';
import { createEngine } from '#server/booking/engine/engine.ts';
import type { EventReport, Reconcile, Repair } from '#server/booking/reconcile/reconcile.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { toPrintable, runProgram, CliError, withDatabase } from './cli.ts';

const COMMAND = 'npm run reconcile';
const USAGE = `Usage: ${COMMAND} [-- --repair]

Recounts the bookings and the ledger of every event against its counters, and its payments against its bookings, also
while servers run. Ends with 0 where
everything agrees, with 1 where something differs.
--repair rewrites the counters of events that differ from their ledger, where the bookings bear it out: by a commit of
its own line in the ledger, which every screen sees. Bookings, ledger and payments themselves are never changed.`;

interface Tally {
  checked: number;
  differing: number;
  left: number;
}

function wantsRepair(args: string[]): boolean {
  try {
    return parseArgs({ args, options: { repair: { type: 'boolean', default: false } } }).values.repair;
  } catch (cause) {
    throw new CliError(USAGE, { cause });
  }
}

/** This process as one more writer: its batches carry the same guards as those of the servers. */
function engineOn(connection: Connection) {
  const client = connection.getClient();
  return createEngine({
    ...{ client, database: client.db(connection.name) },
    ...{ now: () => new Date(), monotonic: () => performance.now(), random: Math.random },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    log: pino({ level: 'error' }, pino.destination(2)),
  });
}

function describe({ eventId, title, differences }: EventReport): string {
  const lines = differences.map(({ what }) => `  ${what}`);
  return [`"${toPrintable(title)}" (${eventId})`, ...lines].join('\n');
}

function describeRepair({ repaired, left }: Repair): string {
  if (!repaired) return '  NOT REPAIRED: ledger and bookings do not agree on what is right. This needs a person.';
  if (left.length === 0) return '  Repaired: the counters are rewritten from the ledger, and everything agrees.';
  const lines = left.map(({ what }) => `  ${what}`);
  return ['  The counters are rewritten from the ledger. What still differs needs a person:', ...lines].join('\n');
}

async function reconcileAll(reconcile: Reconcile, repair: (eventId: string) => Promise<Repair | null>): Promise<Tally> {
  const tally = { checked: 0, differing: 0, left: 0 };
  for await (const report of reconcile.check()) {
    tally.checked += 1;
    if (report.differences.length === 0) continue;
    tally.differing += 1;
    console.log(describe(report));
    const repaired = await repair(report.eventId);
    if (repaired) console.log(describeRepair(repaired));
    if (!repaired || repaired.left.length > 0) tally.left += 1;
  }
  return tally;
}

function summary({ checked, differing, left }: Tally): string {
  const events = `${checked} ${checked === 1 ? 'event' : 'events'} checked`;
  if (differing === 0) return `${events}: counters, bookings, ledger and payments agree.`;
  return `${events}: ${differing} ${differing === 1 ? 'differs' : 'differ'}, ${differing - left} repaired, ${left} left.`;
}

await runProgram(async (args) => {
  const repairing = wantsRepair(args);
  return withDatabase(COMMAND, async (connection) => {
    const engine = engineOn(connection);
    const client = connection.getClient();
    const reconcile = createReconcile({ client, database: client.db(connection.name) });
    const tally = await reconcileAll(reconcile, async (id) => (repairing ? reconcile.repair(engine, id) : null));
    await engine.drained();
    console.log(summary(tally));
    return tally.left === 0 ? 0 : 1;
  });
});
