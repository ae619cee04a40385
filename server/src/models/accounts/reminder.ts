import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Reminder } from '#shared/events/reminder.ts';

/** Ended and sent reminders stay for so long, so that pages and a repeated press find them. */
const KEPT_SECONDS = 86_400;

/** A user's wish to be notified before the sale of an event, or of one of its ticket types, opens. */
export interface ReminderDoc {
  _id: Types.ObjectId;
  userId: Types.ObjectId;
  eventId: Types.ObjectId;
  /** The id of the type; null or absent for the sale of the event. */
  ticketType?: string | null;
  /** The time of the last change in milliseconds, later than that of the change before. */
  version: number;
  /** `queued`: a job has it. */
  status: 'waiting' | 'queued' | 'sent' | 'ended';
  /** How often the user was notified and asked again, for another opening. */
  round: number;
  /** The opening that the last notification named; null where the sale was open already, and before. */
  salesOpenAt: Date | null;
  /** Since when there is nothing to do for it; null while its notification follows. */
  doneAt: Date | null;
  createdAt: Date;
}

/** The statuses of reminders whose notification follows. */
export const OPEN_REMINDERS = ['waiting', 'queued'] as const;

export const reminderSchema = new Schema<ReminderDoc>(
  {
    userId: { type: Schema.Types.ObjectId, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    ticketType: { type: String, default: null },
    version: { type: Number, required: true },
    status: { type: String, required: true },
    round: { type: Number, required: true },
    salesOpenAt: { type: Date, default: null },
    doneAt: { type: Date, default: null },
    createdAt: { type: Date, required: true },
  },
  { collection: 'reminders', versionKey: false, autoIndex: false, autoCreate: false },
);

// With the name of the index without types, so that a start drops that one: it would allow one reminder for each event.
reminderSchema.index({ userId: 1, eventId: 1, ticketType: 1 }, { unique: true, name: 'userId_1_eventId_1' });
// The events with waiting reminders, the types of these, and of each its reminders in the order in which they are notified.
reminderSchema.index({ status: 1, eventId: 1, ticketType: 1, _id: 1 });
reminderSchema.index({ doneAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });

/** The reminder as its user receives it. */
export function toReminder({ eventId, ticketType, version, status, salesOpenAt }: ReminderDoc): Reminder {
  return {
    eventId: eventId.toHexString(),
    ...(typeof ticketType === 'string' && { ticketType }),
    version,
    status: status === 'queued' ? 'waiting' : status,
    salesOpenAt: salesOpenAt?.toISOString() ?? null,
  };
}

/** Matches a reminder until it is changed; that a job has taken it is no change. */
export function unchangedReminder({ _id, version, status }: ReminderDoc) {
  return { _id, version, status: status === 'waiting' ? { $in: [...OPEN_REMINDERS] } : status };
}

/** A changed reminder, to replace the stored one: the change feed carries replaced documents as a whole. */
export function nextReminder(stored: ReminderDoc, changes: Partial<ReminderDoc>, at: Date): ReminderDoc {
  return { ...stored, ...changes, version: Math.max(stored.version + 1, at.getTime()) };
}
