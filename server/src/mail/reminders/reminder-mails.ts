import { Types } from 'mongoose';
import { z } from 'zod';
import type { RemindedSale } from '#server/booking/rules/reminder.ts';
import { isReminderDue, openingOf } from '#server/booking/rules/reminder.ts';
import type { Now } from '#server/clock.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { nextReminder, unchangedReminder } from '#server/models/accounts/reminder.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import { recipientsOf } from '../booking-mails.ts';
import type { DevicePush, DevicePushOptions } from '../device-pushes.ts';
import { pushToDevices } from '../device-pushes.ts';
import { allAttempts } from '../sending/all-attempts.ts';
import type { Notification, Notifier } from '../sending/notifier.ts';
import type { Translator } from '../texts/translator.ts';
import type { ReminderFacts } from './reminder-texts.ts';
import { reminderMail, reminderMessage } from './reminder-texts.ts';

/** All reminders of a job are of one sale; a job of an earlier version has no type. */
const payloadSchema = z.object({
  eventId: z.string(),
  ticketType: z.string().nullable().default(null),
  reminderIds: z.array(z.string()),
});

export interface ReminderMailOptions extends DevicePushOptions {
  models: Pick<Models, 'reminders' | 'events' | 'bookings' | 'users'>;
  notifier: Notifier;
  /** The keys of links that end all reminders of a user. */
  reminderLinks: { keyOf(userId: string): string };
  origin: () => string;
  now: Now;
}

/**
 * Notifies users before the sale of an event or of a ticket type opens, by mail and on their devices. If the opening was
 * postponed, or the event hidden, the reminders wait again. Users who have booked meanwhile are not notified.
 */
export function createReminderMailJob(options: ReminderMailOptions): JobHandler {
  const { models, now } = options;
  return async (payload, run) => {
    const { eventId, ticketType: sale, reminderIds } = payloadSchema.parse(payload);
    const _id = { $in: reminderIds.map((id) => Types.ObjectId.createFromHexString(id)) };
    const reminders = await models.reminders.find({ _id, status: { $in: NOTIFIED } }).lean<ReminderDoc[]>();
    const queued = reminders.filter(({ status }) => status === 'queued');
    const event = await readEvent(models, eventId);
    if (!event || !isReminderDue(event, sale, now())) return giveBack(options, queued);
    const booked = await usersWithBooking(models, { event, sale }, reminders);
    const isDue = ({ userId }: ReminderDoc) => !booked.has(userId.toHexString());
    await endWithout(options, queued, queued.filter(isDue));
    const pushes = reminders.filter(isDue).map((reminder) => pushOf(options, reminder));
    await allAttempts([
      mailAll(options, openingOf(event, sale), queued.filter(isDue), run),
      pushToDevices(options, pushes, run),
    ]);
  };
}

/** A repeated run finds those that it has mailed already: a message to a device may still be missing. */
const NOTIFIED = ['queued', 'sent'] as const;

function readEvent({ events }: Pick<Models, 'events'>, eventId: string): Promise<EventDoc | null> {
  return events.findById(eventId).lean<EventDoc>().exec();
}

/** Ids of the users who have seats of the event already, or tickets of the type. */
async function usersWithBooking(
  { bookings }: Pick<Models, 'bookings'>,
  { event, sale }: { event: EventDoc; sale: RemindedSale },
  reminders: readonly ReminderDoc[],
): Promise<Set<string>> {
  const userId = { $in: reminders.map((one) => one.userId) };
  const live = { eventId: event._id, userId, status: { $in: ['held', 'confirmed'] as const } };
  const ofSale = sale === null ? {} : { 'tickets.type': sale };
  const found = await bookings.find({ ...live, ...ofSale }, { userId: 1 }).lean<Pick<BookingDoc, 'userId'>[]>();
  return new Set(found.map((booking) => booking.userId.toHexString()));
}

/** Ends the reminders that are not due. */
function endWithout(
  options: ReminderMailOptions,
  reminders: readonly ReminderDoc[],
  due: readonly ReminderDoc[],
): Promise<void> {
  const left = reminders.filter((reminder) => !due.includes(reminder));
  return finish(options, left, { status: 'ended' });
}

/** Mails, and notes which were sent, also where others of them failed: the job is repeated for those alone. */
async function mailAll(
  options: ReminderMailOptions,
  salesOpenAt: Date | null,
  due: readonly ReminderDoc[],
  run: JobRun,
): Promise<void> {
  const { models, notifier } = options;
  const recipients = await recipientsOf(
    models,
    due.map(({ userId }) => userId),
  );
  const isReachable = ({ userId }: ReminderDoc) => recipients.has(userId.toHexString());
  // The account was deleted.
  await endWithout(options, due, due.filter(isReachable));
  const notifications = due.flatMap((reminder): Notification[] => {
    const recipient = recipients.get(reminder.userId.toHexString());
    if (!recipient) return [];
    const compose = async (translator: Translator) => {
      const facts = await dueFacts(options, reminder);
      const isWanted = await models.reminders.exists({ _id: reminder._id, status: 'queued' });
      const key = options.reminderLinks.keyOf(reminder.userId.toHexString());
      return facts && isWanted && reminderMail(facts, { origin: options.origin(), key }, translator);
    };
    return [{ fact: factOf(reminder), recipient, compose }];
  });
  try {
    await notifier.notify(notifications, run);
  } finally {
    const notified = await notifier.notifiedFacts(due.map(factOf));
    await finish(
      options,
      due.filter((reminder) => notified.has(factOf(reminder))),
      { status: 'sent', salesOpenAt },
    );
  }
  await giveBack(options, due);
}

/** Reminders without a mail, because the event was edited in the meantime, wait again. */
async function giveBack({ models }: ReminderMailOptions, due: readonly ReminderDoc[]): Promise<void> {
  const left = { _id: { $in: due.map(({ _id }) => _id) }, status: 'queued' as const };
  await models.reminders.collection.updateMany(left, { $set: { status: 'waiting' } });
}

/** What the reminder is about, if its opening is still to be reminded of. */
async function dueFacts(
  { models, now }: ReminderMailOptions,
  { eventId, ticketType: sale = null }: ReminderDoc,
): Promise<ReminderFacts | null> {
  const event = await readEvent(models, eventId.toHexString());
  return event && isReminderDue(event, sale, now()) ? { event, sale, at: now() } : null;
}

/** Notes the end of these reminders, but for those that were changed meanwhile. */
async function finish(
  { models, now }: ReminderMailOptions,
  reminders: readonly ReminderDoc[],
  changes: Pick<ReminderDoc, 'status'> & Partial<ReminderDoc>,
): Promise<void> {
  if (reminders.length === 0) return;
  const at = now();
  const writes = reminders.map((stored) => ({
    replaceOne: {
      filter: unchangedReminder(stored),
      replacement: nextReminder(stored, { ...changes, doneAt: at }, at),
    },
  }));
  await models.reminders.collection.bulkWrite(writes, { ordered: false });
}

function factOf({ _id, round }: ReminderDoc): string {
  return `reminder:${_id.toHexString()}:${round}`;
}

function pushOf(options: ReminderMailOptions, reminder: ReminderDoc): DevicePush {
  const compose = async (translator: Translator): Promise<PushMessage | null> => {
    const facts = await dueFacts(options, reminder);
    return facts && reminderMessage(facts, translator);
  };
  return { fact: `pushed-${factOf(reminder)}`, userId: reminder.userId, compose };
}
