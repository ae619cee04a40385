import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { WaitingDoc } from '#server/models/waitlist.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import type { Change, SessionChange, StampedChange, UserChange } from './changes.ts';
import { advanceClusterTime, noteLedger, noUnmatchedUpdates, noteUpdate } from './outside-edits.ts';

/** Who is told of what was committed. What is read for it and cannot be read now is read again later. */
export interface ChangeHandlers {
  ledger(doc: LedgerDoc): void;
  event(doc: EventDoc, how: 'insert' | 'replace'): void;
  /** The event was changed from outside: nobody said what it is now. */
  eventEdited(eventId: string): Promise<void>;
  waitlist(doc: WaitingDoc): void;
  job(jobId: string): void;
  session(sessionId: string, change: SessionChange): void;
  user(userId: string, change: UserChange): void;
  /** Changes since then are lost (`null`: the feed has just begun): read what is now, and push it. */
  gap(since: Date | null): Promise<void>;
}

/** Tells the handlers of each change in the order of commits, and finds the edits that came from outside. */
export function createBroadcast(handlers: ChangeHandlers, log: Log) {
  const unmatched = noUnmatchedUpdates();
  /** Events edited from outside that have not been read yet. */
  const edited = new Set<string>();

  function handleChange(change: Change): void {
    switch (change.kind) {
      case 'ledger':
        noteLedger(unmatched, change.doc.eventId.toHexString(), change.doc.seq);
        return handlers.ledger(change.doc);
      case 'event':
        return handlers.event(change.doc, change.how);
      case 'update':
        if (change.version === null) edited.add(change.eventId);
        else noteUpdate(unmatched, change.eventId, change.version);
        return undefined;
      case 'waiting':
        return handlers.waitlist(change.doc);
      case 'job':
        return handlers.job(change.jobId);
      case 'session':
        return handlers.session(change.sessionId, change.change);
      case 'user':
        return handlers.user(change.userId, change.change);
      default:
        return change satisfies never;
    }
  }

  return {
    broadcast({ at, change }: StampedChange): void {
      for (const eventId of advanceClusterTime(unmatched, at)) edited.add(eventId);
      try {
        if (change) handleChange(change);
      } catch (error) {
        // A document that somebody else wrote may not be what it should: it must not stop the ones behind it.
        log.error({ err: error, kind: change?.kind }, 'A change could not be handled');
      }
    },
    /** No change waits: an update that has not met its ledger document by now never will. */
    caughtUp(): void {
      for (const eventId of advanceClusterTime(unmatched, null)) edited.add(eventId);
    },
    /** Has the edited events read; throws where the database cannot answer now, and keeps them for the next time. */
    async readEdited(): Promise<void> {
      for (const eventId of edited) {
        try {
          await handlers.eventEdited(eventId);
        } catch (error) {
          if (isUnavailable(error)) throw error;
          log.error({ err: error, eventId }, 'An event that was edited from outside could not be pushed');
        }
        edited.delete(eventId);
      }
    },
  };
}
