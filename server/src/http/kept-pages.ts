import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { KeepPage, KeptPage } from '#shared/kept-page.ts';

const MOST_PAGES = 200;
const LONGEST_KEY = 600;

/**
 * Public pages as they went over the wire, for as long as their renderer says (a second at most). What is asked for to
 * the letter again is answered from here, without the way through SvelteKit.
 */
export function createKeptPages() {
  const pages = new LRUCache<string, KeptPage>({ max: MOST_PAGES });

  /** Answers from what is kept, or returns false and lends the request a way to keep what its page will be. */
  function answer(request: IncomingMessage & { keepPage?: KeepPage }, response: ServerResponse): boolean {
    const key = keyOf(request);
    if (key === null) return false;
    const page = pages.get(key);
    if (page) send(page, response);
    else request.keepPage = (made) => void pages.set(key, made, { ttl: made.freshMs });
    return page !== undefined;
  }

  return { answer };
}

export type KeptPages = ReturnType<typeof createKeptPages>;

/** The address and the taken encodings to the letter; a browser that has a page already asks SvelteKit, which answers 304. */
function keyOf({ method, url = '', headers }: IncomingMessage): string | null {
  if (method !== 'GET' || headers['if-none-match'] !== undefined) return null;
  const key = `${url} ${String(headers['accept-encoding'])}`;
  return key.length > LONGEST_KEY ? null : key;
}

function send({ headers, body }: KeptPage, response: ServerResponse): void {
  for (const [name, value] of headers) response.setHeader(name, value);
  response.end(body);
}
