import { expect, test } from 'vitest';
import { newerVersion, newerRevision } from './versions.ts';

const of = (version: number, seats = 0) => ({ version, seats });

test('a lower version than the known one is ignored', () => {
  const known = of(5);
  expect(newerVersion(known, of(4))).toBe(known);
});

test('an equal version is taken: it may say more than what was known', () => {
  const arrived = of(5, 7);
  expect(newerVersion(of(5), arrived)).toBe(arrived);
});

test('a higher version is taken, and so is the first one', () => {
  const arrived = of(6);
  expect(newerVersion(of(5), arrived)).toBe(arrived);
  expect(newerVersion(undefined, arrived)).toBe(arrived);
});

test('an event’s own text counts by revision', () => {
  const known = { revision: 3 };
  const same = { revision: 3 };
  expect(newerRevision(known, { revision: 2 })).toBe(known);
  expect(newerRevision(known, same)).toBe(same);
});
