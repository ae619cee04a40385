/** Something that is done again and again until it is closed. */
export interface Sweep {
  /** Resolves when what is running is done; nothing begins any more. */
  close(): Promise<void>;
}

/**
 * Runs `sweep` over and over, the first time at once. It answers how long to wait for the next time, in milliseconds;
 * after a failure that is `pauseMs`.
 */
export function startSweep(
  sweep: () => Promise<number>,
  { pauseMs, failed }: { pauseMs: number; failed: (error: unknown) => void },
): Sweep {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let running: Promise<void> = Promise.resolve();

  async function tick(): Promise<void> {
    let waitMs = pauseMs;
    try {
      waitMs = await sweep();
    } catch (error) {
      failed(error);
    }
    if (!closed) schedule(waitMs);
  }

  function schedule(waitMs: number): void {
    timer = setTimeout(() => {
      running = tick();
    }, waitMs);
  }

  schedule(0);

  return {
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
