import { Counter, Gauge, Histogram, Registry } from '@prometheus-io/client';
import { expect, it } from 'vitest';
import type { ProcessMetrics } from './merge-metrics.ts';
import { addCounted, mergeMetrics } from './merge-metrics.ts';

/** The metrics of a worker that has answered `commands` commands, as they arrive from another process. */
async function workerWith(commands: number): Promise<ProcessMetrics> {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'jobs_total', help: 'Jobs.', labelNames: ['result'], registers }).inc(
    { result: 'done' },
    commands,
  );
  new Gauge({ name: 'open', help: 'Open.', labelNames: ['namespace'], registers }).set(
    { namespace: 'public' },
    commands,
  );
  new Gauge({ name: 'stored', help: 'Stored.', aggregator: 'first', registers }).set(7);
  const histogram = new Histogram({ name: 'seconds', help: 'S.', labelNames: ['command'], buckets: [1], registers });
  for (let index = 0; index < commands; index += 1) histogram.observe({ command: 'book' }, 0.5);
  return JSON.parse(JSON.stringify(await registry.getMetricsAsJSON())) as ProcessMetrics;
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

it('metrics of several workers have the sums of counters and histograms, and each worker’s gauges', async () => {
  const all = [
    { worker: 1, metrics: await workerWith(2) },
    { worker: 2, metrics: await workerWith(3) },
  ];
  expect(linesOf(await mergeMetrics(all)).toSorted()).toEqual([
    'jobs_total{result="done"} 5',
    'open{namespace="public",worker="1"} 2',
    'open{namespace="public",worker="2"} 3',
    'seconds_bucket{le="+Inf",command="book"} 5',
    'seconds_bucket{le="1",command="book"} 5',
    'seconds_count{command="book"} 5',
    'seconds_sum{command="book"} 2.5',
    'stored 7',
  ]);
});

it('metrics keep what ended workers have counted, and not their gauges', async () => {
  const ended = await addCounted(await addCounted([], await workerWith(2)), await workerWith(1));
  const lines = linesOf(await mergeMetrics([{ worker: null, metrics: ended }]));
  expect(lines).toContain('jobs_total{result="done"} 3');
  expect(lines).toContain('seconds_count{command="book"} 3');
  expect(lines.filter((line) => /^(?:open|stored)/.test(line))).toEqual([]);
});
