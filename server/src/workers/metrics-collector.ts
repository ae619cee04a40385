import { addCounted, countedIn, type ProcessMetrics, type WorkerMetrics } from '../metrics/merge-metrics.ts';

/** How long a worker may take to collect its metrics; one that is stuck must not keep those of the others back. */
const ANSWER_MS = 2_000;

interface Collection {
  /** Workers that have not answered yet. */
  missing: Set<number>;
  finish: () => void;
}

/** Collects the metrics of all workers in the primary. `ask` asks a worker for its metrics under this number. */
export function createMetricsCollector(ask: (worker: number, collection: number) => void) {
  const collections = new Map<number, Collection>();
  const last = new Map<number, ProcessMetrics>();
  let ended: Promise<ProcessMetrics> = Promise.resolve([]);
  let count = 0;

  /** Of a worker that does not answer only what it had counted before, and of those that ended as well. */
  async function collect(workers: readonly number[]): Promise<WorkerMetrics[]> {
    const collection = (count += 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const missing = new Set(workers);
    collections.set(collection, { missing, finish: resolve });
    for (const worker of workers) ask(worker, collection);
    const timer = setTimeout(resolve, ANSWER_MS);
    await promise;
    clearTimeout(timer);
    collections.delete(collection);
    const running = [...last].map(([worker, metrics]) => ({
      worker,
      metrics: missing.has(worker) ? countedIn(metrics) : metrics,
    }));
    return [...running, { worker: null, metrics: await ended }];
  }

  function answered(worker: number, collection: number, metrics: ProcessMetrics): void {
    last.set(worker, metrics);
    settle(worker, collections.get(collection));
  }

  /** Keeps what the worker had counted at the last collection. */
  function workerEnded(worker: number): void {
    const metrics = last.get(worker);
    last.delete(worker);
    if (metrics) ended = ended.then((earlier) => addCounted(earlier, metrics));
    for (const collection of collections.values()) settle(worker, collection);
  }

  function settle(worker: number, collection: Collection | undefined): void {
    if (collection?.missing.delete(worker) && collection.missing.size === 0) collection.finish();
  }

  return { collect, answered, workerEnded };
}
