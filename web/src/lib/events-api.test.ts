import { expect, test } from 'vitest';
import { fetchEvent, fetchEvents, listInputs, listSearch } from './events-api.ts';

const read = (search: string) => listInputs(new URLSearchParams(search));

test('invalid inputs in a list address are replaced by defaults', () => {
  const plain = { page: 1, query: '', when: 'upcoming' };
  for (const search of ['', 'page=0', 'page=-1', 'page=1e9', 'page=abc', 'when=someday', 'utm_source=x']) {
    expect(read(search), search).toEqual(plain);
  }
});

test('list inputs are written to an address and read from it', () => {
  const inputs = { page: 3, query: 'jazz & blues', when: 'past' } as const;
  expect(read(listSearch(inputs))).toEqual(inputs);
  expect(listSearch({ page: 1, query: '', when: 'upcoming' })).toBe('');
});

test('a search text is cut to 200 characters', () => {
  expect(read(`query=${'x'.repeat(500)}`).query).toHaveLength(200);
});

const answering = (status: number, body: unknown = {}) =>
  (async () => new Response(JSON.stringify(body), { status })) as typeof fetch;

test('loading an event throws status 404 for a missing event, and 503 if the server cannot answer', async () => {
  const id = 'a'.repeat(24);
  await expect(fetchEvent(answering(404), id)).rejects.toMatchObject({ status: 404 });
  await expect(fetchEvent(answering(503), id)).rejects.toMatchObject({ status: 503 });
  await expect(fetchEvent(answering(200), 'not-an-id')).rejects.toMatchObject({ status: 404 });
});

test('a page of events is loaded by page, period and search text', async () => {
  const asked: string[] = [];
  const fetch = (async (path: string) => {
    asked.push(path);
    return new Response('{"events":[]}');
  }) as typeof globalThis.fetch;
  await fetchEvents(fetch, { page: 2, query: 'a b', when: 'past' });
  expect(asked).toEqual(['/api/events?page=2&limit=20&when=past&query=a+b']);
});
