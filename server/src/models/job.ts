import type { ClientSession } from 'mongoose';
import { Schema, Types } from 'mongoose';
import type { Models } from './models.ts';

/** How far a job has come, in units of its own. */
export interface JobProgress {
  done: number;
  total: number;
}

/** Work outside the transaction that decided it; a job that is done stays as a record. */
export interface JobDoc {
  _id: Types.ObjectId;
  /** What the job is about, so that nothing is ever ordered twice. */
  key: string;
  kind: string;
  /** What its handler needs; each handler knows its own. */
  payload: Record<string, unknown>;
  state: 'waiting' | 'running' | 'done' | 'failed';
  /** How often a runner has taken it. */
  attempts: number;
  /** Not before this time. */
  nextAt: Date;
  /** Who works on it, and until when that counts without a renewal. */
  holder: string | null;
  lockedUntil: Date | null;
  progress: JobProgress | null;
  lastError: string | null;
  createdAt: Date;
  doneAt: Date | null;
}

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

jobSchema.index({ key: 1 }, { unique: true });
// What is due of a kind, oldest first, and what a dead runner has left behind.
jobSchema.index({ state: 1, kind: 1, nextAt: 1 });
jobSchema.index({ state: 1, lockedUntil: 1 });

/** A job that nobody has taken yet, without its id. */
export function newJobDoc(order: Pick<JobDoc, 'key' | 'kind' | 'payload'>, at: Date): Omit<JobDoc, '_id'> {
  const untouched = { holder: null, lockedUntil: null, progress: null, lastError: null, doneAt: null };
  return { ...order, ...untouched, state: 'waiting', attempts: 0, nextAt: at, createdAt: at };
}

/** Orders a job in the transaction of `session`, if there is one; a key that is taken throws. */
export async function insertJob(
  { jobs }: Pick<Models, 'jobs'>,
  order: Pick<JobDoc, 'key' | 'kind' | 'payload'>,
  at: Date,
  session?: ClientSession,
): Promise<void> {
  await jobs.collection.insertOne({ _id: new Types.ObjectId(), ...newJobDoc(order, at) }, session && { session });
}
