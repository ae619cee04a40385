import type { ClientSession, MongoClient } from 'mongodb';
import { runTransaction } from './transaction.ts';

const DEADLINE_MS = 8_000;

/** Runs a body in one transaction, again where another writer was in its way; throws `CommitTimeout` after 8 s. */
export type WithTransaction = <T>(body: (session: ClientSession) => Promise<T>) => Promise<T>;

export interface WithTransactionOptions {
  client: MongoClient;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  pause: () => Promise<void>;
}

/** For what is written now and then: bookings have their engine. */
export function createWithTransaction({ client, monotonic, pause }: WithTransactionOptions): WithTransaction {
  return (body) => runTransaction({ client, monotonic, pause, deadlineMs: monotonic() + DEADLINE_MS }, body);
}
