import type { PushName } from '#shared/protocol/pushes.ts';
import type { Percentiles } from '../../load/latencies.ts';
import { Latencies } from '../../load/latencies.ts';
import type { PaymentChoice } from '../buyers/pay-for-hold.ts';
import type { Action } from '../buyers/random-choice.ts';
import { ACTIONS } from '../buyers/random-choice.ts';

/** Milliseconds from the first attempt to the final reply. */
export interface ActionLatency extends Percentiles {
  count: number;
}

/** The result of a run, as plain data. */
export interface CrowdFigures {
  /** How long the buyers were active. */
  seconds: number;
  bookings: number;
  seats: number;
  bookingsPerSecond: number;
  latencyMs: Record<Action, ActionLatency>;
  /** Refusals by their code, including those that a retry overcame. */
  refused: Record<string, number>;
  /** Commands sent again with the same requestId, after a lost connection or a temporary refusal. */
  retries: number;
  /** Commands given up without a reply. */
  unanswered: number;
  lostConnections: number;
  /** Buyers that had to stop early, by the reason. */
  stopped: Record<string, number>;
  pushes: Record<string, number>;
  /** Checkouts by the way they were paid. */
  payments: Record<string, number>;
}

export type Tally = ReturnType<typeof createTally>;

/** Counts the events of a run. Times are milliseconds of a monotonic clock. */
export function createTally() {
  const latency: Record<Action, Latencies> = { book: new Latencies(), look: new Latencies(), cancel: new Latencies() };
  const recent = new Latencies();
  const refused = new Map<string, number>();
  const stopped = new Map<string, number>();
  const pushes = new Map<string, number>();
  const payments = new Map<string, number>();
  const counts = { bookings: 0, seats: 0, retries: 0, unanswered: 0, lostConnections: 0 };

  return {
    succeeded(action: Action, elapsedMs: number): void {
      latency[action].record(elapsedMs);
      if (action === 'book') recent.record(elapsedMs);
    },
    booked(seats: number): void {
      counts.bookings += 1;
      counts.seats += seats;
    },
    refused: (code: string) => increase(refused, code),
    retried: () => void (counts.retries += 1),
    unanswered: () => void (counts.unanswered += 1),
    lostConnection: () => void (counts.lostConnections += 1),
    stopped: (reason: string) => increase(stopped, reason),
    paymentChosen: (choice: PaymentChoice) => increase(payments, choice),
    pushed: (name: PushName) => increase(pushes, name),
    /** Bookings since the last call, and the 99th percentile of their latency in milliseconds. */
    takeRecent(): { bookings: number; p99Ms: number } {
      const taken = { bookings: recent.count, p99Ms: recent.percentile(99) };
      recent.reset();
      return taken;
    },
    figures(seconds: number): CrowdFigures {
      return {
        seconds,
        ...counts,
        bookingsPerSecond: seconds > 0 ? counts.bookings / seconds : 0,
        latencyMs: actionLatencies(latency),
        refused: Object.fromEntries(refused),
        stopped: Object.fromEntries(stopped),
        pushes: Object.fromEntries(pushes),
        payments: Object.fromEntries(payments),
      };
    },
  };
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function actionLatencies(latency: Record<Action, Latencies>): Record<Action, ActionLatency> {
  const entries = ACTIONS.map((action) => [action, { count: latency[action].count, ...latency[action].percentiles() }]);
  return Object.fromEntries(entries) as Record<Action, ActionLatency>;
}
