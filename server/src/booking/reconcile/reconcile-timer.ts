import type { Filter } from 'mongodb';
import type { Now } from '#server/clock.ts';
import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Lease } from '#server/jobs/lease.ts';
import type { DifferenceKind, EventReport, Reconcile } from './reconcile.ts';
import { DIFFERENCE_KINDS } from './reconcile.ts';

const EVERY_MS = 300_000;
/** Seats of events that are over for longer than this do not move any more; `npm run reconcile` looks at all. */
const OVER_MS = 86_400_000;

export interface ReconcileTimerOptions {
  reconcile: Pick<Reconcile, 'check'>;
  /** Of all processes on the database only the one that leads looks. */
  lease: Pick<Lease, 'hold'>;
  now: Now;
  random: () => number;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  log: Log;
}

/** What the last look found, for metrics. */
export interface LastReconcile {
  at: Date;
  events: number;
  differences: Record<DifferenceKind, number>;
}

/** Every five minutes, more or less: whether counters, bookings and ledger agree. Where they do not, the log says so. */
export function startReconcileTimer({ reconcile, lease, now, random, wait, log }: ReconcileTimerOptions) {
  const stopping = new AbortController();
  let last: LastReconcile | null = null;

  async function look(): Promise<void> {
    if (!(await lease.hold())) {
      last = null;
      return;
    }
    const found: LastReconcile = { at: now(), events: 0, differences: noDifferences() };
    for await (const report of reconcile.check(notLongOver(now()))) {
      if (stopping.signal.aborted) return;
      found.events += 1;
      for (const { kind } of report.differences) found.differences[kind] += 1;
      if (report.differences.length > 0) complain(report);
    }
    last = found;
  }

  function complain({ eventId, differences }: EventReport): void {
    const what = differences.map((difference) => difference.what);
    log.error({ eventId, differences: what }, 'Counters, bookings and ledger disagree: see npm run reconcile');
  }

  async function run(): Promise<void> {
    for (;;) {
      await wait(EVERY_MS * (0.5 + random()), stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        await look();
      } catch (error) {
        log.error({ err: error }, 'Counters, bookings and ledger could not be compared; tried again later');
      }
    }
  }

  const running = run();

  return {
    /** Looks now. */
    look,
    /** What was found last; null on a process that does not lead. */
    get last(): LastReconcile | null {
      return last;
    },
    async close(): Promise<void> {
      stopping.abort();
      await running;
    },
  };
}

export type ReconcileTimer = ReturnType<typeof startReconcileTimer>;

function notLongOver(at: Date): Filter<EventDoc> {
  const lately = { $gte: new Date(at.getTime() - OVER_MS) };
  return { $or: [{ startsAt: lately }, { endsAt: lately }] };
}

function noDifferences(): Record<DifferenceKind, number> {
  return Object.fromEntries(DIFFERENCE_KINDS.map((kind) => [kind, 0])) as Record<DifferenceKind, number>;
}
