import type { Result } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';

const RETRY_AFTER_MS = 1_000;
/** A timer is exact to a millisecond: shorter rests add up until they are worth one. */
const LEAST_REST_MS = 5;

interface ReadLaneOptions {
  /** Reads that run at once. */
  parallel: number;
  /** Reads that wait; more are refused with BUSY. */
  mostWaiting: number;
  /** A read that has waited longer is refused with BUSY. */
  longestWaitMs: number;
  /** How long the lane rests after its reads, as a share of the time that they took. */
  rest: number;
  /** Monotonic milliseconds. */
  monotonic: () => number;
  sleep: (ms: number) => Promise<void>;
}

interface WaitingRead {
  enteredMs: number;
  read: () => Promise<Result<unknown>>;
  result: Promise<Result<unknown>>;
  resolve(result: Result<unknown>): void;
  reject(error: unknown): void;
}

export type ReadLane = ReturnType<typeof createReadLane>;

/**
 * Bounds what reads of one kind may take from the database, however many are asked for: a few run at once, the lane
 * rests between them, and the others wait. A read that waits is shared with all that ask for the same; one that has
 * begun is not, because it may miss what its next reader has just written.
 */
export function createReadLane(options: ReadLaneOptions) {
  const { parallel, mostWaiting, longestWaitMs, rest, monotonic, sleep } = options;
  const waiting = new Map<string, WaitingRead>();
  let running = 0;
  /** When the lane has rested from all its reads. */
  let restedMs = -Infinity;

  async function serve(): Promise<void> {
    running += 1;
    for (let next = takeNext(); next !== null; next = takeNext()) {
      const startedMs = monotonic();
      await next.read().then(next.resolve, next.reject);
      const owedMs = restAfter(startedMs);
      if (owedMs >= LEAST_REST_MS) await sleep(owedMs);
    }
    running -= 1;
  }

  function restAfter(startedMs: number): number {
    const nowMs = monotonic();
    restedMs = Math.max(restedMs, startedMs) + ((nowMs - startedMs) * (1 + rest)) / parallel;
    return rest > 0 ? restedMs - nowMs : 0;
  }

  /** The read that has waited longest; refuses those that have waited too long. */
  function takeNext(): WaitingRead | null {
    for (const [key, read] of waiting) {
      waiting.delete(key);
      if (monotonic() - read.enteredMs <= longestWaitMs) return read;
      read.resolve(refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS }));
    }
    return null;
  }

  /** Runs a read, or joins a waiting one with the same key. BUSY. */
  async function run<T>(key: string, read: () => Promise<Result<T>>): Promise<Result<T>> {
    const known = waiting.get(key);
    if (known) return known.result as Promise<Result<T>>;
    if (waiting.size >= mostWaiting) return refuse('BUSY', { retryAfterMs: RETRY_AFTER_MS });
    const { promise, resolve, reject } = Promise.withResolvers<Result<unknown>>();
    waiting.set(key, { enteredMs: monotonic(), read, result: promise, resolve, reject });
    if (running < parallel) void serve();
    return promise as Promise<Result<T>>;
  }

  return { run };
}
