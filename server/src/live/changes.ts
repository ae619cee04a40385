import type { ChangeStreamDocument, Document, Timestamp, ResumeToken } from 'mongodb';
import type { Types } from 'mongoose';
import type { Role } from '#shared/account.ts';
import type { EventDoc } from '../models/event.ts';
import type { LedgerDoc } from '../models/ledger.ts';
import type { WaitingDoc } from '#server/models/waitlist.ts';

/** What the feed asks MongoDB for: no more than what somebody is told of. */
export const WATCH_PIPELINE: Document[] = [
  {
    $match: {
      'ns.coll': { $in: ['ledger', 'events', 'waitlist', 'users', 'sessions', 'jobs'] },
      $or: [
        { 'ns.coll': 'ledger', operationType: 'insert' },
        { 'ns.coll': 'waitlist', operationType: { $in: ['insert', 'replace'] } },
        { 'ns.coll': 'events', operationType: { $in: ['insert', 'update', 'replace'] } },
        // Few jobs tell how far they are, and fewer give up: that is what organisers see of them.
        { 'ns.coll': 'jobs', operationType: 'update', 'updateDescription.updatedFields.progress': { $exists: true } },
        { 'ns.coll': 'jobs', operationType: 'update', 'updateDescription.updatedFields.state': 'failed' },
        { 'ns.coll': { $in: ['users', 'sessions'] }, operationType: { $in: ['update', 'replace', 'delete'] } },
      ],
    },
  },
  // A password's hash has no business on this way.
  { $unset: ['fullDocument.passwordHash', 'updateDescription.updatedFields.passwordHash'] },
];

/** A session's record was changed: only what is written here changed, a deleted one is gone. */
export interface SessionChange {
  deleted: boolean;
  ended?: unknown;
  expiresAt?: Date;
}

export interface UserChange {
  deleted: boolean;
  role?: Role;
}

/** One committed change, in the words of this system. */
export type Change =
  | { kind: 'ledger'; doc: LedgerDoc }
  | { kind: 'event'; doc: EventDoc; how: 'insert' | 'replace' }
  /** Some fields of an event were set: the counters by a batch, which says so in the ledger, or anything by an outsider. */
  | { kind: 'update'; eventId: string; version: number | null }
  /** A party joined a waiting list, or something became of it: its whole record. */
  | { kind: 'waiting'; doc: WaitingDoc }
  /** A job has come further, or has given up. */
  | { kind: 'job'; jobId: string }
  | { kind: 'session'; sessionId: string; change: SessionChange }
  | { kind: 'user'; userId: string; change: UserChange };

export interface StampedChange {
  token: ResumeToken;
  /** The commit's place in the database's order: changes of one transaction share it. */
  at: Timestamp | null;
  /** The database's wall clock at the commit. */
  wallTime: Date | null;
  change: Change | null;
}

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

/** Takes a change event of MongoDB apart; what nobody is told of has no `change`. */
export function readChange(event: ChangeStreamDocument): StampedChange {
  const raw = event as unknown as ChangeEvent;
  return { token: raw._id, at: raw.clusterTime ?? null, wallTime: raw.wallTime ?? null, change: changeOf(raw) };
}

function changeOf(raw: ChangeEvent): Change | null {
  switch (raw.ns?.coll) {
    case 'ledger':
      return { kind: 'ledger', doc: raw.fullDocument as LedgerDoc };
    case 'events':
      return eventChange(raw);
    case 'waitlist':
      return { kind: 'waiting', doc: raw.fullDocument as WaitingDoc };
    case 'jobs':
      return { kind: 'job', jobId: idOf(raw) };
    case 'sessions':
      return { kind: 'session', sessionId: idOf(raw), change: sessionChange(raw) };
    case 'users':
      return { kind: 'user', userId: idOf(raw), change: userChange(raw) };
    default:
      return null;
  }
}

function eventChange(raw: ChangeEvent): Change {
  if (raw.operationType === 'update') {
    const version: unknown = fieldsOf(raw).version;
    return { kind: 'update', eventId: idOf(raw), version: typeof version === 'number' ? version : null };
  }
  return {
    kind: 'event',
    doc: raw.fullDocument as EventDoc,
    how: raw.operationType === 'insert' ? 'insert' : 'replace',
  };
}

function sessionChange(raw: ChangeEvent): SessionChange {
  if (raw.operationType === 'delete') return { deleted: true };
  const { ended, expiresAt } = fieldsOf(raw);
  return { deleted: false, ended, ...(expiresAt instanceof Date && { expiresAt }) };
}

function userChange(raw: ChangeEvent): UserChange {
  if (raw.operationType === 'delete') return { deleted: true };
  const { role } = fieldsOf(raw);
  return { deleted: false, ...((role === 'user' || role === 'admin') && { role }) };
}

/** What was written: the changed fields of an update, the whole of a replaced document. */
function fieldsOf(raw: ChangeEvent): Document {
  return raw.updateDescription?.updatedFields ?? raw.fullDocument ?? {};
}

function idOf(raw: ChangeEvent): string {
  return raw.documentKey?._id.toHexString() ?? '';
}
