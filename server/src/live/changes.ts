import type { ChangeStreamDocument, Document, Timestamp, ResumeToken } from 'mongodb';
import type { Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import type { EventDoc } from '#server/models/event.ts';
import { completeEvent } from '#server/models/event.ts';
import type { LedgerDoc } from '#server/models/ledger.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import { completeWaitlistEntry } from '#server/models/waitlist.ts';

/** The change stream's filter: MongoDB sends only the changes that have a handler. */
export const WATCH_PIPELINE: Document[] = [
  {
    $match: {
      'ns.coll': { $in: ['ledger', 'events', 'waitlist', 'reminders', 'users', 'sessions', 'jobs'] },
      $or: [
        { 'ns.coll': 'ledger', operationType: 'insert' },
        { 'ns.coll': 'waitlist', operationType: { $in: ['insert', 'replace'] } },
        // That a job has taken a reminder changes nothing for its user.
        { 'ns.coll': 'reminders', operationType: { $in: ['insert', 'replace'] } },
        { 'ns.coll': 'events', operationType: { $in: ['insert', 'update', 'replace', 'delete'] } },
        // Organisers see of a job only its progress and its failure; both are rare.
        { 'ns.coll': 'jobs', operationType: 'update', 'updateDescription.updatedFields.progress': { $exists: true } },
        { 'ns.coll': 'jobs', operationType: 'update', 'updateDescription.updatedFields.state': 'failed' },
        // That an account or a session was used ends and extends nothing.
        {
          'ns.coll': 'users',
          operationType: { $in: ['update', 'replace', 'delete'] },
          'updateDescription.updatedFields.lastUsedAt': { $exists: false },
        },
        {
          'ns.coll': 'sessions',
          operationType: { $in: ['update', 'replace', 'delete'] },
          'updateDescription.updatedFields.lastSeenAt': { $exists: false },
        },
      ],
    },
  },
  // No handler needs a password's hash, so it stays in the database.
  { $unset: ['fullDocument.passwordHash', 'updateDescription.updatedFields.passwordHash'] },
];

/** What was written to a session's record; an absent field did not change. Unchecked: other programs write it too. */
export interface SessionChange {
  deleted: boolean;
  ended?: unknown;
  expiresAt?: Date;
}

/** What was written to a user's record: an absent `role` did not change. */
export interface UserChange {
  deleted: boolean;
  role?: Role;
}

/** One committed change, by the collection that it happened in. */
export type Change =
  | { kind: 'ledger'; doc: LedgerDoc }
  | { kind: 'event'; doc: EventDoc; how: 'insert' | 'replace' }
  /** An event was deleted, which only other programs do. */
  | { kind: 'eventDeleted'; eventId: string }
  /** Fields of an event were set: counters by a batch, which the ledger records too, or any field from outside. */
  | { kind: 'eventFields'; eventId: string; version: number | null }
  /** A waitlist entry was created or changed: its whole document. */
  | { kind: 'waitlist'; doc: WaitlistEntryDoc }
  /** A reminder was made or changed: its whole document. */
  | { kind: 'reminder'; doc: ReminderDoc }
  /** A job made progress or failed. */
  | { kind: 'job'; jobId: string }
  | { kind: 'session'; sessionId: string; change: SessionChange }
  | { kind: 'user'; userId: string; change: UserChange };

export interface StampedChange {
  /** Resumes the stream behind this change. */
  token: ResumeToken;
  /** The commit's position in the database's order; changes of one transaction share it. */
  clusterTime: Timestamp | null;
  /** The database's wall clock at the commit. */
  wallTime: Date | null;
  /** `null` for a change without a handler, which only moves the stream's position. */
  change: Change | null;
}

/** The fields of MongoDB's change events that are read here, whatever the operation. */
interface ChangeEvent {
  _id: ResumeToken;
  operationType: string;
  clusterTime?: Timestamp;
  wallTime?: Date;
  ns?: { coll?: string };
  documentKey?: { _id: Types.ObjectId };
  fullDocument?: Document;
  updateDescription?: { updatedFields?: Document };
}

/** Translates a change event of MongoDB into a change of this system. */
export function readChange(document: ChangeStreamDocument): StampedChange {
  const event = document as unknown as ChangeEvent;
  return {
    token: event._id,
    clusterTime: event.clusterTime ?? null,
    wallTime: event.wallTime ?? null,
    change: changeOf(event),
  };
}

function changeOf(event: ChangeEvent): Change | null {
  switch (event.ns?.coll) {
    case 'ledger':
      return { kind: 'ledger', doc: event.fullDocument as LedgerDoc };
    case 'events':
      return eventChange(event);
    case 'waitlist':
      return { kind: 'waitlist', doc: completeWaitlistEntry(event.fullDocument as WaitlistEntryDoc) };
    case 'reminders':
      return { kind: 'reminder', doc: event.fullDocument as ReminderDoc };
    case 'jobs':
      return { kind: 'job', jobId: idOf(event) };
    case 'sessions':
      return { kind: 'session', sessionId: idOf(event), change: sessionChange(event) };
    case 'users':
      return { kind: 'user', userId: idOf(event), change: userChange(event) };
    default:
      return null;
  }
}

function eventChange(event: ChangeEvent): Change {
  if (event.operationType === 'delete') return { kind: 'eventDeleted', eventId: idOf(event) };
  if (event.operationType === 'update') {
    const version: unknown = writtenFields(event).version;
    return { kind: 'eventFields', eventId: idOf(event), version: typeof version === 'number' ? version : null };
  }
  return {
    kind: 'event',
    doc: completeEvent(event.fullDocument as EventDoc),
    how: event.operationType === 'insert' ? 'insert' : 'replace',
  };
}

function sessionChange(event: ChangeEvent): SessionChange {
  if (event.operationType === 'delete') return { deleted: true };
  const { ended, expiresAt } = writtenFields(event);
  return { deleted: false, ended, ...(expiresAt instanceof Date && { expiresAt }) };
}

function userChange(event: ChangeEvent): UserChange {
  if (event.operationType === 'delete') return { deleted: true };
  const { role } = writtenFields(event);
  return { deleted: false, ...((role === 'user' || role === 'admin') && { role }) };
}

/** The fields that an update set, or all fields of a replaced document. */
function writtenFields(event: ChangeEvent): Document {
  return event.updateDescription?.updatedFields ?? event.fullDocument ?? {};
}

function idOf(event: ChangeEvent): string {
  return event.documentKey?._id.toHexString() ?? '';
}
