import type { Availability } from '#shared/event.ts';
import type { TicketsLeft } from '#shared/tickets/ticket-type.ts';

/**
 * Least milliseconds between two frames of seats, for all events together. An event that sells out or becomes available again
 * does not wait for them (PROTOCOL.md, "Pushes").
 */
export const FRAME_MS = 50;
/** Most events whose last state is remembered; beyond it the one that changed longest ago is forgotten. */
const MOST_EVENTS = 50_000;

/** States that were pushed and states that are due. Plain data: time is an argument of every function. */
export interface Conflation {
  /** The newest known state of each event, by event id, least recently changed first. */
  latest: Map<string, Availability>;
  /** Ids of the events that changed since the last frame. */
  pending: Set<string>;
  lastFrameMs: number;
}

export function emptyConflation(): Conflation {
  return { latest: new Map(), pending: new Set(), lastFrameMs: -Infinity };
}

/** Remembers a state that clients read for themselves, without a push. A state older than the known one is dropped. */
export function remember({ latest, pending }: Conflation, state: Availability): void {
  const known = latest.get(state.eventId);
  if (known && known.version > state.version) return;
  latest.delete(state.eventId);
  latest.set(state.eventId, state);
  const oldest = latest.size > MOST_EVENTS ? latest.keys().next().value : undefined;
  if (oldest !== undefined && !pending.has(oldest)) latest.delete(oldest);
}

/**
 * Adds a changed state to the next frame and returns the milliseconds until that frame is due. 0 means at once: the
 * first change after a pause, or an event that became sold out or available again. `null` means that the state is known
 * or outdated: a lower version never replaces a higher one, an equal version with other counters does. `intervalMs`:
 * how far frames should lie apart at present.
 */
export function conflate(
  conflation: Conflation,
  state: Availability,
  nowMs: number,
  intervalMs: number = FRAME_MS,
): number | null {
  const known = conflation.latest.get(state.eventId);
  if (known && (known.version > state.version || isSame(known, state))) return null;
  remember(conflation, state);
  conflation.pending.add(state.eventId);
  if (known && (known.availableSeats === 0) !== (state.availableSeats === 0)) return 0;
  return frameDueInMs(conflation, nowMs, intervalMs);
}

/** Milliseconds until the next frame may leave; 0 means at once. Frames lie at least 50 ms apart. */
export function frameDueInMs({ lastFrameMs }: Conflation, nowMs: number, intervalMs: number): number {
  return Math.max(0, lastFrameMs + Math.max(FRAME_MS, intervalMs) - nowMs);
}

/** Takes the due frame: the latest state of each event that changed since the last frame. */
export function takeFrame(conflation: Conflation, nowMs: number): Availability[] {
  const changes: Availability[] = [];
  for (const eventId of conflation.pending) {
    const latest = conflation.latest.get(eventId);
    if (latest) changes.push(latest);
  }
  conflation.pending.clear();
  conflation.lastFrameMs = nowMs;
  return changes;
}

function isSameLeft(a: TicketsLeft = [], b: TicketsLeft = []): boolean {
  return (
    a.length === b.length && a.every(({ type, available }, i) => type === b[i]?.type && available === b[i].available)
  );
}

function isSame(a: Availability, b: Availability): boolean {
  return (
    a.version === b.version &&
    a.totalSeats === b.totalSeats &&
    a.availableSeats === b.availableSeats &&
    a.heldSeats === b.heldSeats &&
    a.soldSeats === b.soldSeats &&
    a.waitingCount === b.waitingCount &&
    a.holdsUntil === b.holdsUntil &&
    isSameLeft(a.ticketsLeft, b.ticketsLeft)
  );
}
