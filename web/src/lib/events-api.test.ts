import { expect, test } from 'vitest';
import { fetchEvent, fetchEventPage, isFiltered, listInputs, listRequest, listSearch } from './events-api.ts';

const PLAIN = {
  page: 1,
  when: 'upcoming',
  query: '',
  date: '',
  category: '',
  city: '',
  tag: '',
  free: false,
  available: false,
} as const;
const read = (search: string) => listInputs(new URLSearchParams(search));

test('invalid inputs in a list address are replaced by defaults', () => {
  for (const search of [
    '',
    'page=0',
    'page=-1',
    'page=1e9',
    'page=abc',
    'when=someday',
    'utm_source=x',
    'free=1',
    'free=false',
  ]) {
    expect(read(search), search).toEqual(PLAIN);
  }
});

test('list inputs are written to an address and read from it', () => {
  const inputs = { ...PLAIN, page: 3, query: 'jazz & blues', when: 'past', city: 'Köln', free: true } as const;
  expect(read(listSearch(inputs))).toEqual(inputs);
  expect(listSearch(inputs)).toBe('?query=jazz+%26+blues&when=past&city=K%C3%B6ln&free=true&page=3');
  expect(listSearch(PLAIN)).toBe('');
  expect(listSearch({ organiser: 'A & B', page: 1 })).toBe('?organiser=A+%26+B');
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
  await fetchEventPage(fetch, { page: 2, limit: 20, when: 'past', query: 'a b' });
  expect(asked).toEqual(['/api/events?page=2&limit=20&when=past&query=a+b']);
});

test('a list is asked for by what narrows it, and a date by its range', () => {
  const dates = [{ date: 'tonight', from: '2026-11-24T16:00:00.000Z', to: '2026-11-25T04:00:00.000Z', count: 2 }];
  expect(listRequest(PLAIN, { dates })).toEqual({ page: 1, limit: 20, when: 'upcoming' });
  const { from, to } = { from: '2026-11-24T16:00:00.000Z', to: '2026-11-25T04:00:00.000Z' };
  const inputs = { ...PLAIN, date: 'tonight', city: 'Köln', available: true };
  const base = { page: 1, limit: 20, when: 'upcoming' };
  expect(listRequest(inputs, { dates })).toEqual({ ...base, city: 'Köln', available: true, from, to });
  expect(listRequest({ ...inputs, date: 'weekend' }, { dates })).toBe(null);
});

test('a search alone is no filter', () => {
  expect([isFiltered({ ...PLAIN, query: 'jazz', page: 2 }), isFiltered({ ...PLAIN, tag: 'Jazz' })]).toEqual([
    false,
    true,
  ]);
});
