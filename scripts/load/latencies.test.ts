import { expect, test } from 'vitest';
import { Latencies } from './latencies.ts';

function latenciesOf(...values: number[]): Latencies {
  const latencies = new Latencies();
  for (const ms of values) latencies.record(ms);
  return latencies;
}

test('latencies of several sources add up', () => {
  const all = latenciesOf(10, 20);
  all.add(latenciesOf(1_000));
  expect(all.count).toBe(3);
  expect(all.percentiles().max).toBeCloseTo(1_000, -1);
  expect(all.percentile(50)).toBeCloseTo(20, 1);
});

test('latencies are empty after a reset', () => {
  const latencies = latenciesOf(10);
  latencies.reset();
  expect(latencies.count).toBe(0);
  expect(latencies.percentiles()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 });
});
