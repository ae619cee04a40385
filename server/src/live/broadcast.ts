import type { Log } from '#server/log.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import { isUnavailable } from '#server/mongo/unavailable.ts';
import type { Change, SessionChange, StampedChange, UserChange } from './changes.ts';
import { advanceClusterTime, noteLedger, noteUpdate, noUnmatchedUpdates } from './outside-edits.ts';

/**
 * The consumers of committed changes, one for each kind. A handler that throws is logged, and the changes behind go on;
 * only `eventEdited` and `gap` may reject because the database cannot answer, and are then called again.
 */
export interface ChangeHandlers {
  ledger(doc: LedgerDoc): void;
  event(doc: EventDoc, how: 'insert' | 'replace'): void;
  eventDeleted(eventId: string): void;
  /** An event was edited from outside: its new state has to be read. */
  eventEdited(eventId: string): Promise<void>;
  waitlist(doc: WaitlistEntryDoc): void;
  reminder(doc: ReminderDoc): void;
  job(jobId: string): void;
  session(sessionId: string, change: SessionChange): void;
  user(userId: string, change: UserChange): void;
  /** Changes since then are lost (`null`: the feed has just begun): the current state has to be read and pushed. */
  gap(since: Date | null): Promise<void>;
}

/** Hands each change to its handler in the order of commits, and finds the edits that came from outside. */
export function createBroadcast(handlers: ChangeHandlers, log: Log) {
  const unmatched = noUnmatchedUpdates();
  /** Ids of the events that were edited from outside and have not been read since. */
  const edited = new Set<string>();

  function handleChange(change: Change): void {
    switch (change.kind) {
      case 'ledger':
        noteLedger(unmatched, change.doc.eventId.toHexString(), change.doc.seq);
        return handlers.ledger(change.doc);
      case 'event':
        return handlers.event(change.doc, change.how);
      case 'eventDeleted':
        return handlers.eventDeleted(change.eventId);
      case 'eventFields':
        if (change.version === null) edited.add(change.eventId);
        else noteUpdate(unmatched, change.eventId, change.version);
        return undefined;
      case 'waitlist':
        return handlers.waitlist(change.doc);
      case 'reminder':
        return handlers.reminder(change.doc);
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
    broadcast({ clusterTime, change }: StampedChange): void {
      for (const eventId of advanceClusterTime(unmatched, clusterTime)) edited.add(eventId);
      try {
        if (change) handleChange(change);
      } catch (error) {
        // A document written by another program may break its schema: it must not stop the changes behind it.
        log.error({ err: error, kind: change?.kind }, 'A change could not be handled');
      }
    },
    /** All changes so far have arrived: an update still without its ledger document came from outside. */
    markCaughtUp(): void {
      for (const eventId of advanceClusterTime(unmatched, null)) edited.add(eventId);
    },
    /** Has events edited from outside read. Rejects while the database cannot answer; a later call goes on. */
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
