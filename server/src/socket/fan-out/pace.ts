/** Most of the processor time left by the server's other tasks that frames of seats may take. */
const MOST_SHARE = 1 / 4;
/** The other tasks are taken to leave this much at least. */
const LEAST_LEFT = 1 / 20;
/** At least one frame a second goes out, whatever it costs (PROTOCOL.md, "Pushes"). */
export const LONGEST_INTERVAL_MS = 1_000;
/** The load of the other tasks is measured over at least this time. */
const LEAST_MEASURED_MS = 50;

export interface PaceClocks {
  /** Monotonic milliseconds. */
  monotonic(): number;
  /** Processor milliseconds of this thread. */
  processorMs(): number;
}

/**
 * How often frames of seats may leave, by what they cost: so often that they take at most a quarter of the time that the
 * server's other tasks leave. What an urgent frame takes at once, the frames behind it give back.
 */
export function createPace({ monotonic, processorMs }: PaceClocks) {
  let share = MOST_SHARE;
  /** Processor milliseconds that are not made up for by the time that has passed. */
  let owedMs = 0;
  let beganMs = -Infinity;
  let measured = { atMs: monotonic(), processorMs: processorMs(), spentMs: 0 };

  /** Measures what the other tasks took of the processor since the last measurement. */
  function measure(atMs: number): void {
    const passedMs = atMs - measured.atMs;
    if (passedMs < LEAST_MEASURED_MS) return;
    const usedMs = processorMs();
    share = shareLeft((usedMs - measured.processorMs - measured.spentMs) / passedMs);
    measured = { atMs, processorMs: usedMs, spentMs: 0 };
  }

  return {
    /** A frame begins. */
    begin(): void {
      const atMs = monotonic();
      owedMs = Math.max(0, owedMs - (atMs - beganMs) * share);
      measure(atMs);
      beganMs = atMs;
    },
    /** Runs a part of a frame, whose processor time counts. */
    spend(part: () => void): void {
      const beforeMs = processorMs();
      part();
      const spentMs = processorMs() - beforeMs;
      owedMs += spentMs;
      measured.spentMs += spentMs;
    },
    /** Shortest time from the beginning of the last frame to that of the next one, in milliseconds. */
    get intervalMs(): number {
      return Math.min(LONGEST_INTERVAL_MS, owedMs / share);
    },
  };
}

/** The share of the processor that frames may take beside other tasks with this load (0 to 1). */
function shareLeft(othersLoad: number): number {
  return MOST_SHARE * Math.max(LEAST_LEFT, 1 - Math.max(0, othersLoad));
}
