import type { Db, MongoClient } from 'mongodb';
import type { Engine } from '#server/booking/engine/engine.ts';
import { createHoldSweep } from '#server/booking/hold-sweep.ts';
import { createMissingJobsSweep } from '#server/booking/notifications/missing-jobs.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';
import { createReconcileTimer } from '#server/booking/reconcile/reconcile-timer.ts';
import { createWaitlistSweep } from '#server/booking/waitlist/sweep.ts';
import type { Now } from '#server/clock.ts';
import type { Retention } from '#server/config.ts';
import { createImageSweep } from '#server/images/image-sweep.ts';
import { createLease } from '#server/jobs/lease.ts';
import type { Sweep, SweepOptions, SweepTask } from '#server/jobs/sweep.ts';
import { startSweep } from '#server/jobs/sweep.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { createRetentionSweep } from '#server/retention/retention-sweep.ts';
import type { SleepOrAbort } from '#server/sleep.ts';

interface SweepsOptions {
  client: MongoClient;
  database: Db;
  models: Models;
  engine: Engine;
  payments: { start(options: SweepOptions): Sweep };
  /** Tasks of other parts. */
  tasks: readonly SweepTask[];
  retention: Retention;
  /** Names this process among all processes on the database. */
  holder: string;
  now: Now;
  random: () => number;
  sleepOrAbort: SleepOrAbort;
  log: Log;
}

/** The tasks that one process repeats for all processes on the database: the holder of the lease. */
export function composeSweeps(options: SweepsOptions) {
  const { client, database, models, engine, payments, tasks, retention } = options;
  const { holder, now, random, sleepOrAbort, log } = options;
  const lease = createLease({ models, name: 'holds', holder, now });
  const sweepOptions = { lease, sleepOrAbort, log };
  const reconcile = createReconcile({ client, database });
  const reconcileTimer = createReconcileTimer({ reconcile, lease, now, random, sleepOrAbort, log });
  const { doneJobDays } = retention;
  const missingJobs = createMissingJobsSweep({ models, doneJobDays, now, log });
  const running: Sweep[] = [];

  return {
    reconcileTimer,
    start(): void {
      running.push(
        startSweep(createHoldSweep({ models, engine, now }), sweepOptions),
        startSweep(createWaitlistSweep({ models, engine, now }), sweepOptions),
        startSweep(missingJobs, sweepOptions),
        payments.start(sweepOptions),
        reconcileTimer.start(),
        startSweep(createRetentionSweep({ models, retention, now }), sweepOptions),
        startSweep(createImageSweep({ models, now }), sweepOptions),
        ...tasks.map((task) => startSweep(task, sweepOptions)),
      );
    },
    /** Resolves when the current runs are finished, and releases the lease if the database takes writes. */
    async close(): Promise<void> {
      await Promise.all(running.map((sweep) => sweep.close()));
      try {
        await lease.release();
      } catch (error) {
        log.warn({ err: error }, 'The lease of the sweeps could not be released; it lapses within seconds');
      }
    },
  };
}
