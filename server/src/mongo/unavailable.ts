import mongoose from 'mongoose';

const { MongoError, MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;

/** Server error codes that mean "not now": not primary, shutting down, interrupted by a change of role. */
const NOT_NOW = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
const NOT_NOW_NAMES = new Set([
  'MongoPoolClearedError',
  'MongoPoolClosedError',
  'MongoTopologyClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoNotConnectedError',
  'MongoServerClosedError',
]);

/** Whether an error says that the database cannot answer now, rather than that we asked something wrong. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoNetworkError || error instanceof MongoServerSelectionError) return true;
  return NOT_NOW_NAMES.has(error.name) || (typeof error.code === 'number' && NOT_NOW.has(error.code));
}
