import { expect, test } from 'vitest';
import { memoryStorage } from './fixtures.ts';
import type { SeatsRequest } from './buying/seats-request.ts';
import { StoredSlot } from './buying/stored-slot.ts';
import type { PendingRequest } from './pending-request.ts';

const owner = { kind: 'book' as const, userId: 'u'.repeat(24), eventId: 'e'.repeat(24) };
const KEY = `frontrow.intent.book.${owner.userId}.${owner.eventId}`;
const request: PendingRequest<SeatsRequest> = {
  requestId: 'request-1',
  input: { seats: 2, price: { amount: 2000, currency: 'EUR' } },
  startedMs: 5,
  isStopped: false,
};

test('a stored request is read after a reload until it is cleared', () => {
  const storage = memoryStorage();
  new StoredSlot({ storage, ...owner }).keep(request);
  const reloaded = new StoredSlot({ storage, ...owner });
  expect(reloaded.read()).toEqual(request);
  reloaded.clear();
  expect(reloaded.read()).toBeNull();
});

test('a stored request belongs to one user, one event and one command', () => {
  const storage = memoryStorage();
  new StoredSlot({ storage, ...owner }).keep(request);
  for (const other of [{ userId: 'v'.repeat(24) }, { eventId: 'f'.repeat(24) }, { kind: 'join' as const }]) {
    expect(new StoredSlot({ storage, ...owner, ...other }).read()).toBeNull();
  }
});

test('a stored request is read in the format that earlier versions of the pages wrote', () => {
  const storage = memoryStorage();
  const { input, ...rest } = request;
  storage.setItem(KEY, JSON.stringify({ ...rest, ...input, eventId: owner.eventId }));
  expect(new StoredSlot({ storage, ...owner }).read()).toEqual(request);
});

test.each(['{"requestId":1}', 'null', 'no JSON'])('the stored text %s is not a request', (text) => {
  const storage = memoryStorage();
  storage.setItem(KEY, text);
  expect(new StoredSlot({ storage, ...owner }).read()).toBeNull();
});
