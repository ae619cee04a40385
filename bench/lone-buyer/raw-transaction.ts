import mongoose, { Types } from 'mongoose';
import type { Percentiles } from '../../scripts/load/latencies.ts';
import { Latencies } from '../../scripts/load/latencies.ts';

/** A database of its own, which the server's change feed does not watch. */
const DATABASE = 'bench_transaction';

interface Counter {
  _id: Types.ObjectId;
  count: number;
}

/**
 * The least that a booking can cost: one transaction of one update, committed by a majority with its journal. One session
 * is kept, and neither retries nor callbacks come between, so that nothing but the database is measured.
 */
export async function openRawTransaction(uri: string) {
  const client = new mongoose.mongo.MongoClient(uri, { maxPoolSize: 1 });
  await client.connect();
  const counters = client.db(DATABASE).collection<Counter>('counters');
  const _id = new Types.ObjectId();
  await counters.insertOne({ _id, count: 0 });
  const session = client.startSession({
    defaultTransactionOptions: { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority', j: true } },
  });

  async function runTransaction(): Promise<void> {
    session.startTransaction();
    await counters.updateOne({ _id }, { $inc: { count: 1 } }, { session });
    await session.commitTransaction();
  }

  return {
    /** Transactions one after the other; resolves with their durations. */
    async measure(seconds: number): Promise<Percentiles> {
      const durations = new Latencies();
      const untilMs = performance.now() + seconds * 1_000;
      for (let startMs = performance.now(); startMs < untilMs; startMs = performance.now()) {
        await runTransaction();
        durations.record(performance.now() - startMs);
      }
      return durations.percentiles();
    },
    async close(): Promise<void> {
      await session.endSession();
      await client.close();
    },
  };
}
