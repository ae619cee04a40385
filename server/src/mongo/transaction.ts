import type { ClientSession, MongoClient, TransactionOptions } from 'mongodb';
import mongoose from 'mongoose';
import { endAbandonedTransactions } from './abandoned.ts';
import { isUnavailable, refusesWrites } from './unavailable.ts';

const { MongoError } = mongoose.mongo;

/** Every transaction states its own concerns: a client's defaults must not weaken a booking. */
const TRANSACTION: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
};

/** Conflicts for so long are not with a server at work: its batches take milliseconds. */
const STUCK_AFTER_MS = 1_000;
/** WriteConflict and LockTimeout. */
const CONFLICTS: ReadonlySet<unknown> = new Set([112, 24]);

const INTERRUPTED = 11601;
const NO_SUCH_TRANSACTION = 251;

/** The database could not commit in time; whether it did is settled by a retry with the same requestId. */
export class CommitTimeout extends Error {
  override name = 'CommitTimeout';
}

/** Thrown by a body whose guarded filter matched nothing: another writer was here, it has to run again. */
export class GuardMissed extends Error {
  override name = 'GuardMissed';
}

export interface TransactionRun {
  client: MongoClient;
  /** Monotonic milliseconds (`performance.now`). */
  monotonic: () => number;
  /** When to give up, on the same clock. */
  deadlineMs: number;
  /** A short jittered wait before a replay, so that two processes do not collide in step. */
  pause: () => Promise<void>;
  /** Told of each replay, with its cause. */
  onReplay?: (cause: unknown) => void;
}

/**
 * Runs `body` in one transaction, with the driver's own rules: a transient error replays the whole body from fresh
 * state, an unknown commit result only the commit. Throws `CommitTimeout` after the deadline, any other error as it is.
 */
export async function runTransaction<T>(run: TransactionRun, body: (session: ClientSession) => Promise<T>): Promise<T> {
  let stuckMs = run.monotonic() + STUCK_AFTER_MS;
  for (;;) {
    try {
      return await attempt(run, body);
    } catch (error) {
      if (error instanceof CommitTimeout || !isReplayable(error)) throw error;
      if (run.monotonic() >= run.deadlineMs) throw new CommitTimeout('No commit before the deadline', { cause: error });
      run.onReplay?.(error);
      if (isConflict(error) && run.monotonic() >= stuckMs) {
        await unblock(run);
        stuckMs = run.monotonic() + STUCK_AFTER_MS;
      }
      await run.pause();
    }
  }
}

/** What a dead server has left in the way is cleared; where that cannot be done, the database does it in its own time. */
async function unblock({ client, onReplay }: TransactionRun): Promise<void> {
  try {
    await endAbandonedTransactions(client);
  } catch (error) {
    if (!(error instanceof MongoError)) throw error;
    onReplay?.(error);
  }
}

async function attempt<T>(run: TransactionRun, body: (session: ClientSession) => Promise<T>): Promise<T> {
  const session = run.client.startSession();
  try {
    session.startTransaction(TRANSACTION);
    const result = await body(session);
    await commit(run, session);
    return result;
  } catch (error) {
    if (session.inTransaction()) await abort(session);
    throw error;
  } finally {
    await session.endSession();
  }
}

async function commit(run: TransactionRun, session: ClientSession): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      if (!isUnknown(error)) throw error;
      if (run.monotonic() >= run.deadlineMs) throw new CommitTimeout('Commit result unknown', { cause: error });
      run.onReplay?.(error);
      await run.pause();
    }
  }
}

/** Asked again, the database tells: a transaction that is gone for certain bears the label of a transient error. */
function isUnknown(error: unknown): boolean {
  if (hasLabel(error, 'UnknownTransactionCommitResult') || isInterrupted(error)) return true;
  const gone = error instanceof MongoError && error.code === NO_SUCH_TRANSACTION;
  return gone && !hasLabel(error, 'TransientTransactionError');
}

async function abort(session: ClientSession): Promise<void> {
  try {
    await session.abortTransaction();
  } catch (error) {
    // The server aborts a transaction whose session is gone; the first error is the one that counts.
    if (!(error instanceof MongoError)) throw error;
  }
}

/** A write conflict, a step-down or a lost connection: nothing was committed, the body may run again. */
function isReplayable(error: unknown): boolean {
  if (error instanceof GuardMissed) return true;
  if (hasLabel(error, 'UnknownTransactionCommitResult') || refusesWrites(error)) return false;
  return hasLabel(error, 'TransientTransactionError') || isInterrupted(error) || isUnavailable(error);
}

/** Another server took this one for dead and has ended its session: of a commit that says nothing of what became of it. */
function isInterrupted(error: unknown): boolean {
  return error instanceof MongoError && error.code === INTERRUPTED;
}

/** Whether somebody else has written, or is writing, what this transaction wanted to write. */
export function isContention(error: unknown): boolean {
  return error instanceof GuardMissed || isConflict(error);
}

function isConflict(error: unknown): boolean {
  return error instanceof MongoError && CONFLICTS.has(error.code);
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}
