import mongoose from 'mongoose';

const { MongoError, MongoNetworkError, MongoServerSelectionError } = mongoose.mongo;

/** Server error codes that mean "not now": not primary, shutting down, interrupted by a change of role, out of reach. */
const NOT_NOW = new Set([6, 7, 89, 91, 133, 189, 202, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/**
 * The database answers, and will not write: its disk is full, an operator has blocked writes, or a write took longer than
 * it may. Trying again at once is of no use.
 */
const REFUSES_WRITES = new Set([50, 64, 371, 14031]);
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
  return NOT_NOW_NAMES.has(error.name) || refusesWrites(error) || hasCodeOf(NOT_NOW, error);
}

/** Whether the database is there but takes no writes. */
export function refusesWrites(error: unknown): boolean {
  return error instanceof MongoError && hasCodeOf(REFUSES_WRITES, error);
}

function hasCodeOf(codes: ReadonlySet<number>, { code }: mongoose.mongo.MongoError): boolean {
  return typeof code === 'number' && codes.has(code);
}
