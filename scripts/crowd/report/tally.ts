import type { Histogram } from 'hdr-histogram-js';
import { build } from 'hdr-histogram-js';
import type { PushName } from '#shared/protocol/pushes.ts';
import type { Act } from '../buyers/chance.ts';
import { ACTS } from '../buyers/chance.ts';

/** Two minutes: far above the ten seconds that a command may take, several attempts included. */
const LONGEST_US = 120_000_000;

/** Milliseconds from the first attempt to the final answer. */
export interface Latency {
  count: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** What a crowd saw, as plain data. */
export interface Figures {
  /** How long it bought. */
  seconds: number;
  bookings: number;
  seats: number;
  bookingsPerSecond: number;
  latencyMs: Record<Act, Latency>;
  /** Refusals by their code, those that a retry overcame included. */
  refused: Record<string, number>;
  /** Commands sent again with the same requestId, after a lost connection or a passing refusal. */
  retries: number;
  /** Commands given up without an answer. */
  unanswered: number;
  lostConnections: number;
  /** Buyers that had to stop early, by the reason. */
  stopped: Record<string, number>;
  pushes: Record<string, number>;
  /** Checkouts by what was done with them. */
  payments: Record<string, number>;
}

export type Tally = ReturnType<typeof createTally>;

/** Counts what happens to a crowd; times are milliseconds of a monotonic clock. */
export function createTally() {
  const latency: Record<Act, Histogram> = { book: histogram(), look: histogram(), cancel: histogram() };
  const recent = histogram();
  const refused = new Map<string, number>();
  const stopped = new Map<string, number>();
  const pushes = new Map<string, number>();
  const payments = new Map<string, number>();
  const counts = { bookings: 0, seats: 0, retries: 0, unanswered: 0, lostConnections: 0 };

  return {
    succeeded(act: Act, elapsedMs: number): void {
      latency[act].recordValue(toUs(elapsedMs));
      if (act === 'book') recent.recordValue(toUs(elapsedMs));
    },
    booked(seats: number): void {
      counts.bookings += 1;
      counts.seats += seats;
    },
    refused: (code: string) => increase(refused, code),
    retried: () => void (counts.retries += 1),
    unanswered: () => void (counts.unanswered += 1),
    lostConnection: () => void (counts.lostConnections += 1),
    stopped: (why: string) => increase(stopped, why),
    paid: (way: string) => increase(payments, way),
    pushed: (name: PushName) => increase(pushes, name),
    /** Bookings and the 99th percentile in milliseconds since this was last asked. */
    takeRecent(): { bookings: number; p99Ms: number } {
      const taken = { bookings: recent.totalCount, p99Ms: toMs(recent.getValueAtPercentile(99)) };
      recent.reset();
      return taken;
    },
    figures(seconds: number): Figures {
      return {
        seconds,
        ...counts,
        bookingsPerSecond: seconds > 0 ? counts.bookings / seconds : 0,
        latencyMs: latencies(latency),
        refused: Object.fromEntries(refused),
        stopped: Object.fromEntries(stopped),
        pushes: Object.fromEntries(pushes),
        payments: Object.fromEntries(payments),
      };
    },
  };
}

function histogram(): Histogram {
  return build({ highestTrackableValue: LONGEST_US, numberOfSignificantValueDigits: 3, bitBucketSize: 32 });
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function toUs(ms: number): number {
  return Math.min(LONGEST_US, Math.round(ms * 1_000));
}

function toMs(us: number): number {
  return us / 1_000;
}

function latencies(histograms: Record<Act, Histogram>): Record<Act, Latency> {
  return Object.fromEntries(ACTS.map((act) => [act, latencyOf(histograms[act])])) as Record<Act, Latency>;
}

function latencyOf(values: Histogram): Latency {
  const at = (percentile: number) => toMs(values.getValueAtPercentile(percentile));
  return { count: values.totalCount, p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}
