import { expect, test } from 'vitest';
import { newerVersion, newerRevision } from './versions.ts';

const of = (version: number, seats = 0) => ({ version, seats });

test('a lower version than the known one is ignored', () => {
  const known = of(5);
  expect(newerVersion(known, of(4))).toBe(known);
});

test('an equal version replaces the known one', () => {
  const arrived = of(5, 7);
  expect(newerVersion(of(5), arrived)).toBe(arrived);
});

test('a higher version replaces the known one, and the first version is accepted', () => {
  const arrived = of(6);
  expect(newerVersion(of(5), arrived)).toBe(arrived);
  expect(newerVersion(undefined, arrived)).toBe(arrived);
});

test('a lower revision than the known one is ignored, an equal one is accepted', () => {
  const known = { revision: 3 };
  const same = { revision: 3 };
  expect(newerRevision(known, { revision: 2 })).toBe(known);
  expect(newerRevision(known, same)).toBe(same);
});
