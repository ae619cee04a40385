import { flushSync } from 'svelte';
import { expect, test } from 'vitest';
import { ServerClock } from './server-clock.svelte.ts';

const NOON = '2026-10-14T12:00:00.000Z';
const noonMs = Date.parse(NOON);

test('the clock offset is the server’s time minus the middle of the round trip', () => {
  const clock = new ServerClock({ now: () => noonMs, tick: () => () => undefined });
  clock.adjust(noonMs - 100, noonMs + 300, NOON);
  expect(clock.offsetMs).toBe(-100);
});

test('[F20] the server clock is right on a device whose clock is an hour wrong', () => {
  let nowMs = noonMs + 3_600_000;
  const clock = new ServerClock({ now: () => nowMs, tick: () => () => undefined });
  clock.adjust(nowMs, nowMs, NOON);
  nowMs += 5_000;
  expect(clock.readMs()).toBe(noonMs + 5_000);
});

test('an effect that reads the server clock runs once a second', () => {
  let nowMs = noonMs;
  let ticks: (() => void)[] = [];
  const clock = new ServerClock({
    now: () => nowMs,
    tick: (callback) => {
      ticks = [...ticks, callback];
      return () => (ticks = ticks.filter((one) => one !== callback));
    },
  });
  const seen: number[] = [];
  const stop = $effect.root(() => {
    $effect(() => void seen.push(Math.floor((clock.ms - noonMs) / 1000)));
  });
  flushSync();
  for (let step = 0; step < 10; step += 1) {
    nowMs += 250;
    for (const tick of ticks) tick();
    flushSync();
  }
  expect(seen).toEqual([0, 1, 2]);
  stop();
  flushSync();
});
