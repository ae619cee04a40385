import type { Log } from '#server/log.ts';
import type { JobDoc, JobProgress } from '#server/models/job.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import { JobWaits } from './job-waits.ts';
import type { JobRecordsOptions } from './job-records.ts';
import { createJobRecords, LOCK_MS } from './job-records.ts';

const POLL_MS = 1_000;
const RENEW_MS = LOCK_MS / 3;
/** How long a running job may take to stop; another runner takes over a job that takes longer. */
const CLOSE_MS = 2_000;
/** About two hours with the pauses between: longer than an outage of a provider usually lasts. */
const MAX_ATTEMPTS = 20;

export interface JobRun {
  /** Stores how far the job has come, and renews its lock. */
  progress(progress: JobProgress): Promise<void>;
  /** Aborts when the server closes or another runner has taken the job: the handler must stop and throw. */
  signal: AbortSignal;
}

/** Runs a job of one kind. Must be safe to run again: an earlier runner may have died at any point of the same job. */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<void>;

export interface JobRunnerOptions extends Omit<JobRecordsOptions, 'kinds'> {
  handlers: Readonly<Record<string, JobHandler>>;
  sleepOrAbort: SleepOrAbort;
  log: Log;
  maxAttempts?: number;
  /** How many jobs run at once; a job that waits for another system must not delay the others. Default: 1. */
  lanes?: number;
}

/** Runs the jobs of its handlers' kinds, their events in turn, one per lane, beside any number of other runners. */
export function createJobRunner(options: JobRunnerOptions) {
  const { models, holder, handlers, now, random, sleepOrAbort, log, maxAttempts = MAX_ATTEMPTS, lanes = 1 } = options;
  const records = createJobRecords({ models, kinds: Object.keys(handlers), holder, now, random });
  const stopping = new AbortController();
  const counts = { done: 0, retried: 0, failed: 0 };
  const busyLanes = new Set<Promise<void>>();
  let woken = new AbortController();
  let running: Promise<void> = Promise.resolve();

  /** Starts due jobs in the free lanes; resolves with the number of jobs taken. */
  async function takeDue(): Promise<number> {
    for (let taken = 0; ; taken += 1) {
      // One after the other: lanes that searched in parallel would compete for the same job.
      const job = stopping.signal.aborted || busyLanes.size >= lanes ? null : await records.takeJob();
      if (!job) return taken;
      const lane: Promise<void> = runJob(job).finally(() => {
        busyLanes.delete(lane);
        woken.abort();
      });
      busyLanes.add(lane);
    }
  }

  /** Runs every due job to its end; resolves with the number of jobs taken. */
  async function runDue(): Promise<number> {
    for (let all = 0; ;) {
      const taken = await takeDue();
      if (taken + busyLanes.size === 0) return all;
      all += taken;
      await Promise.race(busyLanes);
    }
  }

  async function runJob(job: JobDoc): Promise<void> {
    try {
      if (job.attempts > maxAttempts) await fail(job, new Error('The runner died during the last attempt'));
      else await attempt(job);
    } catch (error) {
      log.error(
        { job: job.key, err: error },
        'The outcome of a job could not be stored; another runner will take the job',
      );
    }
  }

  async function attempt(job: JobDoc): Promise<void> {
    const lost = new AbortController();
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, lost.signal]);
    const renewing = renewLock(job, lost, over.signal);
    try {
      await handle(job, { signal, progress: (progress) => storeProgress(job, progress, lost) });
      if (await records.finish(job)) counts.done += 1;
    } catch (error) {
      if (stopping.signal.aborted) await records.release(job);
      else if (!lost.signal.aborted) await retry(job, error);
    } finally {
      over.abort();
      await renewing;
    }
  }

  async function handle(job: JobDoc, run: JobRun): Promise<void> {
    const handler = handlers[job.kind];
    if (!handler) throw new Error(`No handler for jobs of kind ${job.kind}`);
    await handler(job.payload, run);
  }

  async function storeProgress(job: JobDoc, progress: JobProgress, lost: AbortController): Promise<void> {
    if (!(await records.renew(job, progress))) lost.abort(new Error('Another runner has taken this job'));
  }

  /** Renews the job's lock until `over` aborts. Aborts `lost` if another runner holds the job. */
  async function renewLock(job: JobDoc, lost: AbortController, over: AbortSignal): Promise<void> {
    for (;;) {
      await sleepOrAbort(RENEW_MS, over);
      if (over.aborted || lost.signal.aborted) return;
      try {
        if (!(await records.renew(job))) lost.abort(new Error('Another runner has taken this job'));
      } catch (error) {
        log.warn({ job: job.key, err: error }, 'The lock of a job could not be renewed; trying again');
      }
    }
  }

  async function retry(job: JobDoc, error: unknown): Promise<void> {
    if (job.attempts >= maxAttempts) return fail(job, error);
    counts.retried += 1;
    logRetry(job, error);
    await records.postpone(job, error);
  }

  function logRetry({ key, attempts }: JobDoc, error: unknown): void {
    if (!(error instanceof JobWaits)) log.warn({ job: key, attempts, err: error }, 'A job failed and is retried later');
    else if (attempts === 1) log.info({ job: key, reason: error.message }, 'A job waits and is retried later');
  }

  async function fail(job: JobDoc, error: unknown): Promise<void> {
    counts.failed += 1;
    const { key, kind, attempts } = job;
    log.error({ job: key, kind, attempts, err: error }, 'A job failed for good and needs a person to examine it');
    await records.giveUp(job, error);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      try {
        await takeDue();
      } catch (error) {
        log.error({ err: error }, 'Jobs could not be read; trying again');
      }
      await sleepOrAbort(POLL_MS * (0.5 + random()), AbortSignal.any([stopping.signal, woken.signal]));
    }
    await Promise.all(busyLanes);
  }

  return {
    kinds: Object.keys(handlers),
    counts,
    runDue,
    /** Runs due jobs until `close`. */
    start(): void {
      running = run();
    },
    /** Looks for new jobs now instead of at the next poll. */
    wake(): void {
      woken.abort();
    },
    /** Stops the running jobs and returns them to the other runners; takes two seconds at most. */
    async close(): Promise<void> {
      stopping.abort(new Error('The server is closing'));
      const closed = new AbortController();
      await Promise.race([running, sleepOrAbort(CLOSE_MS, closed.signal)]);
      closed.abort();
    },
  };
}
