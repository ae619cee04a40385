import { expect, test } from 'vitest';
import { memoryStorage } from '#lib/live/fixtures.ts';
import { keptPartySize, keepPartySize } from './party-size.ts';

test('a party size is kept for its event only', () => {
  const storage = memoryStorage();
  keepPartySize(storage, 'one', 5);
  expect(keptPartySize(storage, 'one', 10)).toBe(5);
  expect(keptPartySize(storage, 'two', 10)).toBe(2);
});

test('a kept party size is limited to the seats that may be booked, and an invalid one is the default', () => {
  const storage = memoryStorage();
  keepPartySize(storage, 'one', 5);
  expect(keptPartySize(storage, 'one', 1)).toBe(1);
  storage.setItem('frontrow.party.one', 'many');
  expect(keptPartySize(storage, 'one', 10)).toBe(2);
});
