import { sleepOrAbort } from '#server/sleep.ts';

/** Whoever looks more rarely than that is left alone. */
const LONGEST_ENDED_MS = 3_000;

/** A server's clock in a test's hand. Whoever moves it ends what waits for it: no test waits for a timer of the server. */
export function handClock() {
  const waiting = new Set<AbortController>();
  let offsetMs = 0;

  const clock = {
    now: () => new Date(Date.now() + offsetMs),
    get offsetMs() {
      return offsetMs;
    },
    set offsetMs(ms: number) {
      offsetMs = ms;
      for (const one of waiting) one.abort();
    },
    /** Waits as the server does, until the clock is moved at the longest. */
    sleepOrAbort(ms: number, signal: AbortSignal): Promise<void> {
      if (ms > LONGEST_ENDED_MS) return sleepOrAbort(ms, signal);
      const moved = new AbortController();
      waiting.add(moved);
      return sleepOrAbort(ms, AbortSignal.any([signal, moved.signal])).finally(() => waiting.delete(moved));
    },
    /** Whatever would look only later looks now. */
    hurry: () => void (clock.offsetMs = offsetMs),
    /** Lets time go by, a second at a look, until that has happened. */
    async until<T>(happened: Promise<T>): Promise<T> {
      const passing = setInterval(() => void (clock.offsetMs += 1_000), 50);
      return happened.finally(() => clearInterval(passing));
    },
  };
  return clock;
}
