import { Types } from 'mongoose';
import { z } from 'zod';
import { isReminderDue } from '#server/booking/rules/reminder.ts';
import type { Now } from '#server/clock.ts';
import type { JobHandler, JobRun } from '#server/jobs/runner.ts';
import type { ReminderDoc } from '#server/models/accounts/reminder.ts';
import { nextReminder, unchangedReminder } from '#server/models/accounts/reminder.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import { recipientsOf } from '../booking-mails.ts';
import { eventMail } from '../booking-texts.ts';
import type { DevicePush, DevicePushOptions } from '../device-pushes.ts';
import { bodyOf, pushToDevices } from '../device-pushes.ts';
import type { Mail } from '../mail.ts';
import { button, link, text } from '../mail.ts';
import { pagePath } from '../page-path.ts';
import { allAttempts } from '../sending/all-attempts.ts';
import type { Notification, Notifier } from '../sending/notifier.ts';
import { eventFacts } from '../texts/booking-facts.ts';
import type { Translator } from '../texts/translator.ts';

const payloadSchema = z.object({ eventId: z.string(), reminderIds: z.array(z.string()) });
/** How long after the opening a push service keeps a message for a device that is off. */
const PUSH_LASTS_MS = 3_600_000;

export interface ReminderMailOptions extends DevicePushOptions {
  models: Pick<Models, 'reminders' | 'events' | 'bookings' | 'users'>;
  notifier: Notifier;
  /** The keys of links that end all reminders of a user. */
  reminderLinks: { keyOf(userId: string): string };
  origin: () => string;
  now: Now;
}

/**
 * Notifies users before the sale of an event opens, by mail and on their devices. If the opening was postponed, or the
 * event hidden, the reminders wait again. Users who have booked meanwhile are not notified.
 */
export function createReminderMailJob(options: ReminderMailOptions): JobHandler {
  const { models, now } = options;
  return async (payload, run) => {
    const { eventId, reminderIds } = payloadSchema.parse(payload);
    const _id = { $in: reminderIds.map((id) => Types.ObjectId.createFromHexString(id)) };
    const reminders = await models.reminders.find({ _id, status: { $in: NOTIFIED } }).lean<ReminderDoc[]>();
    const queued = reminders.filter(({ status }) => status === 'queued');
    const event = await readEvent(models, eventId);
    if (!event || !isReminderDue(event, now())) return giveBack(options, queued);
    const booked = await usersWithBooking(models, event, reminders);
    const isDue = ({ userId }: ReminderDoc) => !booked.has(userId.toHexString());
    await endWithout(options, queued, queued.filter(isDue));
    const pushes = reminders.filter(isDue).map((reminder) => pushOf(options, reminder));
    await allAttempts([mailAll(options, event, queued.filter(isDue), run), pushToDevices(options, pushes, run)]);
  };
}

/** A repeated run finds those that it has mailed already: a message to a device may still be missing. */
const NOTIFIED = ['queued', 'sent'] as const;

function readEvent({ events }: Pick<Models, 'events'>, eventId: string): Promise<EventDoc | null> {
  return events.findById(eventId).lean<EventDoc>().exec();
}

/** Ids of the users who have seats of the event already. */
async function usersWithBooking(
  { bookings }: Pick<Models, 'bookings'>,
  { _id: eventId }: EventDoc,
  reminders: readonly ReminderDoc[],
): Promise<Set<string>> {
  const userId = { $in: reminders.map((one) => one.userId) };
  const live = { eventId, userId, status: { $in: ['held', 'confirmed'] as const } };
  const found = await bookings.find(live, { userId: 1 }).lean<Pick<BookingDoc, 'userId'>[]>();
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
  { salesOpenAt }: EventDoc,
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
      const event = await dueEvent(options, reminder);
      return event && reminderMail(options, event, reminder, translator);
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

/** The event if its opening is still to be reminded of, and the user still wants it. */
async function dueEvent({ models, now }: ReminderMailOptions, { _id, eventId }: ReminderDoc): Promise<EventDoc | null> {
  const [event, isWanted] = await Promise.all([
    readEvent(models, eventId.toHexString()),
    models.reminders.exists({ _id, status: 'queued' }),
  ]);
  return event && isWanted && isReminderDue(event, now()) ? event : null;
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

function reminderMail(
  { origin, reminderLinks, now }: ReminderMailOptions,
  event: EventDoc,
  { userId }: ReminderDoc,
  translator: Translator,
): Mail {
  const { say, locale } = translator;
  const { title } = event;
  const key = reminderLinks.keyOf(userId.toHexString());
  const mail = {
    subject: say(isOpen(event, now()) ? 'reminder.open_subject' : 'reminder.subject', { title }),
    blocks: [
      text(say(isOpen(event, now()) ? 'reminder.open_body' : 'reminder.body', { opens: opening(event, translator) })),
      eventFacts(event, translator),
      button(say('reminder.button'), origin() + pagePath('event', event._id.toHexString(), locale)),
      text(say('reminder.note')),
      link(say('reminder.end'), origin() + pagePath('reminders', key, locale)),
    ],
    unsubscribe: `${origin()}/api/reminders/end/${key}`,
  };
  return eventMail(event, translator, mail);
}

function pushOf(options: ReminderMailOptions, reminder: ReminderDoc): DevicePush {
  const compose = async (translator: Translator): Promise<PushMessage | null> => {
    const event = await readEvent(options.models, reminder.eventId.toHexString());
    return event && isReminderDue(event, options.now()) ? reminderMessage(options, event, translator) : null;
  };
  return { fact: `pushed-${factOf(reminder)}`, userId: reminder.userId, compose };
}

function reminderMessage({ now }: ReminderMailOptions, event: EventDoc, translator: Translator): PushMessage {
  const { say, locale } = translator;
  const id = event._id.toHexString();
  const isOnSale = isOpen(event, now());
  const { title } = event;
  const bodyText = isOnSale ? title : say('push.reminder', { title, opens: opening(event, translator) });
  return {
    kind: 'reminder',
    title: say(isOnSale ? 'reminder.open_title' : 'reminder.title'),
    body: bodyOf(event, bodyText, translator),
    url: pagePath('event', id, locale),
    tag: `reminder-${id}`,
    lang: locale,
    expiresAt: new Date((isOnSale ? now() : (event.salesOpenAt ?? now())).getTime() + PUSH_LASTS_MS).toISOString(),
  };
}

function isOpen({ salesOpenAt }: EventDoc, at: Date): boolean {
  return salesOpenAt === null || salesOpenAt <= at;
}

function opening({ salesOpenAt, timeZone }: EventDoc, { time }: Translator): string {
  return salesOpenAt === null ? '' : time(salesOpenAt, timeZone);
}
