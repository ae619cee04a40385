import type { Filter } from 'mongodb';
import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Lease } from '#server/jobs/lease.ts';
import type { Sweep, SweepOptions } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { DifferenceKind, EventReport, Reconcile } from './reconcile.ts';
import { DIFFERENCE_KINDS } from './reconcile.ts';

const INTERVAL_MS = 300_000;
/** The seats of events that ended before that do not change any more; `npm run reconcile` checks all events. */
const ENDED_MS = 86_400_000;

interface ReconcileTimerOptions {
  reconcile: Pick<Reconcile, 'check' | 'missingReceipts'>;
  /** Of all processes on the database only the holder of the lease checks. */
  lease: Pick<Lease, 'hold'>;
  now: Now;
  random: () => number;
  sleepOrAbort?: SweepOptions['sleepOrAbort'];
  log: Log;
}

/** The result of the last check, for metrics. */
export interface LastReconcile {
  at: Date;
  events: number;
  differences: Record<DifferenceKind, number>;
}

/**
 * Checks every five minutes, with jitter, whether counters, bookings, ledger, payments and receipts agree; logs what
 * differs.
 */
export function createReconcileTimer({ reconcile, lease, now, random, sleepOrAbort, log }: ReconcileTimerOptions) {
  const jitteredMs = () => INTERVAL_MS * (0.5 + random());
  let last: LastReconcile | null = null;

  async function check(closing?: AbortSignal): Promise<void> {
    if (!(await lease.hold())) {
      last = null;
      return;
    }
    const found: LastReconcile = { at: now(), events: 0, differences: noDifferences() };
    for await (const report of reconcile.check(notLongEnded(now()))) {
      if (closing?.aborted) return;
      found.events += 1;
      for (const { kind } of report.differences) found.differences[kind] += 1;
      if (report.differences.length > 0) logDifferences(report);
    }
    const missing = await reconcile.missingReceipts();
    found.differences.receipts += missing.length;
    if (missing.length > 0) log.error({ differences: missing }, 'Receipts are missing: see npm run reconcile');
    last = found;
  }

  function logDifferences({ eventId, differences }: EventReport): void {
    const what = differences.map((difference) => difference.what);
    log.error(
      { eventId, differences: what },
      'Counters, bookings, ledger and payments disagree: see npm run reconcile',
    );
  }

  async function sweep(closing: AbortSignal): Promise<number> {
    await check(closing);
    return jitteredMs();
  }

  const failure = 'Counters, bookings, ledger and payments could not be compared; this will be retried';
  // `check` asks for the lease itself: a process without it must forget its last result.
  const start = (): Sweep =>
    startSweep({ sweep, everyMs: INTERVAL_MS, firstMs: jitteredMs(), failure }, { sleepOrAbort, log });

  return {
    /** Repeats the check until the returned sweep is closed. */
    start,
    /** Checks now. */
    check: () => check(),
    /** The result of the last check; null on a process that does not hold the lease. */
    get last(): LastReconcile | null {
      return last;
    },
  };
}

function notLongEnded(at: Date): Filter<EventDoc> {
  const lately = { $gte: new Date(at.getTime() - ENDED_MS) };
  return { $or: [{ startsAt: lately }, { endsAt: lately }] };
}

function noDifferences(): Record<DifferenceKind, number> {
  return Object.fromEntries(DIFFERENCE_KINDS.map((kind) => [kind, 0])) as Record<DifferenceKind, number>;
}
