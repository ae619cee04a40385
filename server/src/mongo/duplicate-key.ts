import mongoose from 'mongoose';

const { MongoServerError } = mongoose.mongo;
const DUPLICATE_KEY = 11_000;

/** The database refused a document in a raw command, whose reply the driver does not turn into an error. */
export class WriteRefused extends Error {
  override name = 'WriteRefused';
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Whether a unique index refused the write, because another writer was first. */
export function isDuplicateKey(error: unknown): boolean {
  return (error instanceof MongoServerError || error instanceof WriteRefused) && error.code === DUPLICATE_KEY;
}
