import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { JobDoc, JobProgress } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';

/** How long a job stays locked by a runner that does not renew the lock. */
export const LOCK_MS = 15_000;
/** Between two searches for jobs whose runner has died. */
const LOOK_MS = 1_000;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 600_000;
const MAX_ERROR_LENGTH = 1_000;

export interface JobRecordsOptions {
  models: Pick<Models, 'jobs'>;
  kinds: readonly string[];
  /** Names this runner among all runners on the database. */
  holder: string;
  now: Now;
  random: () => number;
}

/**
 * The stored jobs as one runner reads and changes them. The filter of each change guards holder and attempt: a runner
 * that was taken for dead cannot change a job that another runner holds now; its change resolves with false.
 */
export function createJobRecords({ models, kinds, holder, now, random }: JobRecordsOptions) {
  let searchedAtMs = -Infinity;

  /**
   * Takes a job whose runner has died, else the job that has been due for longest; null if there is none. Two queries:
   * a single one would sort all due jobs each time a job is taken.
   */
  async function takeJob(): Promise<JobDoc | null> {
    const at = now();
    return (await takeAbandoned(at)) ?? claim({ state: 'waiting', nextAt: { $lte: at } }, at);
  }

  /** Searches at most once in LOOK_MS: abandoned jobs are rare, and a busy runner takes many jobs a second. */
  async function takeAbandoned(at: Date): Promise<JobDoc | null> {
    // The absolute distance: a clock that was set back must not stop the search.
    if (Math.abs(at.getTime() - searchedAtMs) < LOOK_MS) return null;
    const abandoned = await claim({ state: 'running', lockedUntil: { $lte: at } }, at);
    if (!abandoned) searchedAtMs = at.getTime();
    return abandoned;
  }

  function claim(due: QueryFilter<JobDoc>, at: Date): Promise<JobDoc | null> {
    return models.jobs
      .findOneAndUpdate(
        { kind: { $in: kinds }, ...due },
        { $set: { state: 'running', holder, lockedUntil: lockEnd(at) }, $inc: { attempts: 1 } },
        { sort: { nextAt: 1 }, returnDocument: 'after' },
      )
      .lean<JobDoc>()
      .exec();
  }

  /** Renews the lock, and stores the progress if there is one. */
  async function renew(job: JobDoc, progress?: JobProgress): Promise<boolean> {
    return update(job, { lockedUntil: lockEnd(now()), ...(progress && { progress }) });
  }

  async function finish(job: JobDoc): Promise<boolean> {
    return update(job, { ...FREE, state: 'done', lastError: null, doneAt: now() });
  }

  /** Schedules the next attempt; the pause doubles with each failure, to ten minutes at most. */
  async function postpone(job: JobDoc, error: unknown): Promise<boolean> {
    const longestMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (job.attempts - 1));
    const nextAt = new Date(now().getTime() + longestMs * (0.5 + random() / 2));
    return update(job, { ...FREE, state: 'waiting', nextAt, lastError: errorText(error) });
  }

  /** Ends the attempts; the job stays stored as failed, for a person to examine. */
  async function giveUp(job: JobDoc, error: unknown): Promise<boolean> {
    return update(job, { ...FREE, state: 'failed', lastError: errorText(error), doneAt: now() });
  }

  /** Returns the job at once, as if this runner had never taken it. */
  async function release(job: JobDoc): Promise<boolean> {
    return update(job, { ...FREE, state: 'waiting', attempts: job.attempts - 1 });
  }

  async function update({ _id, attempts }: JobDoc, set: Partial<JobDoc>): Promise<boolean> {
    const guard = { _id, holder, attempts, state: 'running' as const };
    const { matchedCount } = await models.jobs.updateOne(guard, { $set: set });
    return matchedCount === 1;
  }

  return { takeJob, renew, finish, postpone, giveUp, release };
}

const FREE = { holder: null, lockedUntil: null };

function lockEnd(at: Date): Date {
  return new Date(at.getTime() + LOCK_MS);
}

function errorText(error: unknown): string {
  return String(error).slice(0, MAX_ERROR_LENGTH);
}
