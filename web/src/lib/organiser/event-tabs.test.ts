import { expect, test } from 'vitest';
import { anEvent } from '#lib/live/fixtures.ts';
import { belongsToTab, EVENT_TABS, loadTab, tabInputs, tabSearch, type EventTab } from './event-tabs.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');

/** A server with `total` events, of which the first starts soonest. */
function serverWith(total: number) {
  const asked: unknown[] = [];
  const load = async (input: { page?: number | undefined; limit?: number | undefined }) => {
    const { page = 1, limit = 20 } = input;
    asked.push(input);
    const numbers = Array.from({ length: total }, (_, index) => index).slice((page - 1) * limit, page * limit);
    return { events: numbers.map((number) => anEvent({ title: String(number) })), page, limit, total };
  };
  return { asked, load };
}

async function titles(tab: EventTab, page: number, total: number): Promise<number[]> {
  const { events } = await loadTab({ tab, query: '', page }, serverWith(total).load);
  return events.map(({ title }) => Number(title));
}

test('tab, search and page of an organiser’s list are read from its address and written to it', () => {
  for (const tab of EVENT_TABS) {
    const inputs = { tab, query: 'jazz & blues', page: 3 };
    expect(tabInputs(new URLSearchParams(tabSearch(inputs)))).toEqual(inputs);
  }
  expect(tabSearch({ tab: 'upcoming', query: '', page: 1 })).toBe('');
  expect(tabInputs(new URLSearchParams('tab=all&page=-1'))).toEqual({ tab: 'upcoming', query: '', page: 1 });
});

test('each tab requests only its own events, with the search', async () => {
  for (const [tab, more] of [
    ['upcoming', { when: 'upcoming', status: 'published' }],
    ['past', { when: 'past', status: 'published' }],
    ['drafts', { when: 'all', status: 'draft' }],
    ['cancelled', { when: 'all', status: 'cancelled' }],
  ] as const) {
    const { asked, load } = serverWith(3);
    await loadTab({ tab, query: 'jazz', page: 1 }, load);
    expect(asked).toEqual([{ page: 1, limit: 20, query: 'jazz', ...more }]);
  }
});

test('upcoming events and drafts come soonest first', async () => {
  expect(await titles('upcoming', 2, 45)).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
  expect((await titles('drafts', 1, 45))[0]).toBe(0);
});

test('past and cancelled events come latest first, each once over all pages', async () => {
  for (const total of [0, 1, 19, 20, 21, 39, 40, 45, 101]) {
    const pages = Array.from({ length: Math.ceil(total / 20) }, (_, index) => titles('past', index + 1, total));
    const shown = await Promise.all(pages);
    expect(shown.slice(0, -1).every((page) => page.length === 20)).toBe(true);
    expect(shown.flat()).toEqual(Array.from({ length: total }, (_, index) => total - 1 - index));
    expect(await titles('cancelled', pages.length + 1, total)).toEqual([]);
  }
});

test('an event belongs to the tab of its status and time', () => {
  const event = anEvent();
  const tabOf = (more: Parameters<typeof anEvent>[0]) =>
    EVENT_TABS.filter((tab) => belongsToTab({ ...event, ...more }, { tab, query: 'schlosserei', page: 1 }, NOW_MS));
  expect(tabOf({})).toEqual(['upcoming']);
  expect(tabOf({ startsAt: '2026-09-01T18:00:00.000Z' })).toEqual(['past']);
  expect(tabOf({ startsAt: '2026-09-01T18:00:00.000Z', endsAt: '2026-10-02T18:00:00.000Z' })).toEqual(['upcoming']);
  expect(tabOf({ status: 'draft', startsAt: '2026-09-01T18:00:00.000Z' })).toEqual(['drafts']);
  expect(tabOf({ status: 'cancelled' })).toEqual(['cancelled']);
  expect(tabOf({ venue: 'Pier 7' })).toEqual([]);
});
