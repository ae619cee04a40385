import { Gauge, Histogram, Registry } from '@prometheus-io/client';
import type { Build } from '#shared/text/build.ts';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import type { MetricsPeers } from './merge-metrics.ts';
import { mergeMetrics } from './merge-metrics.ts';
import type { MetricSources } from './metric-sources.ts';
import { registerSourceMetrics } from './metric-sources.ts';
import { registerProcessMetrics } from './process-metrics.ts';

/** How long the numbers are cached, because each collection costs the database a count. */
const FRESH_MS = 1_000;
/** Seconds. A commit takes milliseconds; a command is answered within ten seconds. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

interface MetricsOptions {
  build: Build;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** The other workers; undefined if the server is a single process. */
  peers?: MetricsPeers | undefined;
}

/** Metrics of the server for Prometheus. Without personal data; every label has a short list of values. */
export function createMetrics({ build, monotonic, peers }: MetricsOptions) {
  const registry = new Registry();
  const commands = new Histogram({
    name: 'frontrow_command_duration_seconds',
    help: 'Commands over sockets, from arrival to answer, by command and outcome.',
    labelNames: ['command', 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const requests = new Histogram({
    name: 'frontrow_http_request_duration_seconds',
    help: 'HTTP requests, from arrival to the end of the answer, by route and class of status.',
    labelNames: ['route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const waits = new Histogram({
    name: 'frontrow_queue_wait_seconds',
    help: "How long commands wait in their event's queue before their batch begins.",
    buckets: BUCKETS,
    registers: [registry],
  });
  const commits = new Histogram({
    name: 'frontrow_batch_commit_seconds',
    help: 'Batches, from the first read to the commit, replays included.',
    buckets: BUCKETS,
    registers: [registry],
  });
  registerBuild(registry, build);
  const stopProcess = registerProcessMetrics(registry);
  const ownMetrics = cached(() => registry.getMetricsAsJSON(), monotonic);
  const text = cached(async () => (peers ? mergeMetrics(await peers.collectAll()) : registry.metrics()), monotonic);
  peers?.onCollect(ownMetrics);

  return {
    contentType: registry.contentType,
    /** Records a command's answer. On the hot path: takes a quarter of a microsecond. */
    observeCommand(command: string, outcome: ErrorCode | 'ok', elapsedMs: number): void {
      commands.observe({ command, outcome }, elapsedMs / 1_000);
    },
    /** Records the answer to a request; `route` is the pattern of its route, without values. */
    observeRequest(route: string, statusCode: number, elapsedMs: number): void {
      requests.observe({ route, status: `${Math.floor(statusCode / 100)}xx` }, elapsedMs / 1_000);
    },
    /** Records times of the booking engine. On the hot path. */
    engineTimes: {
      waited: (elapsedMs: number): void => waits.observe(elapsedMs / 1_000),
      committed: (elapsedMs: number): void => commits.observe(elapsedMs / 1_000),
    },
    /** Adds the counts that the server's parts keep themselves, which are read at each collection. */
    watch: (sources: MetricSources): void => registerSourceMetrics(registry, sources),
    /** The metrics of all processes of the server in the text format of Prometheus, about a second old at most. */
    text,
    close: stopProcess,
  };
}

/** The same for all workers. */
function registerBuild(registry: Registry, { version, commit }: Build): void {
  new Gauge({
    name: 'frontrow_build_info',
    help: 'Always 1: the version, commit and Node of the server are in the labels.',
    labelNames: ['version', 'commit', 'node'],
    registers: [registry],
    aggregator: 'first',
  }).set({ version, commit: commit ?? '', node: process.versions.node }, 1);
}

function cached<T>(read: () => Promise<T>, monotonic: () => number): () => Promise<T> {
  let last: { value: Promise<T>; readMs: number } | undefined;
  return () => {
    if (!last || monotonic() - last.readMs >= FRESH_MS) last = { value: read(), readMs: monotonic() };
    return last.value;
  };
}
