import { describe, expect, test } from 'vitest';
import { createPageCache } from './page-cache.ts';
import type { RenderedPage } from './rendered-page.ts';

function pageOf(body: string, status = 200): RenderedPage {
  return { status, headers: {}, body: Buffer.from(body), encoded: new Map() };
}

function testCache(options: Parameters<typeof createPageCache>[0] = {}) {
  // lru-cache treats the time 0 as "no time", so the clock starts at 1.
  const clock = { nowMs: 1 };
  const rendered: string[] = [];
  const pages = createPageCache({ perf: { now: () => clock.nowMs }, ...options });
  const get = (address: string, status = 200) =>
    pages.get(address, async () => {
      rendered.push(address);
      return pageOf(`${address} ${rendered.length}`, status);
    });
  return { clock, rendered, pages, get };
}

describe('the cache of public pages', () => {
  test('renders a page once for a crowd, also while it is being rendered', async () => {
    const { rendered, get } = testCache();
    const seen = await Promise.all(Array.from({ length: 50 }, () => get('/')));
    expect(rendered).toEqual(['/']);
    expect(new Set(seen).size).toBe(1);
  });

  test('renders a page once for a crowd if the cached page is too old', async () => {
    const { clock, rendered, get } = testCache();
    await get('/');
    clock.nowMs += 2_000;
    const seen = await Promise.all(Array.from({ length: 50 }, () => get('/')));
    expect(rendered).toHaveLength(2);
    expect(seen.map(({ body }) => String(body))).toEqual(Array.from({ length: 50 }, () => '/ 2'));
  });

  test('serves a cached page for a second from its rendering, not longer', async () => {
    const { clock, rendered, pages, get } = testCache();
    const { promise, resolve } = Promise.withResolvers<RenderedPage>();
    const slow = pages.get('/', () => promise);
    clock.nowMs += 700;
    resolve(pageOf('slow'));
    await slow;
    clock.nowMs += 1_000;
    await get('/');
    expect(rendered).toEqual([]);
    clock.nowMs += 1;
    await get('/');
    expect(rendered).toEqual(['/']);
  });

  test.each([404, 500, 303])(
    'serves a page of status %i to all waiting requests, and does not cache it',
    async (status) => {
      const { rendered, get, pages } = testCache();
      const seen = await Promise.all([get('/missing', status), get('/missing', status)]);
      expect(seen.map((page) => page.status)).toEqual([status, status]);
      expect([rendered.length, pages.size]).toEqual([1, 0]);
      await get('/missing', status);
      expect(rendered).toHaveLength(2);
    },
  );

  test('passes a failed rendering to all waiting requests, and renders again for the next request', async () => {
    const { pages, get } = testCache();
    const { promise, reject } = Promise.withResolvers<RenderedPage>();
    const waiting = [pages.get('/', () => promise), pages.get('/', () => promise)];
    reject(new Error('no database'));
    for (const one of waiting) await expect(one).rejects.toThrow('no database');
    expect((await get('/')).status).toBe(200);
  });

  test('does not serve an old page if its rendering fails', async () => {
    const { clock, pages, get } = testCache();
    await get('/');
    clock.nowMs += 2_000;
    await expect(pages.get('/', () => Promise.reject(new Error('no database')))).rejects.toThrow('no database');
    expect(pages.size).toBe(0);
  });

  test('caches the latest pages only, however many addresses are requested', async () => {
    const { pages, get, rendered } = testCache({ mostPages: 10 });
    for (let page = 0; page < 100; page += 1) await get(`/?page=${page}`);
    expect(pages.size).toBe(10);
    await get('/?page=99');
    expect(rendered).toHaveLength(100);
  });

  test('caches a bounded number of bytes, and also serves pages that are too large to cache', async () => {
    const { pages } = testCache({ mostBytes: 1_000 });
    for (let page = 0; page < 10; page += 1) await pages.get(`/?page=${page}`, async () => pageOf('x'.repeat(100)));
    expect(pages.size).toBe(3);
    const large = await pages.get('/large', async () => pageOf('x'.repeat(1_000)));
    expect([large.body.byteLength, pages.size]).toEqual([1_000, 3]);
  });

  test('answers all requests that wait for a page which was evicted meanwhile', async () => {
    const { pages, get } = testCache({ mostPages: 2 });
    const { promise, resolve } = Promise.withResolvers<RenderedPage>();
    const waiting = pages.get('/', () => promise);
    for (let page = 0; page < 5; page += 1) await get(`/?page=${page}`);
    resolve(pageOf('late'));
    expect(String((await waiting).body)).toBe('late');
  });
});
