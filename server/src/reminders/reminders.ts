import { Types } from 'mongoose';
import type { RemindedEvent } from '#server/booking/rules/reminder.ts';
import { openingOf, reminderRefusal } from '#server/booking/rules/reminder.ts';
import type { Now } from '#server/clock.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { nextReminder, OPEN_REMINDERS, toReminder, unchangedReminder } from '#server/models/accounts/reminder.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import { isDuplicateKey } from '#server/mongo/duplicate-key.ts';
import type { Reminder, ReminderInput } from '#shared/events/reminder.ts';
import type { Result } from '#shared/protocol/errors.ts';
import { ok, refuse } from '#shared/protocol/errors.ts';

/** Reminders of one user that wait at a time. Commands that are sent at one moment may exceed it by their number. */
const MOST_REMINDERS = 100;
/** Attempts at a change that another change of the same reminder gets ahead of. */
const MOST_ATTEMPTS = 5;

/** The fields of an event that decide on its reminders. */
export const REMINDED_FIELDS = { status: 1, salesOpenAt: 1, salesCloseAt: 1, startsAt: 1, ticketTypes: 1 } as const;

export type Reminders = ReturnType<typeof createReminders>;

/** The sale that a reminder is of; without a type that of the event. */
type SaleInput = Pick<ReminderInput, 'eventId'> & { ticketType?: string | null | undefined };

interface RemindersOptions {
  models: Pick<Models, 'reminders' | 'events'>;
  now: Now;
}

/** The reminders of users: one for each user and sale, whatever is pressed how often and where. */
export function createReminders({ models, now }: RemindersOptions) {
  const { reminders, events } = models;

  /**
   * Notes the user's wish. A repeated one changes nothing, also once the user was notified of this opening; after a
   * notification of another opening the user is notified again.
   */
  async function remind({ eventId, ticketType = null }: SaleInput, userId: string): Promise<Result<Reminder>> {
    const event = await events.findById(eventId, REMINDED_FIELDS).lean<RemindedEvent & Pick<EventDoc, '_id'>>();
    const refusal = reminderRefusal(event, ticketType, now());
    if (!event || refusal) return refusal ? { ok: false, error: refusal } : refuse('NOT_FOUND');
    const ids = { userId: Types.ObjectId.createFromHexString(userId), eventId: event._id, ticketType };
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const stored = await reminders.findOne(ids).lean<ReminderDoc>();
      if (stored && isFulfilled(stored, event)) return ok(toReminder(stored));
      if (await isAtLimit(ids.userId)) return refuse('LIMIT_EXCEEDED', { details: { limit: MOST_REMINDERS } });
      const noted = stored ? await reopen(stored) : await insert(ids);
      if (noted) return ok(toReminder(noted));
    }
    return refuse('BUSY', { retryAfterMs: 1_000 });
  }

  function isFulfilled({ status, salesOpenAt, ticketType = null }: ReminderDoc, event: RemindedEvent): boolean {
    if (status === 'sent') return salesOpenAt?.getTime() === openingOf(event, ticketType)?.getTime();
    return status !== 'ended';
  }

  async function isAtLimit(userId: Types.ObjectId): Promise<boolean> {
    const open = { userId, status: { $in: OPEN_REMINDERS } };
    return (await reminders.countDocuments(open).limit(MOST_REMINDERS)) === MOST_REMINDERS;
  }

  /** Null if another request has inserted it meanwhile. */
  async function insert(ids: Pick<ReminderDoc, 'userId' | 'eventId' | 'ticketType'>): Promise<ReminderDoc | null> {
    const at = now();
    const fresh = { version: at.getTime(), status: 'waiting', round: 0, salesOpenAt: null, doneAt: null } as const;
    const doc: ReminderDoc = { _id: new Types.ObjectId(), ...ids, ...fresh, createdAt: at };
    try {
      await reminders.collection.insertOne(doc);
      return doc;
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  function reopen(stored: ReminderDoc): Promise<ReminderDoc | null> {
    const round = stored.round + (stored.status === 'sent' ? 1 : 0);
    return replace(stored, { status: 'waiting', round, salesOpenAt: null, doneAt: null });
  }

  /** Replaces rather than updates: the change feed then carries the whole document. Null if it was changed meanwhile. */
  async function replace(stored: ReminderDoc, changes: Partial<ReminderDoc>): Promise<ReminderDoc | null> {
    const changed = nextReminder(stored, changes, now());
    const { matchedCount } = await reminders.collection.replaceOne(unchangedReminder(stored), changed);
    return matchedCount === 1 ? changed : null;
  }

  /** Drops the user's wish; without one that waits, nothing changes. */
  async function forget({ eventId, ticketType = null }: SaleInput, userId: string): Promise<Result<Reminder>> {
    const ids = {
      userId: Types.ObjectId.createFromHexString(userId),
      eventId: Types.ObjectId.createFromHexString(eventId),
      ticketType,
    };
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      const stored = await reminders.findOne(ids).lean<ReminderDoc>();
      if (!stored) return refuse('NOT_FOUND');
      if (stored.status === 'sent' || stored.status === 'ended') return ok(toReminder(stored));
      const ended = await replace(stored, { status: 'ended', doneAt: now() });
      if (ended) return ok(toReminder(ended));
    }
    return refuse('BUSY', { retryAfterMs: 1_000 });
  }

  /** Drops all wishes of a user that wait; later ones count again. */
  async function forgetAll(userId: string): Promise<void> {
    const open = { userId: Types.ObjectId.createFromHexString(userId), status: { $in: OPEN_REMINDERS } };
    const found = reminders.find(open, { eventId: 1, ticketType: 1 });
    for (const { eventId, ticketType = null } of await found.lean<Pick<ReminderDoc, 'eventId' | 'ticketType'>[]>())
      await forget({ eventId: eventId.toHexString(), ticketType }, userId);
  }

  async function all(userId: string): Promise<Reminder[]> {
    const own = reminders.find({ userId: Types.ObjectId.createFromHexString(userId) }).sort({ _id: 1 });
    return (await own.lean<ReminderDoc[]>()).map(toReminder);
  }

  return {
    remind,
    forget,
    forgetAll,
    all,
    /** How many reminders of the openings of this event wait or were sent. */
    async count(eventId: string): Promise<number> {
      return reminders.countDocuments({
        eventId: Types.ObjectId.createFromHexString(eventId),
        status: { $in: [...OPEN_REMINDERS, 'sent'] },
      });
    },
  };
}
