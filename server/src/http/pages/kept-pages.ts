import type { IncomingMessage, ServerResponse } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { KeepPage, KeptPage } from '#shared/kept-page.ts';

const MOST_PAGES = 200;
const LONGEST_KEY = 600;
/** A renderer that takes longer holds up nobody else. */
const LONGEST_WAIT_MS = 1_000;

type Asked = IncomingMessage & { keepPage?: KeepPage };

/**
 * Public pages as they went over the wire, for as long as their renderer says (a second at most). What is asked for to
 * the letter again is answered from here, without the way through SvelteKit. Once that time is over only the first who
 * asks goes that way, and the others wait for what comes of it: together they would hold up those who book.
 */
export function createKeptPages() {
  const pages = new LRUCache<string, KeptPage>({ max: MOST_PAGES, noDeleteOnStaleGet: true });
  const renewals = new Map<string, Promise<KeptPage | null>>();

  /** Answers from what is kept, or resolves with false and lends the request a way to keep what its page will be. */
  async function answer(request: Asked, response: ServerResponse): Promise<boolean> {
    const key = keyOf(request);
    if (key === null) return false;
    const page = pages.get(key) ?? (await renewals.get(key));
    if (page) send(page, response);
    else request.keepPage = keeperOf(key, response);
    return Boolean(page);
  }

  function keeperOf(key: string, response: ServerResponse): KeepPage {
    const keep = (made: KeptPage) => void pages.set(key, made, { ttl: made.freshMs });
    // Of a page that nobody has kept so far it is not known whether it may be.
    if (renewals.has(key) || pages.peek(key, { allowStale: true }) === undefined) return keep;
    const { promise, resolve } = Promise.withResolvers<KeptPage | null>();
    const end = (made: KeptPage | null) => {
      clearTimeout(late);
      if (renewals.get(key) === promise) renewals.delete(key);
      resolve(made);
    };
    const late = setTimeout(() => end(null), LONGEST_WAIT_MS);
    response.once('close', () => end(null));
    renewals.set(key, promise);
    return (made) => {
      keep(made);
      end(made);
    };
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
