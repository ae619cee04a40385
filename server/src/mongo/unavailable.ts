import mongoose from 'mongoose';

const { MongoError, MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;

/** Error codes of a database that will answer again: not primary, shutting down, changing its role, out of reach. */
const NOT_NOW = new Set([6, 7, 89, 91, 133, 189, 202, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/**
 * Error codes of a database that answers but does not write: its disk is full, an operator has blocked writes, or a
 * write exceeded its time limit. A retry at once would fail again.
 */
const REFUSES_WRITES = new Set([50, 64, 371, 14031]);
const EXCEEDED_TIME_LIMIT = 50;
const NOT_NOW_NAMES = new Set([
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoServerClosedError',
]);

/** Whether the database or its driver threw the error, rather than our own code. */
export function isDatabaseError(error: unknown): boolean {
  return error instanceof MongoError;
}

/** Whether the error means that the database cannot answer now, rather than that the request was wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  return NOT_NOW_NAMES.has(error.name) || refusesWrites(error) || hasCodeIn(NOT_NOW, error);
}

/** Whether the error means that the database is reachable but takes no writes. */
export function refusesWrites(error: unknown): boolean {
  return error instanceof MongoError && hasCodeIn(REFUSES_WRITES, error);
}

/** Whether the database gave up a command because it took longer than its own limit (`maxTimeMS`). */
export function exceedsTimeLimit(error: unknown): boolean {
  return error instanceof MongoError && error.code === EXCEEDED_TIME_LIMIT;
}

function hasCodeIn(codes: ReadonlySet<number>, { code }: mongoose.mongo.MongoError): boolean {
  return typeof code === 'number' && codes.has(code);
}
