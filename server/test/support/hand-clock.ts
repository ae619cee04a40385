import { sleepOrAbort } from '#server/sleep.ts';

/** The longest sleep that a move of the clock ends; longer sleeps run in real time. */
const LONGEST_ENDED_MS = 3_000;
/** The time of a standing clock in tests whose result must not depend on the time of day. */
export const NOON = '2026-11-23T12:00:00.000Z';

/**
 * A server's clock that a test moves. Each move ends the server's short sleeps, so that no test waits for a timer of
 * the server. The clock runs in real time, or stands at `standsAt` (ISO 8601) until it is moved.
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
    /** The server's sleep; a short sleep also ends when the clock is moved. */
    sleepOrAbort(ms: number, signal: AbortSignal): Promise<void> {
      if (ms > LONGEST_ENDED_MS) return sleepOrAbort(ms, signal);
      const moved = new AbortController();
      waiting.add(moved);
      return sleepOrAbort(ms, AbortSignal.any([signal, moved.signal])).finally(() => waiting.delete(moved));
    },
    /** Ends the server's short sleeps without moving the clock. */
    hurry: () => void (clock.offsetMs = offsetMs),
    /** Moves the clock on by one second every 50 ms until the promise settles. */
    async until<T>(happened: Promise<T>): Promise<T> {
      const passing = setInterval(() => clock.pass(1_000), 50);
      return happened.finally(() => clearInterval(passing));
    },
  };
  return clock;
}

export type HandClock = ReturnType<typeof handClock>;
