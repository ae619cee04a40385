import { expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

test('tasks in parallel run at most so many at a time, and their results are in the order of the items', async () => {
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

test('no task runs in parallel for an empty list', async () => {
  expect(await inParallel([], 3, () => Promise.reject(new Error('never')))).toEqual([]);
});
