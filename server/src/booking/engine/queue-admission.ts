import { createPace } from './pace.ts';

/** Longest wait, at the present pace, of a user who has nothing in the queue; beyond it a command is refused at once. */
const LONGEST_WAIT_MS = 2_000;
/** With so many commands in the queue a user is let in for half of that time, with twice as many for a third. */
const HALVED_BY = 4;
/** The share of the pace at which refused commands may return; the rest is for new commands. */
const RETURN_SHARE = 0.5;
/** A shorter time would only bring the same refusal again. */
const SHORTEST_RETRY_MS = 200;
/** Longest `retryAfterMs`: how full the queue will be later cannot be predicted. */
const LONGEST_RETRY_MS = 10_000;

interface QueueAdmissionOptions {
  /** Monotonic milliseconds. */
  monotonic: () => number;
  /** Commands of the largest batch: who is in the next one waits for one commit, whatever the pace. */
  maxBatch: number;
}

export type QueueAdmission = ReturnType<typeof createQueueAdmission>;

/**
 * Whether a command may enter an event queue. The queue is bounded by time: a command that could not be answered within
 * two seconds is not let in. The more commands of the same user are in the queue, the shorter that time is, so that a
 * flood of some users leaves the rest of the queue to those who have nothing in it.
 */
export function createQueueAdmission({ monotonic, maxBatch }: QueueAdmissionOptions) {
  const pace = createPace(monotonic);
  const waitingOf = new Map<string, number>();
  let waiting = 0;
  /** When the commands refused so far will have come back. */
  let returnedMs = -Infinity;

  function waitMs(): number {
    return (waiting + pace.unfinished + 1) / pace.perMs();
  }

  function longestWaitMs(userId: string): number {
    return LONGEST_WAIT_MS / (1 + (waitingOf.get(userId) ?? 0) / HALVED_BY);
  }

  return {
    pace,
    /** Whether a command of this user would have to wait too long. */
    isFullFor(userId: string): boolean {
      return waiting >= maxBatch && waitMs() > longestWaitMs(userId);
    },
    /**
     * When a refused command may be sent again. Each refusal gets a later time than the one before, at the pace at which
     * the queue empties: commands that came back together would be refused together.
     */
    retryAfterMs(userId: string): number {
      const nowMs = monotonic();
      const fullMs = waitMs();
      returnedMs =
        Math.max(returnedMs, nowMs, nowMs + fullMs - LONGEST_WAIT_MS) + 1 / (RETURN_SHARE * pace.surePerMs());
      returnedMs = Math.min(returnedMs, nowMs + LONGEST_RETRY_MS);
      const dueMs = Math.max(returnedMs - nowMs, fullMs - longestWaitMs(userId), SHORTEST_RETRY_MS);
      return Math.ceil(Math.min(dueMs, LONGEST_RETRY_MS));
    },
    /** `userId`: the sender; null for organisers and the server itself, who are always let in. */
    enter(userId: string | null): void {
      waiting += 1;
      if (userId !== null) waitingOf.set(userId, (waitingOf.get(userId) ?? 0) + 1);
    },
    /** Call when a command leaves the queue for a batch, or without. */
    leave(userId: string | null): void {
      waiting -= 1;
      if (userId === null) return;
      const left = (waitingOf.get(userId) ?? 0) - 1;
      if (left > 0) waitingOf.set(userId, left);
      else waitingOf.delete(userId);
    },
  };
}
