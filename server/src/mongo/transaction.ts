import type { ClientSession, MongoClient, TransactionOptions } from 'mongodb';
import mongoose from 'mongoose';
import { endAbandonedTransactions } from './abandoned.ts';
import { isUnavailable, refusesWrites } from './unavailable.ts';

const { MongoError } = mongoose.mongo;

/** Stated for every transaction, because the defaults of a connection string must not weaken a booking. */
const TRANSACTION: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: { w: 'majority', journal: true },
  readPreference: 'primary',
};

/** A conflict that lasts longer is with a dead server: batches of a live one take milliseconds. */
const STUCK_AFTER_MS = 1_000;
/** WriteConflict and LockTimeout. */
const CONFLICTS: ReadonlySet<unknown> = new Set([112, 24]);

const INTERRUPTED = 11601;
const NO_SUCH_TRANSACTION = 251;

/** No commit before the deadline. It may have happened all the same: a retry with the same request id finds out. */
export class CommitTimeout extends Error {
  override name = 'CommitTimeout';
}

/** Thrown by a body whose guarded filter matched nothing: another writer was first, so the body must run again. */
export class GuardMissed extends Error {
  override name = 'GuardMissed';
}

/** The session of a transaction, for callers that hand it on and do not know the driver. */
export type Session = ClientSession;

interface TransactionRun {
  client: MongoClient;
  /** Monotonic milliseconds (`performance.now`). */
  monotonic: () => number;
  /** When to give up, in milliseconds of the same clock. */
  deadlineMs: number;
  /** A short random wait before a replay, so that two processes do not collide again. */
  sleepBeforeReplay: () => Promise<void>;
  /** Called before each replay, with its cause. */
  onReplay?: (cause: unknown) => void;
}

/**
 * Runs `body` in one transaction by the driver's rules: a transient error replays the whole body from fresh state, an
 * unknown commit result only the commit. Throws `CommitTimeout` after the deadline; rethrows any other error.
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
        await clearAbandoned(run);
        stuckMs = run.monotonic() + STUCK_AFTER_MS;
      }
      await run.sleepBeforeReplay();
    }
  }
}

/** Ends the transactions of dead servers. If that fails, the database ends them after its own time limit. */
async function clearAbandoned({ client, onReplay }: TransactionRun): Promise<void> {
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
      if (!isUnknownResult(error)) throw error;
      if (run.monotonic() >= run.deadlineMs) throw new CommitTimeout('Commit result unknown', { cause: error });
      run.onReplay?.(error);
      await run.sleepBeforeReplay();
    }
  }
}

/**
 * Resolves when all statements of one transaction have ended that were sent beside each other, after one that was
 * answered: the database takes them in any order, and the next one need not wait for an answer on its way. Throws the
 * error of the first that failed: that ends the transaction, so that those behind it find none.
 */
export async function allBesideEachOther(statements: readonly Promise<unknown>[]): Promise<void> {
  const failures = (await Promise.allSettled(statements)).flatMap((one) =>
    one.status === 'rejected' ? [one.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.find((error) => !foundNoTransaction(error)) ?? failures[0];
}

function foundNoTransaction(error: unknown): boolean {
  return error instanceof MongoError && error.code === NO_SUCH_TRANSACTION;
}

/** Whether the transaction may have been committed. The label of a transient error means that it certainly was not. */
function isUnknownResult(error: unknown): boolean {
  if (hasLabel(error, 'UnknownTransactionCommitResult') || isInterrupted(error)) return true;
  return foundNoTransaction(error) && !hasLabel(error, 'TransientTransactionError');
}

async function abort(session: ClientSession): Promise<void> {
  try {
    await session.abortTransaction();
  } catch (error) {
    // The database aborts the transaction of a lost session itself; the caller needs the first error.
    if (!(error instanceof MongoError)) throw error;
  }
}

/** Whether nothing was committed and the body may run again: a write conflict, a step-down or a lost connection. */
function isReplayable(error: unknown): boolean {
  if (error instanceof GuardMissed) return true;
  if (hasLabel(error, 'UnknownTransactionCommitResult') || refusesWrites(error)) return false;
  return hasLabel(error, 'TransientTransactionError') || isInterrupted(error) || isUnavailable(error);
}

/** Whether another server took this one for dead and ended its session. The result of a commit is unknown then. */
function isInterrupted(error: unknown): boolean {
  return error instanceof MongoError && error.code === INTERRUPTED;
}

/** Whether another transaction has written, or is writing, the same documents. */
export function isContention(error: unknown): boolean {
  return error instanceof GuardMissed || isConflict(error);
}

function isConflict(error: unknown): boolean {
  return error instanceof MongoError && CONFLICTS.has(error.code);
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}
