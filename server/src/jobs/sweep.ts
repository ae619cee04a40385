import type { Log } from '#server/log.ts';
import { sleepOrAbort, type SleepOrAbort } from '#server/sleep.ts';
import type { Lease } from './lease.ts';

/** A task that is repeated: it does what is due and says when the next run is due. */
export interface SweepTask {
  /** Does what is due; resolves with the milliseconds until the next run. `closing` aborts when the sweep is closed. */
  sweep(closing: AbortSignal): Promise<number>;
  /** The time until the next run after a failure, and while another process holds the lease. */
  everyMs: number;
  /** The time before the first run; 0 by default. */
  firstMs?: number;
  /** The log line of a failure. */
  failure: string;
}

/** How a process runs its sweeps. */
export interface SweepOptions {
  /** Of all processes on the database only the holder of the lease sweeps; without a lease each process does. */
  lease?: Pick<Lease, 'hold'>;
  sleepOrAbort?: SleepOrAbort | undefined;
  log: Pick<Log, 'error'>;
}

/** A running sweep. */
export interface Sweep {
  /** Resolves when the current run is finished; no further run begins. */
  close(): Promise<void>;
}

/** Repeats a task until the sweep is closed. A failure is logged, and the task retried. */
export function startSweep(task: SweepTask, options: SweepOptions): Sweep {
  const { lease, log } = options;
  const sleep = options.sleepOrAbort ?? sleepOrAbort;
  const { everyMs, firstMs = 0, failure } = task;
  const closing = new AbortController();

  async function once(): Promise<number> {
    try {
      if (lease && !(await lease.hold())) return everyMs;
      return await task.sweep(closing.signal);
    } catch (error) {
      log.error({ err: error }, failure);
      return everyMs;
    }
  }

  async function run(): Promise<void> {
    for (let waitMs = firstMs; ; waitMs = await once()) {
      await sleep(waitMs, closing.signal);
      if (closing.signal.aborted) return;
    }
  }

  const running = run();
  return {
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}
