import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';

/** Two minutes: far above the ten seconds that a command may take, retries included. */
const LONGEST_US = 120_000_000;

/** Milliseconds. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** Latencies with three significant digits; one above two minutes counts as two minutes. */
export class Latencies {
  readonly #histogram: Histogram = build({
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(LONGEST_US, Math.round(ms * 1_000)));
  }

  add(other: Latencies): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Milliseconds; 0 without any latency. */
  percentile(percent: number): number {
    return this.#histogram.getValueAtPercentile(percent) / 1_000;
  }

  percentiles(): Percentiles {
    return {
      p50: this.percentile(50),
      p90: this.percentile(90),
      p99: this.percentile(99),
      max: this.percentile(100),
    };
  }
}
