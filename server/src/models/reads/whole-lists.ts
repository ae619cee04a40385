import type { Types } from 'mongoose';
import { createJoinedReads } from './joined-reads.ts';

/** Most people own few documents. Owners with more on average are read one by one, by pages. */
const MOST_ON_AVERAGE = 20;

/** Documents that belong to users. */
interface Owned {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
}

/** Reads documents of these users, in any order, and at most `limit` of them. */
type FindOfUsers<D> = (userIds: readonly string[], limit: number) => Promise<D[]>;

/**
 * Reads all documents of a user, newest first, where several users ask at once: one read answers all of them, so that
 * thousands of clients that come back after a restart cost few reads. Resolves with null for a user who asks alone, and
 * where the users own too much to be read together: the caller then reads a page.
 */
export function createWholeLists<D extends Owned>(find: FindOfUsers<D>): (userId: string) => Promise<D[] | null> {
  return createJoinedReads<D[]>(async (userIds) => {
    if (userIds.length === 1) return new Map();
    const limit = userIds.length * MOST_ON_AVERAGE;
    const found = await find(userIds, limit + 1);
    return found.length > limit ? new Map() : byOwner(userIds, found);
  });
}

function byOwner<D extends Owned>(userIds: readonly string[], found: readonly D[]): Map<string, D[]> {
  const lists = new Map(userIds.map((userId): [string, D[]] => [userId, []]));
  const newestFirst = found.map((doc) => ({ doc, id: doc._id.toHexString() })).sort((a, b) => (a.id < b.id ? 1 : -1));
  for (const { doc } of newestFirst) lists.get(doc.userId.toHexString())?.push(doc);
  return lists;
}
