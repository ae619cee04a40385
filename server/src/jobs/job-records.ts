import type { QueryFilter } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { JobDoc, JobProgress } from '#server/models/job.ts';
import type { Models } from '#server/models/models.ts';

/** How long a job stays with a runner that does not say that it is still at it. */
export const LOCK_MS = 15_000;
/** Between two looks for jobs whose runner has died. */
export const LOOK_MS = 1_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 600_000;
const MAX_ERROR_LENGTH = 1_000;

export interface JobRecordsOptions {
  models: Pick<Models, 'jobs'>;
  kinds: readonly string[];
  /** Names this runner among all that work on the database. */
  holder: string;
  now: Now;
  random: () => number;
}

/**
 * The records of jobs as one runner sees them. Each change is guarded by holder and attempt: a runner that was taken
 * for dead cannot speak for a job that another has taken over; it is answered false.
 */
export function createJobRecords({ models, kinds, holder, now, random }: JobRecordsOptions) {
  let lookedAtMs = -Infinity;

  /**
   * Takes a job whose runner has died, else the one that has been due for longest. One question each: together they
   * would have all that is due sorted for every job that is taken.
   */
  async function take(): Promise<JobDoc | null> {
    const at = now();
    return (await takeDead(at)) ?? claim({ state: 'waiting', nextAt: { $lte: at } }, at);
  }

  /** There are hardly ever any: while jobs are done one after the other it is not asked for each. */
  async function takeDead(at: Date): Promise<JobDoc | null> {
    // A clock that was set back must not stop it.
    if (Math.abs(at.getTime() - lookedAtMs) < LOOK_MS) return null;
    const dead = await claim({ state: 'running', lockedUntil: { $lte: at } }, at);
    if (!dead) lookedAtMs = at.getTime();
    return dead;
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

  /** Keeps the job for another while, and says how far it has come. */
  async function renew(job: JobDoc, progress?: JobProgress): Promise<boolean> {
    return change(job, { lockedUntil: lockEnd(now()), ...(progress && { progress }) });
  }

  async function finish(job: JobDoc): Promise<boolean> {
    return change(job, { ...FREE, state: 'done', lastError: null, doneAt: now() });
  }

  /** Tries again later, the later the more often it went wrong. */
  async function postpone(job: JobDoc, error: unknown): Promise<boolean> {
    const longestMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (job.attempts - 1));
    const nextAt = new Date(now().getTime() + longestMs * (0.5 + random() / 2));
    return change(job, { ...FREE, state: 'waiting', nextAt, lastError: describe(error) });
  }

  /** Not tried again; it stays listed for a person to look at. */
  async function giveUp(job: JobDoc, error: unknown): Promise<boolean> {
    return change(job, { ...FREE, state: 'failed', lastError: describe(error), doneAt: now() });
  }

  /** Leaves the job to others at once, as if this runner had never taken it. */
  async function release(job: JobDoc): Promise<boolean> {
    return change(job, { ...FREE, state: 'waiting', attempts: job.attempts - 1 });
  }

  async function change({ _id, attempts }: JobDoc, set: Partial<JobDoc>): Promise<boolean> {
    const mine = { _id, holder, attempts, state: 'running' as const };
    const { matchedCount } = await models.jobs.updateOne(mine, { $set: set });
    return matchedCount === 1;
  }

  return { take, renew, finish, postpone, giveUp, release };
}

export type JobRecords = ReturnType<typeof createJobRecords>;

const FREE = { holder: null, lockedUntil: null };

function lockEnd(at: Date): Date {
  return new Date(at.getTime() + LOCK_MS);
}

function describe(error: unknown): string {
  return String(error).slice(0, MAX_ERROR_LENGTH);
}
