import { expect, test } from 'vitest';
import { createSharedRuns } from './shared-runs.ts';

test('callers that come during a run share the next one, in which each finds what it wants', async () => {
  const runs: string[][] = [];
  const first = Promise.withResolvers<void>();
  const ask = createSharedRuns<string>(async (wanted) => {
    runs.push([...wanted]);
    if (runs.length === 1) await first.promise;
  });
  const one = ask(['a']);
  await Promise.resolve();
  const others = [ask(['b']), ask(['c', 'd'])];
  first.resolve();
  await Promise.all([one, ...others]);
  await ask(['e']);
  expect(runs).toEqual([['a'], ['b', 'c', 'd'], ['e']]);
});

test('a run that fails fails for its callers, and not for those of the next one', async () => {
  let fails = true;
  const ask = createSharedRuns<string>(async () => {
    if (fails) throw new Error('away');
  });
  const failing = ask(['a']);
  await expect(failing).rejects.toThrow('away');
  fails = false;
  await expect(ask(['b'])).resolves.toBeUndefined();
});
