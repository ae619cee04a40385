import { expect, test } from 'vitest';
import { ThrottledCount } from './throttled-count.svelte.ts';

/** A clock that the test advances, which runs the callbacks that are due. */
function aClock() {
  let nowMs = 10_000;
  let later: { atMs: number; callback: () => void } | undefined;
  return {
    now: () => nowMs,
    later: (callback: () => void, ms: number) => {
      later = { atMs: nowMs + ms, callback };
      return () => (later = undefined);
    },
    pass(ms: number) {
      nowMs += ms;
      if (later === undefined || later.atMs > nowMs) return;
      const { callback } = later;
      later = undefined;
      callback();
    },
  };
}

test('the first change of a count shows at once and is animated', () => {
  const count = new ThrottledCount(100, aClock());
  count.set(98);
  expect(count.shown).toBe(98);
  expect(count.isRolling).toBe(true);
});

test('a burst of changes shows at most four numbers a second and ends with the last one', () => {
  const clock = aClock();
  const count = new ThrottledCount(1000, clock);
  const shown = new Set<number>();
  for (let change = 1; change <= 100; change += 1) {
    clock.pass(10);
    count.set(1000 - change);
    shown.add(count.shown);
  }
  clock.pass(250);
  shown.add(count.shown);
  expect(shown.size).toBeLessThanOrEqual(5);
  expect(count.shown).toBe(900);
});

test('a count of zero shows at once', () => {
  const clock = aClock();
  const count = new ThrottledCount(2, clock);
  count.set(1);
  clock.pass(1);
  count.set(0);
  expect(count.shown).toBe(0);
});

test('a count that leaves zero shows at once', () => {
  const clock = aClock();
  const count = new ThrottledCount(1, clock);
  count.set(0);
  clock.pass(1);
  count.set(4);
  expect(count.shown).toBe(4);
});

test('a change within a second of the last one is not animated', () => {
  const clock = aClock();
  const count = new ThrottledCount(10, clock);
  count.set(9);
  clock.pass(400);
  count.set(8);
  expect(count.shown).toBe(8);
  expect(count.isRolling).toBe(false);
});

test('a target equal to the shown count cancels the scheduled change', () => {
  const clock = aClock();
  const count = new ThrottledCount(10, clock);
  count.set(9);
  clock.pass(10);
  count.set(8);
  count.set(9);
  clock.pass(1000);
  expect(count.shown).toBe(9);
});
