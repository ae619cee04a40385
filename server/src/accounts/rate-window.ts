import { LRUCache } from 'lru-cache';
import type { Now } from '#server/clock.ts';

/** Beyond this many keys the least recently used are forgotten: memory stays bounded under any flood. */
const MAX_KEYS = 50_000;

export type RateWindow = ReturnType<typeof createRateWindow>;

/** Counts per key in windows of `windowMs`, each begun by its first count. */
export function createRateWindow({ max, windowMs, now }: { max: number; windowMs: number; now: Now }) {
  // By size: by number, room for all of them would be made at once, here and at each limit.
  const counts = new LRUCache<string, { count: number; endsAt: number }>({
    maxSize: MAX_KEYS,
    sizeCalculation: () => 1,
  });

  function current(key: string): { count: number; endsAt: number } {
    const at = now().getTime();
    const known = counts.get(key);
    if (known && known.endsAt > at) return known;
    return { count: 0, endsAt: at + windowMs };
  }

  return {
    /** How long this key has to wait, in milliseconds; 0 while it is below `max`. */
    waitMs(key: string): number {
      const { count, endsAt } = current(key);
      return count < max ? 0 : endsAt - now().getTime();
    },
    count(key: string): void {
      const { count, endsAt } = current(key);
      counts.set(key, { count: count + 1, endsAt });
    },
    forget(key: string): void {
      counts.delete(key);
    },
  };
}
