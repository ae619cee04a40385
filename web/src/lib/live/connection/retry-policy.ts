import type { Failure } from './connection.svelte.ts';

/** How long a page keeps trying before it says that there was no answer. */
export const KEEP_TRYING_MS = 120_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
/** Without a connection nothing reaches the server, and once it is back nobody should wait for the answer. */
const LONGEST_UNCONNECTED_PAUSE_MS = 1_000;

const RETRYABLE = new Set<Failure['code']>(['BUSY', 'UNAVAILABLE', 'RATE_LIMITED', 'CONNECTION_LOST']);

/** Whether trying again with the same `requestId` can settle it. */
export function isRetryable(failure: Failure): boolean {
  return RETRYABLE.has(failure.code);
}

/**
 * How long to wait before the next attempt, or null where none is due. `attempt` counts from 1; `elapsedMs` since the
 * first. Half of the pause again is random, so that a crowd that failed together does not come back together.
 */
export function retryDelayMs(
  failure: Failure,
  attempt: number,
  elapsedMs: number,
  random: () => number,
): number | null {
  if (!isRetryable(failure)) return null;
  const longestMs = failure.code === 'CONNECTION_LOST' ? LONGEST_UNCONNECTED_PAUSE_MS : LONGEST_PAUSE_MS;
  const pauseMs = failure.retryAfterMs ?? Math.min(longestMs, FIRST_PAUSE_MS * 2 ** (attempt - 1));
  const delayMs = Math.round(pauseMs * (1 + random() / 2));
  return elapsedMs + delayMs > KEEP_TRYING_MS ? null : delayMs;
}
