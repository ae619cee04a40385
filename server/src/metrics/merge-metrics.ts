import type { MetricObjectWithValues, MetricValue } from '@prometheus-io/client';
import { Registry } from '@prometheus-io/client';

/** The metrics of one process, as data that another process can merge. */
export type ProcessMetrics = MetricObjectWithValues<MetricValue<string>>[];

/** The metrics of one worker, or of all that have ended (`worker` is null). */
export interface WorkerMetrics {
  worker: number | null;
  metrics: ProcessMetrics;
}

/** What a worker's metrics need of the other workers. */
export interface MetricsPeers {
  /** Sets how this worker collects its own metrics when another one asks for all. */
  onCollect(collect: () => Promise<ProcessMetrics>): void;
  /** The metrics of all workers, this one included. */
  collectAll(): Promise<WorkerMetrics[]>;
}

/**
 * The metrics of several workers in the text format of Prometheus. Counters and histograms are summed. Gauges get the
 * label `worker`, but for those of the database, which each worker reads alike.
 */
export function mergeMetrics(all: readonly WorkerMetrics[]): Promise<string> {
  return Registry.aggregate(all.map(({ worker, metrics }) => metrics.map((one) => labelled(one, worker)))).metrics();
}

function labelled(metric: ProcessMetrics[number], worker: number | null): ProcessMetrics[number] {
  if (worker === null || metric.type !== 'gauge' || metric.aggregator === 'first') return metric;
  return { ...metric, values: metric.values.map((one) => ({ ...one, labels: { ...one.labels, worker } })) };
}

/** Adds what a worker has counted to what earlier ones have: a sum that fell would look like a restart of the server. */
export function addCounted(earlier: ProcessMetrics, metrics: ProcessMetrics): Promise<ProcessMetrics> {
  return Registry.aggregate([earlier, countedIn(metrics)]).getMetricsAsJSON();
}

/** Counters and histograms, whose values stay true when their worker does not answer any more. */
export function countedIn(metrics: ProcessMetrics): ProcessMetrics {
  return metrics.filter(({ type }) => type !== 'gauge');
}
