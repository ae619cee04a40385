import type { QueryFilter, QueryOptions } from 'mongoose';
import type { Now } from '#server/clock.ts';
import type { JobDoc, JobProgress } from '#server/models/job.ts';
import { BY_STATE_AND_KIND, JOB_EVENT, WAITING_BY_EVENT } from '#server/models/job.ts';
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
  /** The event of the job that was taken last, by kind; '' for a job of no event. */
  const lastEvents = new Map<string, string>();
  let kindsTried = 0;

  /** Takes a job whose runner has died, else one that is due; null if there is none. */
  async function takeJob(): Promise<JobDoc | null> {
    const at = now();
    return (await takeAbandoned(at)) ?? takeDue(at);
  }

  /** Searches at most once in LOOK_MS: abandoned jobs are rare, and a busy runner takes many jobs a second. */
  async function takeAbandoned(at: Date): Promise<JobDoc | null> {
    // The absolute distance: a clock that was set back must not stop the search.
    if (Math.abs(at.getTime() - searchedAtMs) < LOOK_MS) return null;
    const abandoned = await claim({ state: 'running', kind: { $in: kinds }, lockedUntil: { $lte: at } }, at);
    if (!abandoned) searchedAtMs = at.getTime();
    return abandoned;
  }

  async function takeDue(at: Date): Promise<JobDoc | null> {
    // One read for all kinds: a runner without due jobs would otherwise send as many commands as it has kinds.
    return (await isAnyDue(at)) ? takeInTurn(at) : null;
  }

  async function isAnyDue(at: Date): Promise<boolean> {
    const due = { state: 'waiting', kind: { $in: kinds }, nextAt: { $lte: at } } as const;
    return (await models.jobs.exists(due).hint(BY_STATE_AND_KIND).lean().exec()) !== null;
  }

  /** Takes the kinds in turn, so that none waits behind another's backlog. */
  async function takeInTurn(at: Date): Promise<JobDoc | null> {
    for (const tried of kinds.keys()) {
      const kind = kinds[(kindsTried + tried) % kinds.length];
      const job = kind === undefined ? null : await takeOfNextEvent(kind, at);
      if (!job) continue;
      kindsTried += tried + 1;
      return job;
    }
    return null;
  }

  /** Takes the events of a kind in turn, and of each event the job that has been due for longest. */
  async function takeOfNextEvent(kind: string, at: Date): Promise<JobDoc | null> {
    const due = { state: 'waiting', kind, nextAt: { $lte: at } } as const;
    const last = lastEvents.get(kind);
    const ofNext =
      last === undefined ? null : await claim({ ...due, [JOB_EVENT]: { $gt: last } }, at, IN_ORDER_OF_EVENTS);
    const job = ofNext ?? (await claim(due, at, IN_ORDER_OF_EVENTS));
    if (job) lastEvents.set(kind, eventOf(job));
    else lastEvents.delete(kind);
    return job;
  }

  function claim(due: QueryFilter<JobDoc>, at: Date, order: ClaimOrder = {}): Promise<JobDoc | null> {
    return models.jobs
      .findOneAndUpdate(
        due,
        { $set: { state: 'running', holder, lockedUntil: lockEnd(at) }, $inc: { attempts: 1 } },
        { ...order, returnDocument: 'after' },
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

type ClaimOrder = Pick<QueryOptions<JobDoc>, 'sort' | 'hint'>;

/** The hint keeps the planner from an index that would make it sort the whole backlog for each job. */
const IN_ORDER_OF_EVENTS: ClaimOrder = { sort: { [JOB_EVENT]: 1, nextAt: 1 }, hint: WAITING_BY_EVENT };

/** '' sorts before every event: jobs of no event have their turn between the last event and the first. */
function eventOf({ payload }: JobDoc): string {
  return typeof payload['eventId'] === 'string' ? payload['eventId'] : '';
}

const FREE = { holder: null, lockedUntil: null };

function lockEnd(at: Date): Date {
  return new Date(at.getTime() + LOCK_MS);
}

function errorText(error: unknown): string {
  return String(error).slice(0, MAX_ERROR_LENGTH);
}
