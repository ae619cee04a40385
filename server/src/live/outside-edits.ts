import type { Timestamp } from 'mongodb';

/**
 * Updates of events whose ledger document has not arrived, to distinguish own commits from edits by other programs.
 * A batch updates an event's counters and inserts the ledger document of that version in one transaction, so both
 * changes carry one cluster time. An update without its ledger document at that time came from outside.
 */
interface UnmatchedUpdates {
  clusterTime: Timestamp | null;
  /** Versions that updates gave to events, by event id. */
  updated: Map<string, number>;
  /** Versions that ledger documents record, by event id. */
  recorded: Map<string, number>;
}

export function noUnmatchedUpdates(): UnmatchedUpdates {
  return { clusterTime: null, updated: new Map(), recorded: new Map() };
}

/** Moves on to a cluster time (`null`: no change is left). Returns the ids of events edited from outside until then. */
export function advanceClusterTime(state: UnmatchedUpdates, clusterTime: Timestamp | null): string[] {
  if (clusterTime && state.clusterTime?.equals(clusterTime)) return [];
  const edited = [...state.updated.keys()];
  state.clusterTime = clusterTime;
  state.updated.clear();
  state.recorded.clear();
  return edited;
}

/** Notes that an update gave this version to an event. */
export function noteUpdate(state: UnmatchedUpdates, eventId: string, version: number): void {
  if (state.recorded.get(eventId) !== version) state.updated.set(eventId, version);
}

/** Notes that a ledger document records this version of an event. */
export function noteLedger(state: UnmatchedUpdates, eventId: string, version: number): void {
  state.recorded.set(eventId, version);
  if (state.updated.get(eventId) === version) state.updated.delete(eventId);
}
