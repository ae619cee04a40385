/** Before anything is measured: more than most machines can do, so that the first crowd of a sale is let in. */
const FIRST_PER_MS = 5;
/** What any machine can do: before anything is measured no promise rests on more. */
const SURE_PER_MS = 2;
/** The weight of the first guess, as if it were the pace of so much time. */
const FIRST_WEIGHT_MS = 500;
/** Time over which the pace is smoothed. */
const SMOOTHED_OVER_MS = 1_000;
/** The most that one batch weighs: a batch that an election of the database held up is no pace. */
const HEAVIEST_BATCH_MS = 300;

/** A batch that takes longer has met a hold-up, which counts before the batch has ended. */
const LONG_BATCH_MS = 1_000;

interface RunningBatch {
  size: number;
  startedMs: number;
}

/**
 * How many commands of an event queue are answered in a millisecond, measured by the queue itself. Only batches that
 * left commands behind count: other batches show the pace of the senders.
 */
export function createPace(monotonic: () => number) {
  let commands = FIRST_PER_MS * FIRST_WEIGHT_MS;
  let spentMs = FIRST_WEIGHT_MS;
  let isMeasured = false;
  let running: RunningBatch | null = null;

  function note(size: number, tookMs: number): void {
    isMeasured = true;
    const weightMs = Math.min(tookMs, HEAVIEST_BATCH_MS);
    const kept = Math.exp(-weightMs / SMOOTHED_OVER_MS);
    commands = commands * kept + (size * weightMs) / tookMs;
    spentMs = spentMs * kept + weightMs;
  }

  function perMs(): number {
    const heldUpMs = running ? monotonic() - running.startedMs - LONG_BATCH_MS : 0;
    return commands / (spentMs + Math.max(0, heldUpMs));
  }

  return {
    perMs,
    /** The same, for promises: careful while nothing is measured. */
    surePerMs: () => (isMeasured ? perMs() : Math.min(perMs(), SURE_PER_MS)),
    begin(batch: RunningBatch): void {
      running = batch;
    },
    /** `hasMore`: commands were left behind when the batch was taken. */
    end(hasMore: boolean): void {
      if (running && hasMore) note(running.size, Math.max(1, monotonic() - running.startedMs));
      running = null;
    },
    /** Commands of the running batch that are still to be answered, at the present pace. */
    get unfinished(): number {
      if (!running) return 0;
      return Math.max(0, running.size - (monotonic() - running.startedMs) * perMs());
    },
  };
}
