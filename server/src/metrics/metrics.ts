import type { FastifyInstance } from 'fastify';
import { Histogram, Registry } from '@prometheus-io/client';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import type { MetricSources } from './metric-sources.ts';
import { registerSourceMetrics } from './metric-sources.ts';
import { registerProcessMetrics } from './process-metrics.ts';

/** Whoever asks more often gets the same numbers: an open address must not cost the database a count each time. */
const FRESH_MS = 1_000;
/** A commit takes milliseconds, a command is answered within ten seconds. */
const SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type Metrics = ReturnType<typeof createMetrics>;

/** Numbers about this process for Prometheus; nothing in them is about a person, and every label comes from a short list. */
export function createMetrics({ monotonic }: { monotonic: () => number }) {
  const registry = new Registry();
  const commands = new Histogram({
    name: 'frontrow_command_duration_seconds',
    help: 'Commands over sockets, from arrival to answer, by command and outcome.',
    labelNames: ['command', 'outcome'],
    buckets: SECONDS,
    registers: [registry],
  });
  const stopProcess = registerProcessMetrics(registry);
  let text = Promise.resolve('');
  let madeMs = -Infinity;

  return {
    contentType: registry.contentType,
    /** Notes a command's answer; on the hot path, a quarter of a microsecond. */
    observeCommand(command: string, outcome: ErrorCode | 'ok', elapsedMs: number): void {
      commands.observe({ command, outcome }, elapsedMs / 1_000);
    },
    /** Adds what the parts of the server count themselves; read when somebody asks. */
    watch: (sources: MetricSources): void => registerSourceMetrics(registry, sources),
    /** All metrics in the text format, at most a second old. */
    text(): Promise<string> {
      if (monotonic() - madeMs < FRESH_MS) return text;
      madeMs = monotonic();
      return (text = registry.metrics());
    },
    close: stopProcess,
  };
}

/** For whoever runs the server; put it behind the proxy's own rules where the world should not read it. */
export function mountMetrics(app: FastifyInstance, metrics: Pick<Metrics, 'text' | 'contentType'>): void {
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()));
}
