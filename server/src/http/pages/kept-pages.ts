import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { KeepPage, KeptPage } from '#shared/kept-page.ts';

const MAX_PAGES = 200;
/** In characters. */
const MAX_KEY_LENGTH = 600;
/** Requests that wait for a slower rendering than this render the page themselves. */
const MAX_WAIT_MS = 1_000;

type PageRequest = IncomingMessage & { keepPage?: KeepPage };

/**
 * A cache of public pages as sent, for the time that their renderer allows (at most a second). An identical request is
 * answered from it without SvelteKit. After that time only the first request renders the page and the others wait for
 * it: rendering a crowd's requests one by one would delay bookings.
 */
export function createKeptPages() {
  const pages = new LRUCache<string, KeptPage>({ max: MAX_PAGES, noDeleteOnStaleGet: true });
  const renewals = new Map<string, Promise<KeptPage | null>>();

  /** Answers from the cache; otherwise resolves with false and gives the request a `keepPage` for its rendered page. */
  async function answer(request: PageRequest, response: ServerResponse): Promise<boolean> {
    const key = keyOf(request);
    if (key === null) return false;
    const page = pages.get(key) ?? (await renewals.get(key));
    if (page) send(page, response);
    else request.keepPage = keeperOf(key, response);
    return Boolean(page);
  }

  function keeperOf(key: string, response: ServerResponse): KeepPage {
    const keep = (page: KeptPage) => void pages.set(key, page, { ttl: page.freshMs });
    // A page that was never kept may be private: other requests must not wait for it.
    if (renewals.has(key) || pages.peek(key, { allowStale: true }) === undefined) return keep;
    const { promise, resolve } = Promise.withResolvers<KeptPage | null>();
    const end = (page: KeptPage | null) => {
      clearTimeout(late);
      if (renewals.get(key) === promise) renewals.delete(key);
      resolve(page);
    };
    const late = setTimeout(() => end(null), MAX_WAIT_MS);
    response.once('close', () => end(null));
    renewals.set(key, promise);
    return (page) => {
      keep(page);
      end(page);
    };
  }

  return { answer };
}

export type KeptPages = ReturnType<typeof createKeptPages>;

/** The exact URL and accepted encodings; null for a browser with a copy of the page, which SvelteKit answers 304. */
function keyOf({ method, url = '', headers }: IncomingMessage): string | null {
  if (method !== 'GET' || headers['if-none-match'] !== undefined) return null;
  const key = `${url} ${String(headers['accept-encoding'])}`;
  return key.length > MAX_KEY_LENGTH ? null : key;
}

function send({ headers, body }: KeptPage, response: ServerResponse): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.end(body);
}
