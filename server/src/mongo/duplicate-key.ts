import mongoose from 'mongoose';

const { MongoServerError } = mongoose.mongo;
const DUPLICATE_KEY = 11_000;

/** The database refused one document of a command that is ours to read: the driver makes no error of it. */
export class WriteRefused extends Error {
  override name = 'WriteRefused';
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Whether a unique index refused the write: somebody else was first. */
export function isDuplicateKey(error: unknown): boolean {
  return (error instanceof MongoServerError || error instanceof WriteRefused) && error.code === DUPLICATE_KEY;
}
