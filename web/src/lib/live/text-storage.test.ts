import { expect, test } from 'vitest';
import { memoryStorage } from './fixtures.ts';
import { tolerantStorage, type TextStorage } from './text-storage.ts';

test('a storage that works keeps texts', () => {
  const memory = memoryStorage();
  const storage = tolerantStorage(() => memory);
  storage.setItem('a', 'text');
  expect([storage.getItem('a'), storage.getItem('b')]).toEqual(['text', null]);
  storage.removeItem('a');
  expect(storage.getItem('a')).toBeNull();
});

const refuse = (): never => {
  throw new Error('SecurityError');
};
const REFUSING: Record<string, () => TextStorage> = {
  forbidden: refuse,
  missing: () => undefined as unknown as TextStorage,
  full: () => ({ getItem: () => null, setItem: refuse, removeItem: refuse }),
};

for (const [why, storage] of Object.entries(REFUSING)) {
  test(`a storage that is ${why} keeps nothing and never throws`, () => {
    const tolerant = tolerantStorage(storage);
    tolerant.setItem('a', 'text');
    tolerant.removeItem('a');
    expect(tolerant.getItem('a')).toBeNull();
  });
}
