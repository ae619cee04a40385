import { expect, test } from 'vitest';
import { keptPartySize, keepPartySize } from './party-size.ts';

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, text: string) => void kept.set(key, text),
    removeItem: (key: string) => void kept.delete(key),
  };
}

test('a party is kept for its event only', () => {
  const storage = memory();
  keepPartySize(storage, 'one', 5);
  expect(keptPartySize(storage, 'one', 10)).toBe(5);
  expect(keptPartySize(storage, 'two', 10)).toBe(2);
});

test('what is kept never exceeds what may be booked, and makes sense', () => {
  const storage = memory();
  keepPartySize(storage, 'one', 5);
  expect(keptPartySize(storage, 'one', 1)).toBe(1);
  storage.setItem('frontrow.party.one', 'many');
  expect(keptPartySize(storage, 'one', 10)).toBe(2);
});
