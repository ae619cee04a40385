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
    position: 3,
    status: 'waiting',
    bookingId: null,
    offerExpiresAt: null,
    createdAt: '2026-10-01T12:00:00.000Z',
    ...more,
  };
}

function aStore() {
  const far = new FakeConnection();
  return { far, store: new WaitlistStore(far) };
}

test('a position that moves is taken although its version stays, an older version is not', () => {
  const { far, store } = aStore();
  far.push('waitlistChanged', anEntry());
  far.push('waitlistChanged', anEntry({ position: 2 }));
  expect(store.ofEvent(EVENT)?.position).toBe(2);
  far.push('waitlistChanged', anEntry({ version: 2, status: 'offered', position: null, bookingId: 'b'.repeat(24) }));
  far.push('waitlistChanged', anEntry({ position: 1 }));
  expect(store.ofEvent(EVENT)?.status).toBe('offered');
});

test('who joins again is known by the new place, in whichever order lists and pushes come', async () => {
  const { far, store } = aStore();
  const missed = anEntry({ version: 5, status: 'missed', position: null });
  const again = anEntry({ id: 'f'.repeat(24), createdAt: '2026-10-02T12:00:00.000Z' });
  far.push('waitlistChanged', again);
  far.answer = () => ({ ok: true, data: { entries: [again, missed] } });
  expect(store.isLoaded).toBe(false);
  await store.load();
  expect(store.isLoaded).toBe(true);
  expect(store.all).toEqual([again]);
});

test('leaving is known at once, and what was for someone else is dropped', async () => {
  const { far, store } = aStore();
  far.answer = () => ({ ok: true, data: anEntry({ version: 2, status: 'left', position: null }) });
  await store.leave(EVENT);
  expect(store.ofEvent(EVENT)?.status).toBe('left');
  const { promise, resolve } = Promise.withResolvers<void>();
  far.answer = async () => {
    await promise;
    return { ok: true, data: { entries: [anEntry()] } };
  };
  const loading = store.load();
  store.clear();
  resolve();
  await loading;
  expect(store.all).toEqual([]);
  expect(store.isLoaded).toBe(false);
  far.answer = () => failure('CONNECTION_LOST');
  expect((await store.leave(EVENT)).ok).toBe(false);
});
