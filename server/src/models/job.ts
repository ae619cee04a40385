import type { ClientSession, Model } from 'mongoose';
import { Schema, Types } from 'mongoose';
import { areDuplicateKeys } from '#server/mongo/duplicate-key.ts';
import { fillDefaults } from './defaults.ts';

/** Progress of a job, in units of its kind. */
export interface JobProgress {
  done: number;
  total: number;
}

/** Work that follows the transaction that decided it. A finished job stays stored. */
export interface JobDoc {
  _id: Types.ObjectId;
  /** Names the fact that the job follows from; unique, so that no job is added twice. */
  key: string;
  kind: string;
  /** Input of the handler, which parses it. */
  payload: Record<string, unknown>;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** How often a runner has taken the job. */
  attempts: number;
  /** The earliest time of the next attempt. */
  nextAt: Date;
  /** The runner that runs the job now. */
  holder: string | null;
  /** When the runner's lock ends, unless it is renewed. */
  lockedUntil: Date | null;
  progress: JobProgress | null;
  lastError: string | null;
  createdAt: Date;
  doneAt: Date | null;
}

/** The path of the event that a job belongs to; absent in jobs of no event, such as a mail to an account. */
export const JOB_EVENT = 'payload.eventId';
export const WAITING_BY_EVENT = 'waiting_by_event';
/** The keys of an index. */
export const BY_STATE_AND_KIND = { state: 1, kind: 1, nextAt: 1 } as const;

export const jobSchema = new Schema<JobDoc>(
  {
    key: { type: String, required: true },
    kind: { type: String, required: true },
    payload: { type: Schema.Types.Mixed, required: true },
    state: { type: String, required: true },
    attempts: { type: Number, required: true },
    nextAt: { type: Date, required: true },
    holder: { type: String, default: null },
    lockedUntil: { type: Date, default: null },
    progress: { type: Schema.Types.Mixed, default: null },
    lastError: { type: String, default: null },
    createdAt: { type: Date, required: true },
    doneAt: { type: Date, default: null },
  },
  { collection: 'jobs', versionKey: false, autoIndex: false, autoCreate: false },
);

fillDefaults(jobSchema);

jobSchema.index({ key: 1 }, { unique: true });
// Waiting jobs of a kind by event, each event's oldest first; partial, because finished jobs are many and only history.
jobSchema.index(
  { kind: 1, [JOB_EVENT]: 1, nextAt: 1 },
  { name: WAITING_BY_EVENT, partialFilterExpression: { state: 'waiting' } },
);
// The oldest waiting job of a kind, for the metric of its age.
jobSchema.index({ kind: 1, createdAt: 1 }, { partialFilterExpression: { state: 'waiting' } });
// Whether a job of some kinds is due, and failed jobs of a kind; and jobs whose runner has died.
jobSchema.index(BY_STATE_AND_KIND);
jobSchema.index({ state: 1, lockedUntil: 1 });

/** A new job, due at once, without its id. */
export function newJobDoc(job: Pick<JobDoc, 'key' | 'kind' | 'payload'>, at: Date): Omit<JobDoc, '_id'> {
  const untouched = { holder: null, lockedUntil: null, progress: null, lastError: null, doneAt: null };
  return { ...job, ...untouched, state: 'waiting', attempts: 0, nextAt: at, createdAt: at };
}

/** Adds a job, in the transaction of `session` if there is one. Throws a duplicate key error if its key exists. */
export async function insertJob(
  { jobs }: { jobs: Model<JobDoc> },
  job: Pick<JobDoc, 'key' | 'kind' | 'payload'>,
  at: Date,
  session?: ClientSession,
): Promise<void> {
  await jobs.collection.insertOne({ _id: new Types.ObjectId(), ...newJobDoc(job, at) }, session && { session });
}

/** Adds jobs; those whose key is stored already stay as they are. */
export async function insertMissingJobs(
  { jobs }: { jobs: Model<JobDoc> },
  docs: readonly Omit<JobDoc, '_id'>[],
): Promise<void> {
  try {
    const whole = docs.map((doc) => ({ _id: new Types.ObjectId(), ...doc }));
    await jobs.collection.insertMany(whole, { ordered: false });
  } catch (error) {
    if (!areDuplicateKeys(error)) throw error;
  }
}

/** Starts a failed job anew, with all its attempts; a job in any other state stays as it is. */
export async function restartFailedJob({ jobs }: { jobs: Model<JobDoc> }, key: string, at: Date): Promise<void> {
  const fresh = { state: 'waiting', attempts: 0, nextAt: at, lastError: null, doneAt: null } as const;
  await jobs.updateOne({ key, state: 'failed' }, { $set: fresh });
}
