import { createHmac } from 'node:crypto';
import type { Now } from '#server/clock.ts';
import type { RateCountDoc } from '#server/models/servers/rate-count.ts';
import { insertedOnce } from '#server/mongo/duplicate-key.ts';
import type { Models } from '#server/models/models.ts';
import { networkOf } from './network.ts';

/** The window of a count unless another one is given. */
const WINDOW_MS = 15 * 60_000;

/** What is counted, and the count from which on it is refused. */
export interface CountLimit {
  key: string;
  max: number;
}

export type SharedCounts = ReturnType<typeof createSharedCounts>;

/**
 * Counts of rate limits in fixed windows, in the database, so that all servers and workers count together.
 * A database that cannot answer makes them throw: no limit is passed by that.
 */
export function createSharedCounts(deps: { models: Pick<Models, 'rateCounts'>; secret: string; now: Now }) {
  const { rateCounts } = deps.models;

  async function countKey(key: string, windowMs: number): Promise<void> {
    await insertedOnce(() =>
      rateCounts.updateOne({ _id: key }, [countOne(deps.now(), windowMs)], { upsert: true, updatePipeline: true }),
    );
  }

  const pseudonym = (text: string): string => createHmac('sha256', deps.secret).update(text).digest('base64url');

  return {
    /** A stable name of an account or a network that does not reveal it to a reader of the database. */
    pseudonym,
    /** The pseudonym of the network that an IP address belongs to. */
    networkPseudonym: (address: string): string => pseudonym(networkOf(address)),
    /** The longest time that one of these must wait, in milliseconds; 0 while all counts are below their limits. */
    async waitMs(limits: readonly CountLimit[]): Promise<number> {
      const now = deps.now();
      const keys = limits.map(({ key }) => key);
      const stored = await rateCounts.find({ _id: { $in: keys }, endsAt: { $gt: now } }).lean<RateCountDoc[]>();
      const counts = new Map(stored.map((doc) => [doc._id, doc]));
      const waits = limits.map(({ key, max }) => {
        const known = counts.get(key);
        return known && known.count >= max ? known.endsAt.getTime() - now.getTime() : 0;
      });
      return Math.max(0, ...waits);
    },
    /** Adds one to each; a window that begins with it lasts `windowMs`. */
    async count(keys: readonly string[], windowMs = WINDOW_MS): Promise<void> {
      await Promise.all(keys.map((key) => countKey(key, windowMs)));
    },
    /**
     * Adds one, however many ask at the same time. Returns the milliseconds until the window's end if that is over the
     * limit, else 0.
     */
    async take({ key, max }: CountLimit, windowMs: number): Promise<number> {
      const now = deps.now();
      const options = { upsert: true, updatePipeline: true, returnDocument: 'after' } as const;
      const after = await insertedOnce(() =>
        rateCounts.findOneAndUpdate({ _id: key }, [countOne(now, windowMs)], options).lean<RateCountDoc>(),
      );
      return after && after.count > max ? after.endsAt.getTime() - now.getTime() : 0;
    },
    async forget(key: string): Promise<void> {
      await rateCounts.deleteOne({ _id: key });
    },
    /** Deletes every count whose key begins like this. */
    async forgetAll(prefix: string): Promise<void> {
      await rateCounts.deleteMany({ _id: { $gte: prefix, $lt: `${prefix}\uffff` } });
    },
  };
}

/** An update that adds one to a running window, or begins a new one. */
function countOne(now: Date, windowMs: number) {
  const isRunning = { $gt: ['$endsAt', now] };
  return {
    $set: {
      count: { $cond: [isRunning, { $add: ['$count', 1] }, 1] },
      endsAt: { $cond: [isRunning, '$endsAt', new Date(now.getTime() + windowMs)] },
    },
  };
}
