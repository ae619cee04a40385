import mongoose from 'mongoose';
import { CommitTimeout } from './transaction.ts';
import { isUnavailable } from './unavailable.ts';

/** Labels that the driver and the server put on errors that a retry may not meet. */
const TRANSIENT_LABELS = ['TransientTransactionError', 'UnknownTransactionCommitResult', 'RetryableWriteError'];
/** A cause is rarely more than two deep; a cycle of causes must end. */
const DEEPEST_CAUSE = 8;

/** Whether an error, or one of its causes, says that the database cannot answer now: a retry may succeed. */
export function isTransient(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    if (isUnavailable(cause) || hasTransientLabel(cause) || cause instanceof CommitTimeout) return true;
    cause = cause.cause;
  }
  return false;
}

function hasTransientLabel(error: Error): boolean {
  return error instanceof mongoose.mongo.MongoError && TRANSIENT_LABELS.some((label) => error.hasErrorLabel(label));
}
