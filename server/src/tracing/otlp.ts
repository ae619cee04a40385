// Imported only if OTEL_EXPORTER_OTLP_ENDPOINT is set: without that, no module of OpenTelemetry is loaded.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context, HrTime, Span } from '@opentelemetry/api';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { BatchSpanProcessor, TracerProvider, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import type { Log } from '#server/log.ts';
import type { Build } from '#shared/text/build.ts';
import { createAwaitedPushes } from './awaited-pushes.ts';
import type { QueuedTrace, TracedCommit, Tracing } from './tracing.ts';

interface OtlpOptions {
  /** Base address of a collector; traces go to `/v1/traces` there, as JSON. */
  endpoint: string;
  /** Share of the commands that are followed, from 0 to 1. */
  share: number;
  build: Build;
  /** Monotonic milliseconds of `performance.now`. */
  monotonic: () => number;
  log: Pick<Log, 'warn'>;
}

const EXPORT_MS = 5_000;
/** How long the end of the server waits for the last traces. */
const CLOSE_MS = 1_000;

/**
 * Traces by OpenTelemetry over OTLP/HTTP. A trace has the command as its root (socket to acknowledgement), below it
 * `queue` and `commit`, below the commit `feed`, and below that `push`. Headers for the collector are taken from
 * OTEL_EXPORTER_OTLP_HEADERS in the environment of the process.
 */
export function createOtlpTracing({ endpoint, share, build, monotonic, log }: OtlpOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'frontrow', 'service.version': build.version }),
    sampler: new TraceIdRatioBasedSampler(share),
    spanProcessors: [new BatchSpanProcessor({ exporter: reporting(exporter, log), exportTimeoutMillis: EXPORT_MS })],
  });
  const tracer = provider.getTracer('frontrow');
  const current = new AsyncLocalStorage<Span>();
  const time = () => timeOf(monotonic());
  const pushes = createAwaitedPushes({ tracer, monotonic, time });

  function queuedTrace(context: Context): QueuedTrace {
    const queue = tracer.startSpan('queue', { startTime: time() }, context);
    let commit: Span | null = null;
    return {
      began(): void {
        queue.end(time());
        commit = tracer.startSpan('commit', { startTime: time() }, context);
      },
      committed(committed: TracedCommit): void {
        if (commit === null) return;
        commit.setAttributes({ 'frontrow.event_version': committed.version, 'frontrow.batch_size': committed.size });
        commit.end(time());
        pushes.wait(committed, trace.setSpan(context, commit));
      },
    };
  }

  return {
    async follow(command, ids, carryOut): Promise<void> {
      const startTime = time();
      const root = tracer.startSpan(
        command,
        { kind: SpanKind.SERVER, startTime, attributes: named(ids) },
        ROOT_CONTEXT,
      );
      if (!root.isRecording()) return carryOut();
      try {
        await current.run(root, carryOut);
      } finally {
        root.end(time());
      }
    },
    answered(outcome): void {
      current.getStore()?.setAttribute('frontrow.outcome', outcome);
    },
    enter(): QueuedTrace | null {
      const root = current.getStore();
      return root === undefined ? null : queuedTrace(trace.setSpan(ROOT_CONTEXT, root));
    },
    received: pushes.received,
    pushed: pushes.pushed,
    async close(): Promise<void> {
      const { promise: tooLate, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, CLOSE_MS);
      await Promise.race([provider.shutdown(), tooLate]);
      clearTimeout(timer);
    },
  };
}

/**
 * Seconds and nanoseconds since 1970. Not the milliseconds themselves: OpenTelemetry corrects those of each span by the
 * system's clock, so that the spans of a trace would overlap.
 */
function timeOf(monotonicMs: number): HrTime {
  const ms = performance.timeOrigin + monotonicMs;
  return [Math.trunc(ms / 1e3), Math.round((ms % 1e3) * 1e6)];
}

function named(ids: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [`frontrow.${name}`, id]));
}

/** Logs the first failure of a row of failures: OpenTelemetry itself keeps silent. */
function reporting(exporter: SpanExporter, log: Pick<Log, 'warn'>): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done): void {
      exporter.export(spans, (result) => {
        if (result.code !== 0 && !isFailing) log.warn({ err: result.error }, 'Traces could not be sent');
        isFailing = result.code !== 0;
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}
