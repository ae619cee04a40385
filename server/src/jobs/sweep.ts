import { sleepOrAbort } from '#server/sleep.ts';

/** Something that is done again and again until it is closed. */
export interface Sweep {
  /** Resolves when what is running is done; nothing begins any more. */
  close(): Promise<void>;
}

/** Resolves after that time, or as soon as the signal is aborted. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface SweepOptions {
  pauseMs: number;
  failed: (error: unknown) => void;
  wait?: Wait | undefined;
}

/**
 * Runs `sweep` over and over, the first time at once. It answers how long to wait for the next time, in milliseconds;
 * after a failure that is `pauseMs`.
 */
export function startSweep(
  sweep: () => Promise<number>,
  { pauseMs, failed, wait = sleepOrAbort }: SweepOptions,
): Sweep {
  const closing = new AbortController();

  async function once(): Promise<number> {
    try {
      return await sweep();
    } catch (error) {
      failed(error);
      return pauseMs;
    }
  }

  async function run(): Promise<void> {
    for (let waitMs = 0; ; waitMs = await once()) {
      await wait(waitMs, closing.signal);
      if (closing.signal.aborted) return;
    }
  }

  const running = run();
  return {
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}
