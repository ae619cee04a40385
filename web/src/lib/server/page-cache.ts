import { knownSearch } from '#lib/i18n/known-search.ts';
import type { RenderedPage } from './rendered-page.ts';

interface Entry {
  page: Promise<RenderedPage>;
  /** Infinity while the page is being rendered. */
  freshUntilMs: number;
}

export interface PageCacheOptions {
  /** How long a page may be shown again, in milliseconds. */
  freshMs: number;
  /** How many pages are kept; the oldest goes first. */
  maxPages: number;
  now: () => number;
}

/** Keeps public pages for a moment: a crowd on one page costs one rendering, also while it is still being rendered. */
export class PageCache {
  readonly #options: PageCacheOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: PageCacheOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The page under `key`, rendered at most once at a time. Only successes are kept; a failure reaches all who wait. */
  get(key: string, render: () => Promise<RenderedPage>): Promise<RenderedPage> {
    const known = this.#entries.get(key);
    if (known !== undefined && this.#options.now() < known.freshUntilMs) return known.page;
    const entry: Entry = { page: render(), freshUntilMs: Infinity };
    this.#keep(key, entry);
    entry.page.then(
      (page) => this.#settle(key, entry, page.status === 200),
      () => this.#settle(key, entry, false),
    );
    return entry.page;
  }

  /** How much longer the page under `key` is shown again, in milliseconds; 0 where it is not kept. */
  freshForMs(key: string): number {
    const { freshUntilMs = 0 } = this.#entries.get(key) ?? {};
    return Number.isFinite(freshUntilMs) ? Math.max(0, freshUntilMs - this.#options.now()) : 0;
  }

  #keep(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#options.maxPages) break;
      this.#entries.delete(oldest);
    }
  }

  #settle(key: string, entry: Entry, isKept: boolean): void {
    if (isKept) entry.freshUntilMs = this.#options.now() + this.#options.freshMs;
    else if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

const LONGEST_KEY = 400;

/**
 * The key of a page that may be kept, or null. The path holds the language; of the query only what pages read counts,
 * so that a made-up parameter neither misses the cache nor reaches the page.
 */
export function pageKey(method: string, routeId: string | null, url: URL): string | null {
  if (method !== 'GET' || (routeId !== '/' && routeId !== '/events/[id]')) return null;
  const key = `${url.origin}${url.pathname}${routeId === '/' ? knownSearch(url) : ''}`;
  return key.length > LONGEST_KEY ? null : key;
}
