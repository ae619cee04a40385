import type { Availability } from '#shared/event.ts';
import type { Conflation } from './conflate.ts';
import { conflate, emptyConflation, remember, takeFrame } from './conflate.ts';

export type AvailabilityPushes = ReturnType<typeof createAvailabilityPushes>;

interface AvailabilityPushDeps {
  /** Sends one frame: published events to everyone, drafts to admins. */
  push(audience: 'everyone' | 'admins', changes: Availability[]): void;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/** Conflates seat changes into frames: one stream for everyone, one for the drafts that only admins see. */
export function createAvailabilityPushes({ push, monotonic }: AvailabilityPushDeps) {
  const everyone = createStream((changes) => push('everyone', changes), monotonic);
  const admins = createStream((changes) => push('admins', changes), monotonic);
  const streamOf = (isDraft: boolean) => (isDraft ? admins : everyone);

  return {
    /** Pushes a changed state with the next frame; a state older than the last one is dropped. */
    pushChange: (state: Availability, isDraft: boolean) => streamOf(isDraft).pushChange(state),
    /** Remembers a state that was read rather than changed, without a push: later changes are compared with it. */
    remember: (state: Availability, isDraft: boolean) => streamOf(isDraft).remember(state),
    close(): void {
      everyone.close();
      admins.close();
    },
  };
}

function createStream(push: (changes: Availability[]) => void, monotonic: () => number) {
  const conflation: Conflation = emptyConflation();
  let timer: NodeJS.Timeout | null = null;

  function pushFrame(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    push(takeFrame(conflation, monotonic()));
  }

  return {
    pushChange(state: Availability): void {
      const dueInMs = conflate(conflation, state, monotonic());
      if (dueInMs === 0) pushFrame();
      else if (dueInMs !== null) timer ??= setTimeout(pushFrame, dueInMs);
    },
    remember: (state: Availability) => remember(conflation, state),
    close(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
