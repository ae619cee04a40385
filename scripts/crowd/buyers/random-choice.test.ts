import { describe, expect, test } from 'vitest';
import { ACTIONS, pickNumber, pickOne, pickWeighted, seededRandom } from './random-choice.ts';

function count<T>(times: number, make: () => T): Map<T, number> {
  const counts = new Map<T, number>();
  for (let i = 0; i < times; i += 1) {
    const value = make();
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

describe('a buyer’s random choice', () => {
  test('is the same for the same seed, and differs for another seed', () => {
    const take = (seed: string) => Array.from({ length: 5 }, seededRandom(seed));
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
  });

  test('comes from numbers spread evenly over [0, 1)', () => {
    const random = seededRandom('tenths');
    const tenths = count(10_000, () => Math.floor(random() * 10));
    expect([...tenths.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const times of tenths.values()) expect(Math.abs(times - 1_000)).toBeLessThan(150);
  });

  test('follows the weights of the mix', () => {
    const random = seededRandom('mix');
    const actions = count(10_000, () => pickWeighted({ book: 80, look: 15, cancel: 5 }, ACTIONS, random));
    expect(Math.abs((actions.get('book') ?? 0) - 8_000)).toBeLessThan(200);
    expect(Math.abs((actions.get('look') ?? 0) - 1_500)).toBeLessThan(150);
    expect(Math.abs((actions.get('cancel') ?? 0) - 500)).toBeLessThan(100);
  });

  test.each(ACTIONS)('is always %s if only that has a weight', (only) => {
    const random = seededRandom(only);
    const mix = { book: 0, look: 0, cancel: 0, [only]: 3 };
    expect([...count(1_000, () => pickWeighted(mix, ACTIONS, random)).keys()]).toEqual([only]);
  });

  test('of a number includes both ends of the range, and nothing beyond', () => {
    const random = seededRandom('party size');
    const sizes = count(1_000, () => pickNumber({ min: 1, max: 3 }, random));
    expect([...sizes.keys()].sort()).toEqual([1, 2, 3]);
    expect(pickNumber({ min: 4, max: 4 }, random)).toBe(4);
  });

  test('of one in a list reaches each item', () => {
    const random = seededRandom('events');
    expect([...count(200, () => pickOne(['a', 'b', 'c'], random)).keys()].sort()).toEqual(['a', 'b', 'c']);
  });
});
