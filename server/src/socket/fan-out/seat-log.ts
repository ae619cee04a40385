import type { Availability } from '#shared/event.ts';

/** Most events whose states are kept for clients that do not read; beyond it the ones pushed longest ago are dropped. */
const MOST_EVENTS = 10_000;

/**
 * The frames of seats that were pushed, as the newest state of each event: what a client lacks is found by the number of
 * the last frame that it was sent, so that a client that does not read costs one number. Plain data.
 */
interface SeatLog {
  /** Number of the newest frame. */
  head: number;
  /** The newest state of each event with the number of its frame, by event id, oldest first. */
  states: Map<string, { state: Availability; frame: number }>;
  /** Number of the newest frame with states that were dropped: a client without it cannot be brought up to date. */
  dropped: number;
}

export function emptySeatLog(): SeatLog {
  return { head: 0, states: new Map(), dropped: 0 };
}

/** Adds a frame. The caller passes each event's states in the order of their versions. */
export function addFrame(log: SeatLog, changes: readonly Availability[]): void {
  const { states } = log;
  log.head += 1;
  for (const state of changes) {
    states.delete(state.eventId);
    states.set(state.eventId, { state, frame: log.head });
  }
  for (const [eventId, { frame }] of states) {
    if (states.size <= MOST_EVENTS) return;
    states.delete(eventId);
    log.dropped = frame;
  }
}

/** The newest state of each event that changed after this frame; `null` if some of them were dropped. */
export function statesSince({ states, dropped }: SeatLog, frame: number): Availability[] | null {
  if (frame < dropped) return null;
  const since: Availability[] = [];
  for (const entry of states.values()) if (entry.frame > frame) since.push(entry.state);
  return since;
}

/** Forgets the states up to this frame, which no client lacks any more. */
export function forgetUpTo({ states }: SeatLog, frame: number): void {
  for (const [eventId, entry] of states) {
    if (entry.frame > frame) return;
    states.delete(eventId);
  }
}
