import mongoose from 'mongoose';
import { isUnavailable } from '#server/mongo/unavailable.ts';

/** Labels that the driver and the server put on errors which a later attempt may not meet. */
const PASSING = ['TransientTransactionError', 'UnknownTransactionCommitResult', 'RetryableWriteError'];
/** A cause is rarely more than two deep; a cycle must not hold us. */
const DEEPEST_CAUSE = 8;

/** Whether an error, or what caused it, says that the database cannot answer now: a retry settles it. */
export function isTransient(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && cause instanceof Error; depth += 1) {
    if (isUnavailable(cause) || hasPassingLabel(cause)) return true;
    cause = cause.cause;
  }
  return false;
}

function hasPassingLabel(error: Error): boolean {
  return error instanceof mongoose.mongo.MongoError && PASSING.some((label) => error.hasErrorLabel(label));
}
