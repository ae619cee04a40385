import { expect, test, vi } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { ListRequest } from '#lib/events-api.ts';
import type { Connection } from './connection/connection.svelte.ts';
import { EventList } from './event-list.svelte.ts';
import { EventStore } from './event-store.svelte.ts';
import { anEvent, FakeConnection } from './fixtures.ts';
import { SeatStore } from './seat-store.svelte.ts';

const nowMs = Date.parse('2026-10-01T12:00:00.000Z');
const upcoming: ListRequest = { page: 1, limit: 20, when: 'upcoming' };
/** The list loads its rules when the first event is pushed. */
const decided = () => vi.dynamicImportSettled();
const id = (digit: string) => digit.repeat(24);

function shownList(events: Event[], inputs = upcoming) {
  const connection = new FakeConnection();
  const store = new EventStore(connection, new SeatStore(connection));
  const list = new EventList(connection as unknown as Connection, store, () => nowMs);
  list.show(inputs, { events, page: 1, limit: 20, total: events.length });
  return { connection, store, list };
}

test('a pushed event that belongs on the page is counted as new once, whatever its revisions', async () => {
  const { connection, list } = shownList([anEvent({ id: id('1') })]);
  connection.push('eventChanged', anEvent({ id: id('2') }));
  connection.push('eventChanged', anEvent({ id: id('2'), revision: 2 }));
  await decided();
  expect(list.newCount).toBe(1);
});

test('a shown event, a draft and an event outside the search are not counted as new', async () => {
  const { connection, list } = shownList([anEvent({ id: id('1') })], { ...upcoming, query: 'jazz' });
  connection.push('eventChanged', anEvent({ id: id('1'), revision: 2 }));
  connection.push('eventChanged', anEvent({ id: id('2'), status: 'draft' }));
  connection.push('eventChanged', anEvent({ id: id('3'), title: 'Die Physiker' }));
  await decided();
  expect(list.newCount).toBe(0);
});

test('a new event is counted if it has all words of the search, whatever the script of the search', async () => {
  const { connection, list } = shownList([], { ...upcoming, query: 'lodz jazz' });
  connection.push('eventChanged', anEvent({ id: id('1'), title: 'Jazz', venue: 'Łódź' }));
  connection.push('eventChanged', anEvent({ id: id('2'), title: 'Blues', venue: 'Łódź' }));
  await decided();
  expect(list.newCount).toBe(1);
});

test('a new event that becomes a draft again is no longer counted', async () => {
  const { connection, list } = shownList([anEvent({ id: id('1') })]);
  connection.push('eventChanged', anEvent({ id: id('2') }));
  connection.push('eventChanged', anEvent({ id: id('2'), revision: 2, status: 'draft' }));
  await decided();
  expect(list.newCount).toBe(0);
});

test('an event after the last one of a full page is not counted as new', async () => {
  const full = Array.from({ length: 20 }, (_, index) => anEvent({ id: String(index).padStart(24, '0') }));
  const { connection, list } = shownList(full);
  connection.push('eventChanged', anEvent({ id: id('a'), startsAt: '2026-12-24T18:00:00.000Z' }));
  await decided();
  expect(list.newCount).toBe(0);
  connection.push('eventChanged', anEvent({ id: id('b'), startsAt: '2026-10-02T18:00:00.000Z' }));
  await decided();
  expect(list.newCount).toBe(1);
});

test('after a reconnect the list is loaded with the same inputs: shown events change, new ones are counted', async () => {
  const { connection, list, store } = shownList([anEvent({ id: id('1') })], { ...upcoming, query: 'jazz' });
  const answered = Promise.withResolvers<void>();
  connection.answer = () => {
    queueMicrotask(answered.resolve);
    const events = [anEvent({ id: id('1'), revision: 2, title: 'Jazz, verlegt' }), anEvent({ id: id('2') })];
    return { ok: true, data: { events, page: 1, limit: 20, total: 2 } };
  };
  connection.connect();
  await answered.promise;
  await Promise.resolve();
  expect(connection.sent[0]).toEqual({
    command: 'listEvents',
    input: { page: 1, limit: 20, when: 'upcoming', query: 'jazz' },
  });
  expect(store.of(anEvent({ id: id('1') })).title).toBe('Jazz, verlegt');
  await decided();
  expect(list.newCount).toBe(1);
});

test('a search finds title and venue without regard to case and accents', async () => {
  const event = anEvent({ id: id('2'), title: 'Musée d’été', venue: 'Große Halle' });
  for (const [query, newCount] of [['MUSEE', 1] as const, ['halle', 1] as const, ['kino', 0] as const]) {
    const { connection, list } = shownList([], { ...upcoming, query });
    connection.push('eventChanged', event);
    await decided();
    expect([query, list.newCount]).toEqual([query, newCount]);
  }
});

test('an event that is over matches the list of past events only', async () => {
  const over = anEvent({ id: id('2'), startsAt: '2026-09-30T18:00:00.000Z' });
  for (const [when, newCount] of [['upcoming', 0] as const, ['past', 1] as const]) {
    const { connection, list } = shownList([], { ...upcoming, when });
    connection.push('eventChanged', over);
    await decided();
    expect([when, list.newCount]).toEqual([when, newCount]);
  }
});

test('a new event is counted if it meets every filter of the list', async () => {
  const event = anEvent({
    id: id('2'),
    city: 'Köln',
    organiser: 'AG Kultur',
    category: 'Musik',
    tags: ['Jazz', 'Open Air'],
  });
  const priced = { amount: 500, currency: 'EUR' };
  const cases: [Partial<ListRequest>, Partial<Event>, number][] = [
    [{ city: 'KOLN' }, {}, 1],
    [{ city: 'Bonn' }, {}, 0],
    [{ city: 'Köln' }, { city: null }, 0],
    [{ organiser: 'ag kultur' }, {}, 1],
    [{ organiser: 'AG' }, {}, 0],
    [{ organiser: 'AG Kultur' }, { organiser: null }, 0],
    [{ category: 'musik', tag: 'open air' }, {}, 1],
    [{ tag: 'Blues' }, {}, 0],
    [{ free: true }, { price: priced }, 0],
    [{ free: true }, { price: { ...priced, amount: 0 } }, 1],
    [{ available: true }, {}, 1],
    [{ available: true }, { availableSeats: 0 }, 0],
    [{ available: true }, { salesCloseAt: '2026-10-01T12:00:00.000Z' }, 0],
    [{ from: '2026-10-14T18:00:00.000Z', to: '2026-10-14T18:00:00.001Z' }, {}, 1],
    [{ to: '2026-10-14T18:00:00.000Z' }, {}, 0],
    [{ from: '2026-10-14T18:00:00.001Z' }, {}, 0],
    [{ from: '2026-10-15T12:00:00.000Z' }, { endsAt: '2026-10-15T12:00:00.001Z' }, 1],
    [{ from: '2026-10-15T12:00:00.000Z' }, { endsAt: '2026-10-15T12:00:00.000Z' }, 0],
  ];
  for (const [filters, more, newCount] of cases) {
    const { connection, list } = shownList([], { ...upcoming, ...filters });
    connection.push('eventChanged', { ...event, ...more });
    await decided();
    expect([filters, more, list.newCount]).toEqual([filters, more, newCount]);
  }
});
