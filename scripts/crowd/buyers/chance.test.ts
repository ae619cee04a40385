import { describe, expect, test } from 'vitest';
import { ACTS, pickAct, pickNumber, pickOne, seededRandom } from './chance.ts';

function count<T>(times: number, make: () => T): Map<T, number> {
  const counts = new Map<T, number>();
  for (let i = 0; i < times; i += 1) {
    const value = make();
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return counts;
}

describe('the buyers’ choices', () => {
  test('are the same for the same seed, and others for another one', () => {
    const take = (seed: string) => Array.from({ length: 5 }, seededRandom(seed));
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
  });

  test('come from numbers in [0, 1) that are spread evenly', () => {
    const tenths = count(
      10_000,
      (
        (random) => () =>
          Math.floor(random() * 10)
      )(seededRandom('tenths')),
    );
    expect([...tenths.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    for (const times of tenths.values()) expect(Math.abs(times - 1_000)).toBeLessThan(150);
  });

  test('follow the weights of the mix', () => {
    const random = seededRandom('mix');
    const acts = count(10_000, () => pickAct({ book: 80, look: 15, cancel: 5 }, random));
    expect(Math.abs((acts.get('book') ?? 0) - 8_000)).toBeLessThan(200);
    expect(Math.abs((acts.get('look') ?? 0) - 1_500)).toBeLessThan(150);
    expect(Math.abs((acts.get('cancel') ?? 0) - 500)).toBeLessThan(100);
  });

  test.each(ACTS)('are always %s where only that has a weight', (only) => {
    const random = seededRandom(only);
    const mix = { book: 0, look: 0, cancel: 0, [only]: 3 };
    expect([...count(1_000, () => pickAct(mix, random)).keys()]).toEqual([only]);
  });

  test('of a number include both ends of the range, and nothing beyond', () => {
    const random = seededRandom('parties');
    const parties = count(1_000, () => pickNumber({ min: 1, max: 3 }, random));
    expect([...parties.keys()].sort()).toEqual([1, 2, 3]);
    expect(pickNumber({ min: 4, max: 4 }, random)).toBe(4);
  });

  test('of one in a list reach each of it', () => {
    const random = seededRandom('events');
    expect([...count(200, () => pickOne(['a', 'b', 'c'], random)).keys()].sort()).toEqual(['a', 'b', 'c']);
  });
});
