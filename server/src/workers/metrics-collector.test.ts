import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ProcessMetrics } from '../metrics/merge-metrics.ts';
import { createMetricsCollector } from './metrics-collector.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const metric = (name: string, type: 'counter' | 'gauge', value: number): ProcessMetrics[number] => ({
  name,
  type,
  help: name,
  aggregator: 'sum',
  collect: () => undefined,
  values: [{ value, labels: {} }],
});
const metricsOf = (count: number) => [metric('jobs', 'counter', count), metric('open', 'gauge', count)];

/** A collector of workers, of which those in `silent` do not answer. */
function collectorWith(counts: ReadonlyMap<number, number>, silent: ReadonlySet<number>) {
  const collector = createMetricsCollector((worker, collection) => {
    if (!silent.has(worker)) collector.answered(worker, collection, metricsOf(counts.get(worker) ?? 0));
  });
  return collector;
}

/** Names and values by worker. */
function shown(all: Awaited<ReturnType<ReturnType<typeof createMetricsCollector>['collect']>>) {
  return all.map(({ worker, metrics }) => [worker, metrics.map(({ name, values }) => [name, values[0]?.value])]);
}

it('a worker that does not answer delays the metrics by two seconds, and counts as it did before', async () => {
  const silent = new Set<number>();
  const collector = collectorWith(
    new Map([
      [1, 3],
      [2, 4],
    ]),
    silent,
  );
  await collector.collect([1, 2]);
  silent.add(2);
  const collecting = collector.collect([1, 2]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(shown(await collecting)).toEqual([
    [
      1,
      [
        ['jobs', 3],
        ['open', 3],
      ],
    ],
    [2, [['jobs', 4]]],
    [null, []],
  ]);
});

it('a worker that ends while its metrics are collected delays them no longer, and its counts stay', async () => {
  const silent = new Set<number>();
  const collector = collectorWith(new Map([[1, 3]]), silent);
  await collector.collect([1]);
  silent.add(1);
  const collecting = collector.collect([1]);
  collector.workerEnded(1);
  expect(shown(await collecting)).toEqual([[null, [['jobs', 3]]]]);
});
