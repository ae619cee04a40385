import mongoose from 'mongoose';

const { MongoServerError } = mongoose.mongo;
const DUPLICATE_KEY = 11_000;

/** Whether a unique index refused the write: somebody else was first. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}
