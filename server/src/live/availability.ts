// What arrives here was committed by booking/commit.ts, in this process or another one, and read by live/change-feed.ts.
import type { Availability } from '#shared/event.ts';
import type { Conflation } from './conflate.ts';
import { emptyConflation, remember, conflate, takeFrame } from './conflate.ts';

export type AvailabilityPushes = ReturnType<typeof createAvailabilityPushes>;

export interface AvailabilityDeps {
  /** Sends one frame to whoever may see it. */
  push(audience: 'everyone' | 'admins', changes: Availability[]): void;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/** Conflates seat changes into frames: one stream for everyone, one for the drafts that only admins see. */
export function createAvailabilityPushes({ push, monotonic }: AvailabilityDeps) {
  const everyone = createStream((changes) => push('everyone', changes), monotonic);
  const admins = createStream((changes) => push('admins', changes), monotonic);

  return {
    changed(state: Availability, draft: boolean): void {
      (draft ? admins : everyone).changed(state);
    },
    /** A state that was read, not changed: the measure for what comes later. */
    note(state: Availability, draft: boolean): void {
      (draft ? admins : everyone).note(state);
    },
    close(): void {
      everyone.close();
      admins.close();
    },
  };
}

function createStream(push: (changes: Availability[]) => void, monotonic: () => number) {
  const state: Conflation = emptyConflation();
  let timer: NodeJS.Timeout | null = null;

  function frame(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    push(takeFrame(state, monotonic()));
  }

  return {
    changed(change: Availability): void {
      const dueMs = conflate(state, change, monotonic());
      if (dueMs === 0) frame();
      else if (dueMs !== null) timer ??= setTimeout(frame, dueMs);
    },
    note: (change: Availability) => remember(state, change),
    close(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
