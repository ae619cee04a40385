import type { Failure, Reply } from './connection/connection.svelte.ts';
import { retryDelayMs } from './connection/retry-policy.ts';

/** A page's clock, chance and patience, as arguments so that a test has them in its hand. */
export interface Patience {
  now: () => number;
  random: () => number;
  /** Resolves after a while, or as soon as the signal aborts. */
  pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface InsistOptions extends Patience {
  /** Since when it is tried; two minutes later the last failure is the answer. */
  sinceMs: number;
  signal: AbortSignal;
  /** Hears before each pause why it is made. */
  onPause: (because: Failure) => void;
}

/**
 * Sends what may be repeated without harm until it is answered. Null once it was aborted: then nobody knows whether the
 * last one arrived.
 */
export async function insist<T>(send: () => Promise<Reply<T>>, options: InsistOptions): Promise<Reply<T> | null> {
  const { now, random, pause, sinceMs, signal, onPause } = options;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    const reply = await send();
    if (signal.aborted) return null;
    if (reply.ok) return reply;
    const delayMs = retryDelayMs(reply.error, attempt, now() - sinceMs, random);
    if (delayMs === null) return reply;
    onPause(reply.error);
    await pause(delayMs, signal);
  }
  return null;
}
