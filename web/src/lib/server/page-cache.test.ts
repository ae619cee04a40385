import { expect, test } from 'vitest';
import { PageCache, pageKey } from './page-cache.ts';
import type { RenderedPage } from './rendered-page.ts';

function cache(maxPages = 10) {
  const clock = { nowMs: 0 };
  const rendered: string[] = [];
  const pages = new PageCache({ freshMs: 1000, maxPages, now: () => clock.nowMs });
  const get = (key: string, page: Partial<RenderedPage> = {}) =>
    pages.get(key, async () => {
      rendered.push(key);
      return { status: 200, headers: [], encoded: new Map(), body: `${key} ${rendered.length}`, ...page };
    });
  return { clock, rendered, pages, get };
}

test('a crowd on one page costs one rendering, also while it is being rendered', async () => {
  const { rendered, get } = cache();
  const seen = await Promise.all(Array.from({ length: 50 }, () => get('/')));
  expect(rendered).toEqual(['/']);
  expect(new Set(seen.map((page) => page.body)).size).toBe(1);
});

test('a page is shown again for a second, not longer', async () => {
  const { clock, rendered, get } = cache();
  await get('/');
  clock.nowMs = 999;
  await get('/');
  expect(rendered).toHaveLength(1);
  clock.nowMs = 1000;
  await get('/');
  expect(rendered).toHaveLength(2);
});

test('it says for how long a page is shown again', async () => {
  const { clock, get, pages } = cache();
  expect(pages.freshForMs('/')).toBe(0);
  const asked = get('/');
  expect(pages.freshForMs('/')).toBe(0);
  await asked;
  clock.nowMs = 400;
  expect(pages.freshForMs('/')).toBe(600);
  clock.nowMs = 1000;
  expect(pages.freshForMs('/')).toBe(0);
  await get('/missing', { status: 404 });
  expect(pages.freshForMs('/missing')).toBe(0);
});

test('only successes are kept', async () => {
  const { rendered, get, pages } = cache();
  await get('/missing', { status: 404 });
  await get('/missing', { status: 404 });
  expect(rendered).toHaveLength(2);
  expect(pages.size).toBe(0);
});

test('a rendering that fails reaches all who wait for it, and the next one tries again', async () => {
  const { pages, get } = cache();
  const { promise, reject } = Promise.withResolvers<RenderedPage>();
  const waiting = [pages.get('/', () => promise), pages.get('/', () => promise)];
  reject(new Error('no database'));
  for (const one of waiting) await expect(one).rejects.toThrow('no database');
  expect((await get('/')).status).toBe(200);
});

test('however many addresses are asked for, only so many are kept', async () => {
  const { pages, get, rendered } = cache(10);
  for (let page = 0; page < 100; page += 1) await get(`/?page=${page}`);
  expect(pages.size).toBe(10);
  await get('/?page=99');
  expect(rendered).toHaveLength(100);
});

const url = (path: string) => new URL(path, 'http://localhost:5000');

test('list and event pages are kept, by language, and by what of the query means something', () => {
  expect(pageKey('GET', '/', url('/de?utm_source=x&page=2&query=jazz'))).toBe(
    'http://localhost:5000/de?query=jazz&page=2',
  );
  expect(pageKey('GET', '/', url('/'))).not.toBe(pageKey('GET', '/', url('/de')));
  expect(pageKey('GET', '/events/[id]', url('/events/1?seats=2'))).toBe('http://localhost:5000/events/1');
});

test('nothing else is kept', () => {
  expect(pageKey('POST', '/', url('/'))).toBeNull();
  expect(pageKey('GET', '/bookings', url('/bookings'))).toBeNull();
  expect(pageKey('GET', null, url('/nowhere'))).toBeNull();
  expect(pageKey('GET', '/', url(`/?query=${'x'.repeat(1000)}`))).toBeNull();
});
