import { expect, test } from 'vitest';
import { COUNT_INTERVAL_MS, ThrottledCount } from './throttled-count.svelte.ts';

/** A clock in the hand: time passes, and what was asked for later happens. */
function handClock() {
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

test('the first change shows at once and rolls', () => {
  const count = new ThrottledCount(100, handClock());
  count.set(98);
  expect(count.shown).toBe(98);
  expect(count.isRolling).toBe(true);
});

test('a burst shows at most four numbers a second, and ends on the last one', () => {
  const clock = handClock();
  const count = new ThrottledCount(1000, clock);
  const shown = new Set<number>();
  for (let change = 1; change <= 100; change += 1) {
    clock.pass(10);
    count.set(1000 - change);
    shown.add(count.shown);
  }
  clock.pass(COUNT_INTERVAL_MS);
  shown.add(count.shown);
  expect(shown.size).toBeLessThanOrEqual(5);
  expect(count.shown).toBe(900);
});

test('selling out shows at once, whatever showed just before', () => {
  const clock = handClock();
  const count = new ThrottledCount(2, clock);
  count.set(1);
  clock.pass(1);
  count.set(0);
  expect(count.shown).toBe(0);
});

test('seats that come back show at once', () => {
  const clock = handClock();
  const count = new ThrottledCount(1, clock);
  count.set(0);
  clock.pass(1);
  count.set(4);
  expect(count.shown).toBe(4);
});

test('a change soon after another one swaps without rolling', () => {
  const clock = handClock();
  const count = new ThrottledCount(10, clock);
  count.set(9);
  clock.pass(400);
  count.set(8);
  expect(count.shown).toBe(8);
  expect(count.isRolling).toBe(false);
});

test('a number that comes back to what is shown cancels the change that waited', () => {
  const clock = handClock();
  const count = new ThrottledCount(10, clock);
  count.set(9);
  clock.pass(10);
  count.set(8);
  count.set(9);
  clock.pass(1000);
  expect(count.shown).toBe(9);
});
