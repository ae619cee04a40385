import { expect, test } from 'vitest';
import { fetchOrganiser } from './organiser-events.ts';

/** A server on which an organiser has so many coming and past events. */
function serverWith({ upcoming, past }: { upcoming: number; past: number }) {
  const asked: URLSearchParams[] = [];
  const fetch = (async (path: string) => {
    const search = new URL(path, 'http://localhost').searchParams;
    asked.push(search);
    const total = search.get('when') === 'past' ? past : upcoming;
    const events = total > 0 ? ['ag kultur', 'AG Kultur', 'AG Kultur'].map((organiser) => ({ organiser })) : [];
    return new Response(JSON.stringify({ events, page: 1, limit: 20, total }));
  }) as typeof globalThis.fetch;
  return { fetch, asked };
}

test('an organiser’s events are loaded with the name as most of them write it, and the number of the other period', async () => {
  const { fetch, asked } = serverWith({ upcoming: 3, past: 7 });
  const loaded = await fetchOrganiser(fetch, 'ag kultur', { page: 1, when: 'upcoming' });
  expect(loaded).toMatchObject({ name: 'AG Kultur', list: { total: 3 }, otherTotal: 7 });
  expect(asked.every((search) => search.get('organiser') === 'ag kultur')).toBe(true);
  const past = await fetchOrganiser(fetch, 'ag kultur', { page: 1, when: 'past' });
  expect(past).toMatchObject({ list: { total: 7 }, otherTotal: 3, request: { when: 'past' } });
});

test('an organiser whose events are all over is found, and a name without any event is a 404', async () => {
  const over = await fetchOrganiser(serverWith({ upcoming: 0, past: 2 }).fetch, 'AG Kultur', {
    page: 1,
    when: 'upcoming',
  });
  expect(over).toMatchObject({ name: 'AG Kultur', list: { total: 0 }, otherTotal: 2 });
  const none = fetchOrganiser(serverWith({ upcoming: 0, past: 0 }).fetch, 'Nobody', { page: 1, when: 'upcoming' });
  await expect(none).rejects.toMatchObject({ status: 404 });
});
