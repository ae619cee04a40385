import { expect, test } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { TabInputs } from '#lib/organiser/event-tabs.ts';
import { EventStore } from '../event-store.svelte.ts';
import { anEvent, FakeConnection } from '../fixtures.ts';
import { SeatStore } from '../seat-store.svelte.ts';
import { EventTabPage } from './event-tab.svelte.ts';

const NOW_MS = Date.parse('2026-10-01T12:00:00.000Z');
const id = (digit: string) => digit.repeat(24);
const upcoming: TabInputs = { tab: 'upcoming', query: '', page: 1 };
const pageOf = (events: Event[]) => ({ events, page: 1, limit: 20, total: events.length });

function shownPage(events: Event[], inputs = upcoming) {
  const connection = new FakeConnection();
  const store = new EventStore(connection, new SeatStore(connection));
  const page = new EventTabPage(connection, store, () => NOW_MS);
  page.show(inputs, pageOf(events));
  return { connection, store, page };
}

test('an edit of a shown event that stays in its tab is not reported as news', () => {
  const { connection, page, store } = shownPage([anEvent({ id: id('1') })]);
  connection.push('eventChanged', anEvent({ id: id('1'), revision: 2, title: 'Blues' }));
  expect(page.hasNews).toBe(false);
  expect(store.of(anEvent({ id: id('1') })).title).toBe('Blues');
});

test('an event that joins or leaves the tab is reported as news until the page is loaded again', () => {
  for (const pushed of [anEvent({ id: id('2') }), anEvent({ id: id('1'), revision: 2, status: 'cancelled' })]) {
    const { connection, page } = shownPage([anEvent({ id: id('1') })]);
    connection.push('eventChanged', pushed);
    expect(page.hasNews).toBe(true);
    page.show(upcoming, pageOf([]));
    expect(page.hasNews).toBe(false);
  }
});

test('an event of another tab or outside the search is not reported as news', () => {
  const { connection, page } = shownPage([], { ...upcoming, query: 'blues' });
  connection.push('eventChanged', anEvent({ id: id('2'), title: 'Blues', status: 'draft' }));
  connection.push('eventChanged', anEvent({ id: id('3'), title: 'Jazz' }));
  expect(page.hasNews).toBe(false);
});

test('after a reconnect the tab is loaded again: shown events are updated, others are reported as news', async () => {
  const { connection, page, store } = shownPage([anEvent({ id: id('1') })]);
  let events = [anEvent({ id: id('1'), revision: 2, title: 'Blues' })];
  const reconnect = async () => {
    const answered = Promise.withResolvers<void>();
    connection.answer = () => {
      setTimeout(answered.resolve);
      return { ok: true, data: pageOf(events) };
    };
    connection.connect();
    await answered.promise;
  };
  await reconnect();
  expect([page.hasNews, store.of(anEvent({ id: id('1') })).title]).toEqual([false, 'Blues']);
  events = [...events, anEvent({ id: id('2') })];
  await reconnect();
  expect(page.hasNews).toBe(true);
});

test('a tab that cannot be loaded after a reconnect stays unchanged', async () => {
  const { connection, page } = shownPage([anEvent({ id: id('1') })]);
  const answered = Promise.withResolvers<void>();
  connection.answer = () => {
    setTimeout(answered.resolve);
    return { ok: false, error: { code: 'UNAVAILABLE', message: '' } };
  };
  connection.connect();
  await answered.promise;
  expect(page.hasNews).toBe(false);
});
