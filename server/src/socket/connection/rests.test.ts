import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRests } from './rests.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** One turn of the event loop. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Rests of this many sockets, all of 200 ms, on a clock of the test. */
function resting(count: number) {
  const clock = { ms: 0 };
  const read: number[] = [];
  const rests = createRests(() => clock.ms);
  for (let n = 0; n < count; n += 1) rests.begin({ pause: () => undefined, resume: () => void read.push(n) }, 200);
  return { clock, read };
}

it('connections are read again after their rest, in their order, four in a short turn of the event loop', async () => {
  const { read } = resting(10);
  vi.advanceTimersByTime(199);
  await turn();
  expect(read).toEqual([]);
  vi.advanceTimersByTime(1);
  const sizes: number[] = [];
  for (let turns = 0; turns < 4; turns += 1) {
    await turn();
    sizes.push(read.length);
  }
  expect(sizes).toEqual([4, 8, 10, 10]);
  expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it('in longer turns of the event loop more connections are read, so that all are after a quarter of a second', async () => {
  const { clock, read } = resting(500);
  vi.advanceTimersByTime(200);
  await turn();
  const sizes: number[] = [];
  for (; clock.ms < 250 && read.length < 500; clock.ms += 10) {
    const before = read.length;
    await turn();
    sizes.push(read.length - before);
  }
  expect(sizes.slice(0, 4)).toEqual([4, 20, 19, 19]);
  for (clock.ms += 100; read.length < 500; clock.ms += 100) {
    const before = read.length;
    await turn();
    expect(read.length - before).toBeLessThanOrEqual(32);
  }
});

it('connections that have waited for their turn for seconds are read together', async () => {
  const { clock, read } = resting(1_000);
  vi.advanceTimersByTime(200);
  await turn();
  expect(read).toHaveLength(4);
  clock.ms += 3_000;
  await turn();
  expect(read).toHaveLength(1_000);
});
