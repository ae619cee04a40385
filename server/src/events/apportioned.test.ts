import { expect, it } from 'vitest';
import { apportioned } from './apportioned.ts';

it('parts of an amount are in proportion to the weights, and add up to it', () => {
  expect(apportioned(500, [4_000, 1_000])).toEqual([400, 100]);
  expect(apportioned(100, [1, 1, 1])).toEqual([34, 33, 33]);
  expect(apportioned(100, [1, 2, 4])).toEqual([14, 29, 57]);
  for (const amount of [1, 7, 999, 1_000_003]) {
    const parts = apportioned(amount, [1_999, 1, 0, 350, 12_345]);
    expect([parts.reduce((sum, part) => sum + part), parts[2]]).toEqual([amount, 0]);
  }
});

it('an amount without weights goes to the first part', () => {
  expect(apportioned(3, [0, 0])).toEqual([3, 0]);
  expect(apportioned(0, [])).toEqual([]);
});
