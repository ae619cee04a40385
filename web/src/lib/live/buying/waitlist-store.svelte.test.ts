import { expect, test } from 'vitest';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import { anEvent, FakeConnection, failure } from '../fixtures.ts';
import { WaitlistStore } from './waitlist-store.svelte.ts';

const EVENT = anEvent().id;

function anEntry(more: Partial<WaitlistEntry> = {}): WaitlistEntry {
  return {
    id: 'e'.repeat(24),
    version: 1,
    eventId: EVENT,
    seats: 2,
    tickets: [{ type: 't1', count: 2 }],
    position: 3,
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    createdAt: '2026-10-01T12:00:00.000Z',
    ...more,
  };
}

function aStore() {
  const connection = new FakeConnection();
  return { connection, store: new WaitlistStore(connection) };
}

test('a waitlist entry of the same version with another position is accepted, an older version is not', () => {
  const { connection, store } = aStore();
  connection.push('waitlistChanged', anEntry());
  connection.push('waitlistChanged', anEntry({ position: 2 }));
  expect(store.ofEvent(EVENT)?.position).toBe(2);
  connection.push(
    'waitlistChanged',
    anEntry({ version: 2, status: 'offered', position: null, bookingId: 'b'.repeat(24) }),
  );
  connection.push('waitlistChanged', anEntry({ position: 1 }));
  expect(store.ofEvent(EVENT)?.status).toBe('offered');
});

test('of two waitlist entries of one event the newer one is kept, in any order of lists and pushes', async () => {
  const { connection, store } = aStore();
  const missed = anEntry({ version: 5, status: 'missed', position: null });
  const again = anEntry({ id: 'f'.repeat(24), createdAt: '2026-10-02T12:00:00.000Z' });
  connection.push('waitlistChanged', again);
  connection.answer = () => ({ ok: true, data: { entries: [again, missed] } });
  expect(store.isLoaded).toBe(false);
  await store.load();
  expect(store.isLoaded).toBe(true);
  expect(store.all).toEqual([again]);
});

test('a left waitlist entry is updated at once, and entries loaded for a previous user are dropped', async () => {
  const { connection, store } = aStore();
  connection.answer = () => ({ ok: true, data: anEntry({ version: 2, status: 'left', position: null }) });
  await store.leave(EVENT);
  expect(store.ofEvent(EVENT)?.status).toBe('left');
  const { promise, resolve } = Promise.withResolvers<void>();
  connection.answer = async () => {
    await promise;
    return { ok: true, data: { entries: [anEntry()] } };
  };
  const loading = store.load();
  store.clear();
  resolve();
  await loading;
  expect(store.all).toEqual([]);
  expect(store.isLoaded).toBe(false);
  connection.answer = () => failure('CONNECTION_LOST');
  expect((await store.leave(EVENT)).ok).toBe(false);
});

test('waiting entries are listed in the order of joining, without offers and entries that have ended', () => {
  const { connection, store } = aStore();
  const entry = (digit: string, more: Partial<WaitlistEntry>) =>
    connection.push('waitlistChanged', anEntry({ id: digit.repeat(24), eventId: digit.repeat(24), ...more }));
  entry('1', { createdAt: '2026-10-02T12:00:00.000Z' });
  entry('2', { createdAt: '2026-10-01T12:00:00.000Z' });
  entry('3', { status: 'offered' });
  entry('4', { status: 'left' });
  expect(store.waiting.map(({ id }) => id[0])).toEqual(['2', '1']);
});

test('a failed load of the waitlist entries sets the state until a load succeeds', async () => {
  const { connection, store } = aStore();
  connection.answer = () => failure('UNAVAILABLE');
  await store.load();
  expect([store.hasFailed, store.isLoaded]).toEqual([true, false]);
  connection.answer = () => ({ ok: true, data: { entries: [] } });
  await store.load();
  expect([store.hasFailed, store.isLoaded]).toEqual([false, true]);
  connection.answer = () => failure('UNAVAILABLE');
  await store.load();
  expect([store.hasFailed, store.isLoaded]).toEqual([false, true]);
});
