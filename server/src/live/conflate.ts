import type { Availability } from '#shared/event.ts';

/** At most one frame of seats in this time, for all events together. */
export const FRAME_MS = 50;
/** Events whose last state is remembered; beyond, the one that changed longest ago is forgotten. */
const MOST_EVENTS = 50_000;

/** What has been pushed and what waits. Plain data: time is an argument everywhere. */
export interface Conflation {
  /** The newest state of each event that was seen. */
  latest: Map<string, Availability>;
  /** Events changed since the last frame. */
  pending: Set<string>;
  lastFrameMs: number;
}

export function emptyConflation(): Conflation {
  return { latest: new Map(), pending: new Set(), lastFrameMs: -Infinity };
}

/** Notes a state that clients have read already or will read: nothing is pushed for it. */
export function remember({ latest, pending: waiting }: Conflation, state: Availability): void {
  const known = latest.get(state.eventId);
  if (known && known.version > state.version) return;
  latest.delete(state.eventId);
  latest.set(state.eventId, state);
  const oldest = latest.size > MOST_EVENTS ? latest.keys().next().value : undefined;
  if (oldest !== undefined && !waiting.has(oldest)) latest.delete(oldest);
}

/**
 * Takes a change in and says when the next frame is due: 0 for at once (the first change after a pause, an event that
 * became sold out or available again), else in how many milliseconds; `null` where nothing new was said.
 * A lower version never replaces a higher one, an equal one does.
 */
export function conflate(state: Conflation, change: Availability, nowMs: number): number | null {
  const known = state.latest.get(change.eventId);
  if (known && (known.version > change.version || isSame(known, change))) return null;
  remember(state, change);
  state.pending.add(change.eventId);
  if (known && (known.availableSeats === 0) !== (change.availableSeats === 0)) return 0;
  return Math.max(0, state.lastFrameMs + FRAME_MS - nowMs);
}

/** The frame that is due: the latest state of each event that changed since the last one. */
export function takeFrame(state: Conflation, nowMs: number): Availability[] {
  const changes: Availability[] = [];
  for (const eventId of state.pending) {
    const latest = state.latest.get(eventId);
    if (latest) changes.push(latest);
  }
  state.pending.clear();
  state.lastFrameMs = nowMs;
  return changes;
}

function isSame(a: Availability, b: Availability): boolean {
  return (
    a.version === b.version &&
    a.totalSeats === b.totalSeats &&
    a.availableSeats === b.availableSeats &&
    a.heldSeats === b.heldSeats &&
    a.soldSeats === b.soldSeats &&
    a.waitingCount === b.waitingCount &&
    a.holdsUntil === b.holdsUntil
  );
}
