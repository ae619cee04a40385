import { expect, test } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { ListInputs } from '#lib/events-api.ts';
import type { Connection } from './connection/connection.svelte.ts';
import { belongs, EventList } from './event-list.svelte.ts';
import { EventStore } from './event-store.svelte.ts';
import { anEvent, FakeConnection } from './fixtures.ts';
import { SeatStore } from './seat-store.svelte.ts';

const nowMs = Date.parse('2026-10-01T12:00:00.000Z');
const upcoming: ListInputs = { page: 1, query: '', when: 'upcoming' };
const id = (digit: string) => digit.repeat(24);

function shownList(events: Event[], inputs = upcoming) {
  const far = new FakeConnection();
  const store = new EventStore(far, new SeatStore(far));
  const list = new EventList(far as unknown as Connection, store, () => nowMs);
  list.show(inputs, { events, page: 1, limit: 20, total: events.length });
  return { far, store, list };
}

test('a new event waits until the reader asks for it', () => {
  const { far, list } = shownList([anEvent({ id: id('1') })]);
  far.push('eventChanged', anEvent({ id: id('2') }));
  far.push('eventChanged', anEvent({ id: id('2'), revision: 2 }));
  expect(list.waiting).toBe(1);
});

test('a change of a shown event is not news, nor is a draft, nor what does not match the search', () => {
  const { far, list } = shownList([anEvent({ id: id('1') })], { ...upcoming, query: 'jazz' });
  far.push('eventChanged', anEvent({ id: id('1'), revision: 2 }));
  far.push('eventChanged', anEvent({ id: id('2'), status: 'draft' }));
  far.push('eventChanged', anEvent({ id: id('3'), title: 'Die Physiker' }));
  expect(list.waiting).toBe(0);
});

test('a new event that is withdrawn again waits no more', () => {
  const { far, list } = shownList([anEvent({ id: id('1') })]);
  far.push('eventChanged', anEvent({ id: id('2') }));
  far.push('eventChanged', anEvent({ id: id('2'), revision: 2, status: 'draft' }));
  expect(list.waiting).toBe(0);
});

test('an event after the end of a full page belongs to a later page', () => {
  const full = Array.from({ length: 20 }, (_, index) => anEvent({ id: String(index).padStart(24, '0') }));
  const { far, list } = shownList(full);
  far.push('eventChanged', anEvent({ id: id('a'), startsAt: '2026-12-24T18:00:00.000Z' }));
  expect(list.waiting).toBe(0);
  far.push('eventChanged', anEvent({ id: id('b'), startsAt: '2026-10-02T18:00:00.000Z' }));
  expect(list.waiting).toBe(1);
});

test('after a reconnect the list is asked again with the same inputs, and what is new waits', async () => {
  const { far, list, store } = shownList([anEvent({ id: id('1') })], { ...upcoming, query: 'jazz' });
  const answered = Promise.withResolvers<void>();
  far.answer = () => {
    queueMicrotask(answered.resolve);
    const events = [anEvent({ id: id('1'), revision: 2, title: 'Jazz, verlegt' }), anEvent({ id: id('2') })];
    return { ok: true, data: { events, page: 1, limit: 20, total: 2 } };
  };
  far.connect();
  await answered.promise;
  await Promise.resolve();
  expect(far.sent[0]).toEqual({
    command: 'listEvents',
    input: { page: 1, when: 'upcoming', limit: 20, query: 'jazz' },
  });
  expect(store.of(anEvent({ id: id('1') })).title).toBe('Jazz, verlegt');
  expect(list.waiting).toBe(1);
});

test('a search is without regard to case and accents, in title and venue', () => {
  const event = anEvent({ title: 'Musée d’été', venue: 'Große Halle' });
  expect(belongs(event, { ...upcoming, query: 'MUSEE' }, nowMs)).toBe(true);
  expect(belongs(event, { ...upcoming, query: 'halle' }, nowMs)).toBe(true);
  expect(belongs(event, { ...upcoming, query: 'kino' }, nowMs)).toBe(false);
});

test('an event that is over belongs to the past', () => {
  const over = anEvent({ startsAt: '2026-09-30T18:00:00.000Z' });
  expect(belongs(over, upcoming, nowMs)).toBe(false);
  expect(belongs(over, { ...upcoming, when: 'past' }, nowMs)).toBe(true);
});
