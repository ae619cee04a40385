import mongoose from 'mongoose';

const { MongoBulkWriteError, MongoServerError } = mongoose.mongo;
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

/** Whether unique indexes refused some of many documents, and nothing else was wrong. */
export function areDuplicateKeys(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return isDuplicateKey(error);
  return [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY);
}

/** Runs an upsert, and again if another server was first to insert the document. */
export async function insertedOnce<T>(upsert: () => PromiseLike<T>): Promise<T> {
  try {
    return await upsert();
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return upsert();
  }
}
