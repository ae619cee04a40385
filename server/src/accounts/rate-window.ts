import { LRUCache } from 'lru-cache';
import type { Now } from '#server/clock.ts';

/** The least recently used keys beyond this number are dropped: bounds the memory under a flood of addresses. */
const MAX_KEYS = 50_000;

export type RateWindow = ReturnType<typeof createRateWindow>;

/** Counts per key in a fixed window of `windowMs`, which starts with the first count. */
export function createRateWindow({ max, windowMs, now }: { max: number; windowMs: number; now: Now }) {
  // Limited by size, because `max` would allocate memory for all keys at once, in each window.
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
    /** How long this key must wait, in milliseconds; 0 while its count is below `max`. */
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
