import type { Log } from '#server/log.ts';
import type { JobDoc, JobProgress } from '#server/models/job.ts';
import type { JobRecordsOptions } from './job-records.ts';
import { createJobRecords, LOCK_MS } from './job-records.ts';

const POLL_MS = 1_000;
const RENEW_MS = LOCK_MS / 3;
/** How long a job in work may take to stop; what is left is taken over by another runner. */
const CLOSE_MS = 2_000;
/** With the pauses between them some two hours: longer than an outage of a provider usually lasts. */
const MAX_ATTEMPTS = 20;

export interface JobRun {
  /** Tells how far the job has come; also visible on its record. */
  progress(progress: JobProgress): Promise<void>;
  /** Aborted when the server closes, or when another runner has the job now: stop and throw. */
  signal: AbortSignal;
}

/** Does a job of one kind. It may have been begun before, by a runner that died anywhere: it must be safe to run again. */
export type JobHandler = (payload: unknown, run: JobRun) => Promise<void>;

export interface JobRunnerOptions extends Omit<JobRecordsOptions, 'kinds'> {
  handlers: Readonly<Record<string, JobHandler>>;
  /** Resolves after that time, or as soon as the signal is aborted. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  log: Log;
  maxAttempts?: number;
  /** How many jobs are in work at once: one that waits for somebody else must not hold up the others. */
  lanes?: number;
}

/** Does the jobs of its handlers' kinds, oldest first, one in each lane, beside any number of other runners. */
export function createJobRunner(options: JobRunnerOptions) {
  const { models, holder, handlers, now, random, wait, log, maxAttempts = MAX_ATTEMPTS, lanes = 1 } = options;
  const records = createJobRecords({ models, kinds: Object.keys(handlers), holder, now, random });
  const stopping = new AbortController();
  const counts = { done: 0, retried: 0, failed: 0 };
  const working = new Set<Promise<void>>();
  let woken = new AbortController();
  let running: Promise<void> = Promise.resolve();

  /** Begins what is due in the lanes that are free; answers how many jobs were taken. */
  async function takeDue(): Promise<number> {
    for (let taken = 0; ; taken += 1) {
      // One job after the other: lanes that each looked for themselves would reach for the same one.
      const job = stopping.signal.aborted || working.size >= lanes ? null : await records.take();
      if (!job) return taken;
      const work: Promise<void> = carryOut(job).finally(() => {
        working.delete(work);
        // This lane is free.
        woken.abort();
      });
      working.add(work);
    }
  }

  /** Does every job that is due; answers how many were taken. */
  async function runDue(): Promise<number> {
    for (let all = 0; ;) {
      const taken = await takeDue();
      if (taken + working.size === 0) return all;
      all += taken;
      await Promise.race(working);
    }
  }

  async function carryOut(job: JobDoc): Promise<void> {
    try {
      if (job.attempts > maxAttempts) await fail(job, new Error('Its runner died in the last attempt'));
      else await attempt(job);
    } catch (error) {
      log.error({ job: job.key, err: error }, 'A job cannot be put back just now: another runner will take it');
    }
  }

  async function attempt(job: JobDoc): Promise<void> {
    const lost = new AbortController();
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, lost.signal]);
    const keeping = keep(job, lost, over.signal);
    try {
      await handle(job, { signal, progress: (progress) => tell(job, progress, lost) });
      if (await records.finish(job)) counts.done += 1;
    } catch (error) {
      if (stopping.signal.aborted) await records.release(job);
      else if (!lost.signal.aborted) await retry(job, error);
    } finally {
      over.abort();
      await keeping;
    }
  }

  async function handle(job: JobDoc, run: JobRun): Promise<void> {
    const handler = handlers[job.kind];
    if (!handler) throw new Error(`No handler for jobs of kind ${job.kind}`);
    await handler(job.payload, run);
  }

  async function tell(job: JobDoc, progress: JobProgress, lost: AbortController): Promise<void> {
    if (!(await records.renew(job, progress))) lost.abort(new Error('Another runner has this job now'));
  }

  /** Renews the lock for as long as the job is in work. */
  async function keep(job: JobDoc, lost: AbortController, over: AbortSignal): Promise<void> {
    for (;;) {
      await wait(RENEW_MS, over);
      if (over.aborted || lost.signal.aborted) return;
      try {
        if (!(await records.renew(job))) lost.abort(new Error('Another runner has this job now'));
      } catch (error) {
        log.warn({ job: job.key, err: error }, 'The lock of a job could not be renewed and is tried again');
      }
    }
  }

  async function retry(job: JobDoc, error: unknown): Promise<void> {
    if (job.attempts >= maxAttempts) return fail(job, error);
    counts.retried += 1;
    log.warn({ job: job.key, attempts: job.attempts, err: error }, 'A job went wrong and is tried again later');
    await records.postpone(job, error);
  }

  async function fail(job: JobDoc, error: unknown): Promise<void> {
    counts.failed += 1;
    const { key, kind, attempts } = job;
    log.error({ job: key, kind, attempts, err: error }, 'A job failed for good: it needs a person to look at it');
    await records.giveUp(job, error);
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = new AbortController();
      try {
        await takeDue();
      } catch (error) {
        log.error({ err: error }, 'Jobs cannot be taken just now: tried again');
      }
      await wait(POLL_MS * (0.5 + random()), AbortSignal.any([stopping.signal, woken.signal]));
    }
    await Promise.all(working);
  }

  return {
    counts,
    runDue,
    /** Looks for due jobs again and again until `close`. */
    start(): void {
      running = run();
    },
    /** There may be a new job: no need to wait for the next look. */
    wake(): void {
      woken.abort();
    },
    /** Stops the jobs in work and gives them back; within two seconds. */
    async close(): Promise<void> {
      stopping.abort(new Error('The server is closing'));
      const closed = new AbortController();
      await Promise.race([running, wait(CLOSE_MS, closed.signal)]);
      closed.abort();
    },
  };
}

export type JobRunner = ReturnType<typeof createJobRunner>;
