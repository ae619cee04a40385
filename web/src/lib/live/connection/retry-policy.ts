import type { Failure } from './connection.svelte.ts';

/** The time from the first attempt after which no attempt begins, in milliseconds. */
export const RETRY_FOR_MS = 120_000;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 8_000;
/**
 * Shorter, because an attempt without a connection costs the server nothing and a new connection should be used soon.
 */
const LONGEST_UNCONNECTED_DELAY_MS = 1_000;

const RETRYABLE = new Set<Failure['code']>(['BUSY', 'UNAVAILABLE', 'RATE_LIMITED', 'CONNECTION_LOST']);

/** A press at the opening of a sale may reach the server this much before it: by the difference of two clocks. */
const OPENING_MS = 2_000;

/** The clock, the randomness and the sleep of retries. */
export interface RetryTiming {
  /** Milliseconds since 1970. */
  now: () => number;
  /** At least 0, below 1. */
  random: () => number;
  /** Resolves after `ms`, at once when the signal aborts; never rejects. */
  sleepOrAbort: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Whether another attempt with the same `requestId` can bring an outcome. */
export function isRetryable({ code, retryAfterMs }: Failure): boolean {
  return RETRYABLE.has(code) || (code === 'SALES_CLOSED' && retryAfterMs !== undefined && retryAfterMs <= OPENING_MS);
}

/**
 * Milliseconds before the next attempt, or null if none is due. `attempt` counts from 1; `elapsedMs` is the time since
 * the first attempt began. Up to half of the delay is added at random, so that clients which failed together do not
 * return together.
 */
export function retryDelayMs(
  failure: Failure,
  attempt: number,
  elapsedMs: number,
  random: () => number,
): number | null {
  if (!isRetryable(failure)) return null;
  const longestMs = failure.code === 'CONNECTION_LOST' ? LONGEST_UNCONNECTED_DELAY_MS : LONGEST_DELAY_MS;
  const leastMs = failure.retryAfterMs ?? Math.min(longestMs, FIRST_DELAY_MS * 2 ** (attempt - 1));
  const delayMs = Math.round(leastMs * (1 + random() / 2));
  return elapsedMs + delayMs > RETRY_FOR_MS ? null : delayMs;
}
