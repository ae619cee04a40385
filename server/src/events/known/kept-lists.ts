import { LRUCache } from 'lru-cache';
import type { Now } from '#server/clock.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok } from '#shared/protocol/errors.ts';

const MOST_LISTS = 2_000;

/** One page of a list: the ids of its events in their order, and how many events there are on all pages. */
export interface ListedIds {
  ids: string[];
  total: number;
  /** When an event begins or ends, which changes the list by itself. */
  until: Date | null;
}

interface KeptListsOptions {
  /** Counts the changes of events that may change a list; null while changes would not be noticed. */
  generation: () => number | null;
  now: Now;
}

/**
 * Pages of lists as the database gave them, by what was asked for: kept until an event is created, edited, cancelled,
 * begins or ends.
 */
export function createKeptLists({ generation, now }: KeptListsOptions) {
  const lists = new LRUCache<string, { list: ListedIds; generation: number }>({ max: MOST_LISTS });

  return {
    /** The kept page, or else what `read` gives, which is kept if nothing changed while it was read. */
    async get(key: string, read: () => Promise<Result<ListedIds>>): Promise<Result<ListedIds>> {
      const present = generation();
      const kept = lists.get(key);
      const isKept = kept?.generation === present && (kept.list.until === null || now() <= kept.list.until);
      if (isKept) return ok(kept.list);
      const answer = await read();
      if (answer.ok && present !== null && present === generation())
        lists.set(key, { list: answer.data, generation: present });
      return answer;
    },
  };
}
