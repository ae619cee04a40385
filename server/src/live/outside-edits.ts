import type { Timestamp } from 'mongodb';

/**
 * Tells our own commits from edits by hand or by other programs. A batch updates an event's counters and inserts the
 * ledger document of that version in one transaction; both changes carry one time. An update that is not met by its
 * ledger document before the next time came from outside.
 */
export interface UnmatchedUpdates {
  at: Timestamp | null;
  /** Versions that updates gave to events, and those that ledger documents tell of. */
  updated: Map<string, number>;
  recorded: Map<string, number>;
}

export function noUnmatchedUpdates(): UnmatchedUpdates {
  return { at: null, updated: new Map(), recorded: new Map() };
}

/** Another time begins (`null`: nothing more for now). Gives the events that were edited from outside before it. */
export function advanceClusterTime(state: UnmatchedUpdates, at: Timestamp | null): string[] {
  if (at && state.at?.equals(at)) return [];
  const edited = [...state.updated.keys()];
  state.at = at;
  state.updated.clear();
  state.recorded.clear();
  return edited;
}

/** An update gave this version to an event. */
export function noteUpdate(state: UnmatchedUpdates, eventId: string, version: number): void {
  if (state.recorded.get(eventId) !== version) state.updated.set(eventId, version);
}

/** A ledger document tells of this version of an event. */
export function noteLedger(state: UnmatchedUpdates, eventId: string, version: number): void {
  state.recorded.set(eventId, version);
  if (state.updated.get(eventId) === version) state.updated.delete(eventId);
}
