import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('tasks run at most so many at a time, and their results keep the order', async () => {
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const started: number[] = [];
  const all = inParallel(gates, 2, async (gate, index) => {
    started.push(index);
    await gate.promise;
    return index * 10;
  });
  expect(started).toEqual([0, 1]);
  for (const gate of gates.toReversed()) gate.resolve();
  expect(await all).toEqual([0, 10, 20, 30, 40]);
  expect(started).toEqual([0, 1, 2, 3, 4]);
});

test('no items are no work', async () => {
  expect(await inParallel([], 3, () => Promise.reject(new Error('never')))).toEqual([]);
});
