import type { Availability } from '#shared/event.ts';
import type { Conflation } from './conflate.ts';
import { conflate, emptyConflation, FRAME_MS, frameDueInMs, remember, takeFrame } from './conflate.ts';

export type AvailabilityPushes = ReturnType<typeof createAvailabilityPushes>;

interface AvailabilityPushDeps {
  /** Sends one frame: published events to everyone, drafts to admins. */
  push(audience: 'everyone' | 'admins', changes: Availability[]): void;
  /** How far frames to everyone should lie apart at present, in milliseconds. */
  frameIntervalMs(): number;
  /** Monotonic milliseconds. */
  monotonic: () => number;
}

/** Conflates seat changes into frames: one stream for everyone, one for the drafts that only admins see. */
export function createAvailabilityPushes({ push, frameIntervalMs, monotonic }: AvailabilityPushDeps) {
  const everyone = createStream((changes) => push('everyone', changes), frameIntervalMs, monotonic);
  const admins = createStream(
    (changes) => push('admins', changes),
    () => FRAME_MS,
    monotonic,
  );
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

function createStream(push: (changes: Availability[]) => void, frameIntervalMs: () => number, monotonic: () => number) {
  const conflation: Conflation = emptyConflation();
  let timer: NodeJS.Timeout | null = null;

  function pushFrame(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    push(takeFrame(conflation, monotonic()));
  }

  /** The interval may have grown meanwhile, with what the last frame has cost. */
  function pushFrameWhenDue(): void {
    const dueInMs = frameDueInMs(conflation, monotonic(), frameIntervalMs());
    if (dueInMs === 0) pushFrame();
    else timer = setTimeout(pushFrameWhenDue, dueInMs);
  }

  return {
    pushChange(state: Availability): void {
      const dueInMs = conflate(conflation, state, monotonic(), frameIntervalMs());
      if (dueInMs === 0) pushFrame();
      else if (dueInMs !== null) timer ??= setTimeout(pushFrameWhenDue, dueInMs);
    },
    remember: (state: Availability) => remember(conflation, state),
    close(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
