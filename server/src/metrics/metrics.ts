import type { FastifyInstance } from 'fastify';
import { Histogram, Registry } from '@prometheus-io/client';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import type { MetricSources } from './metric-sources.ts';
import { registerSourceMetrics } from './metric-sources.ts';
import { registerProcessMetrics } from './process-metrics.ts';

/** How long the numbers are cached: anyone may request them, and each collection costs the database a count. */
const FRESH_MS = 1_000;
/** Seconds. A commit takes milliseconds; a command is answered within ten seconds. */
const BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

/** Metrics of this process for Prometheus. Without personal data; every label has a short list of values. */
export function createMetrics({ monotonic }: { monotonic: () => number }) {
  const registry = new Registry();
  const commands = new Histogram({
    name: 'frontrow_command_duration_seconds',
    help: 'Commands over sockets, from arrival to answer, by command and outcome.',
    labelNames: ['command', 'outcome'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const stopProcess = registerProcessMetrics(registry);
  let text = Promise.resolve('');
  let collectedMs = -Infinity;

  return {
    contentType: registry.contentType,
    /** Records a command's answer. On the hot path: takes a quarter of a microsecond. */
    observeCommand(command: string, outcome: ErrorCode | 'ok', elapsedMs: number): void {
      commands.observe({ command, outcome }, elapsedMs / 1_000);
    },
    /** Adds the counts that the server's parts keep themselves, which are read at each collection. */
    watch: (sources: MetricSources): void => registerSourceMetrics(registry, sources),
    /** All metrics in the text format of Prometheus, at most a second old. */
    text(): Promise<string> {
      if (monotonic() - collectedMs < FRESH_MS) return text;
      collectedMs = monotonic();
      return (text = registry.metrics());
    },
    close: stopProcess,
  };
}

/** `GET /metrics`, without a session. A proxy should restrict it if the public must not read it. */
export function mountMetrics(app: FastifyInstance, metrics: Pick<Metrics, 'text' | 'contentType'>): void {
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
