import type { ClientSession, MongoClient } from 'mongodb';
import { runTransaction } from './transaction.ts';

const DEADLINE_MS = 8_000;

/** Runs `body` in one transaction and replays it after a conflict; throws `CommitTimeout` after 8 s. */
export type WithTransaction = <T>(body: (session: ClientSession) => Promise<T>) => Promise<T>;

interface WithTransactionOptions {
  client: MongoClient;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleepBeforeReplay: () => Promise<void>;
}

/** For rare writes, such as those of accounts; bookings are written by the engine. */
export function createWithTransaction({
  client,
  monotonic,
  sleepBeforeReplay,
}: WithTransactionOptions): WithTransaction {
  return (body) =>
    runTransaction({ client, monotonic, sleepBeforeReplay, deadlineMs: monotonic() + DEADLINE_MS }, body);
}
