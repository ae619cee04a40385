import { sleepOrAbort } from '#server/sleep.ts';

/** Longer waits are not ended by a move of the clock. */
const LONGEST_ENDED_MS = 3_000;
/** When a clock stands that the time of day must not matter to. */
export const NOON = '2026-11-23T12:00:00.000Z';

/**
 * A server's clock that a test moves. A move ends the server's short waits, so that no test waits for a timer of the
 * server. The clock runs, or stands at `standsAt` (ISO 8601) until it is moved.
 */
export function handClock({ standsAt }: { standsAt?: string } = {}) {
  const waiting = new Set<AbortController>();
  const standsAtMs = standsAt === undefined ? null : Date.parse(standsAt);
  let offsetMs = 0;

  const clock = {
    now: () => new Date((standsAtMs ?? Date.now()) + offsetMs),
    get offsetMs() {
      return offsetMs;
    },
    set offsetMs(ms: number) {
      offsetMs = ms;
      for (const one of waiting) one.abort();
    },
    pass: (ms: number) => void (clock.offsetMs += ms),
    moveTo: (at: Date) => clock.pass(at.getTime() - clock.now().getTime()),
    /** Waits as the server does, but no longer than until the clock is moved. */
    sleepOrAbort(ms: number, signal: AbortSignal): Promise<void> {
      if (ms > LONGEST_ENDED_MS) return sleepOrAbort(ms, signal);
      const moved = new AbortController();
      waiting.add(moved);
      return sleepOrAbort(ms, AbortSignal.any([signal, moved.signal])).finally(() => waiting.delete(moved));
    },
    /** Ends the server's short waits at the same time of day. */
    hurry: () => void (clock.offsetMs = offsetMs),
    /** Passes a second every 50 ms until something has happened. */
    async until<T>(happened: Promise<T>): Promise<T> {
      const passing = setInterval(() => clock.pass(1_000), 50);
      return happened.finally(() => clearInterval(passing));
    },
  };
  return clock;
}

export type HandClock = ReturnType<typeof handClock>;
