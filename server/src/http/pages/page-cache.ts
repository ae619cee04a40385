import { LRUCache } from 'lru-cache';
import type { RenderedPage } from './rendered-page.ts';

const FRESH_MS = 1_000;
const MOST_PAGES = 200;
const MOST_BYTES = 64 * 1_048_576;

interface PageCacheOptions {
  mostPages?: number;
  mostBytes?: number;
  /** Monotonic milliseconds. */
  perf?: { now(): number };
}

/**
 * A cache in which each public page is rendered at most once a second: a crowd on one page costs one rendering, and
 * requests that arrive meanwhile wait for it. An answer other than 200 goes to the requests that waited, and is not kept.
 */
export function createPageCache(options: PageCacheOptions = {}) {
  const { mostPages = MOST_PAGES, mostBytes = MOST_BYTES, perf = performance } = options;
  const pages = new LRUCache<string, RenderedPage, () => Promise<RenderedPage>>({
    max: mostPages,
    maxSize: mostBytes,
    // The page and its two compressed forms, which are made later and are not larger than itself.
    sizeCalculation: ({ body }) => 3 * body.byteLength + 1,
    ttl: FRESH_MS,
    ttlResolution: 0,
    perf,
    // A page that is evicted while it is rendered still answers every request that waits for it.
    ignoreFetchAbort: true,
    fetchMethod: (_address, _stale, { context: render }) => render(),
  });

  return {
    /** The page at this address; calls `render` if no fresh copy or running rendering exists, and rejects if it rejects. */
    async get(address: string, render: () => Promise<RenderedPage>): Promise<RenderedPage> {
      const page = await pages.forceFetch(address, { context: render });
      if (page.status !== 200 && pages.peek(address) === page) pages.delete(address);
      return page;
    },
    get size(): number {
      return pages.size;
    },
  };
}
