import type { Config } from '#server/config.ts';
import type { Log } from '#server/log.ts';
import type { Tracing } from '#server/tracing/tracing.ts';
import type { Build } from '#shared/text/build.ts';

interface TracingOptions {
  config: Pick<Config, 'otlpEndpoint' | 'tracedShare'>;
  build: Build;
  /** Monotonic milliseconds of `performance.now`. */
  monotonic: () => number;
  log: Log;
}

/** Traces of commands for a collector; null, and nothing of OpenTelemetry loaded, unless the settings name one. */
export async function composeTracing({ config, build, monotonic, log }: TracingOptions): Promise<Tracing | null> {
  const { otlpEndpoint: endpoint, tracedShare: share } = config;
  if (endpoint === null) return null;
  const { createOtlpTracing } = await import('#server/tracing/otlp.ts');
  return createOtlpTracing({ endpoint, share, build, monotonic, log });
}
