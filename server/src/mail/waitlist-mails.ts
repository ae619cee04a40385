import { z } from 'zod';
import type { JobHandler } from '#server/jobs/runner.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Models } from '#server/models/models.ts';
import type { WaitlistEntryDoc } from '#server/models/waitlist.ts';
import type { BookingMailOptions } from './booking-mails.ts';
import { recipientsOf } from './booking-mails.ts';
import { cancelReasonText, eventMail } from './booking-texts.ts';
import type { DevicePush, DevicePushOptions } from './device-pushes.ts';
import { cancelledEventMessage, pushToDevices } from './device-pushes.ts';
import type { Mail } from './mail.ts';
import { button, text } from './mail.ts';
import { pagePath } from './page-path.ts';
import { allAttempts } from './sending/all-attempts.ts';
import type { Notification } from './sending/notifier.ts';
import { eventFacts } from './texts/booking-facts.ts';
import type { Translator } from './texts/translator.ts';

const payloadSchema = z.object({ eventId: z.string(), entryIds: z.array(z.string()) });

type WaitlistMailOptions = BookingMailOptions & DevicePushOptions & { models: Pick<Models, 'waitlist'> };

/**
 * Notifies the users whose waitlist entries were closed: by mail, and if the event is cancelled also by push message.
 * A user with a booking of the cancelled event gets the mail of that booking instead.
 */
export function createWaitlistMailJob(options: WaitlistMailOptions): JobHandler {
  return async (payload, run) => {
    const { eventId, entryIds } = payloadSchema.parse(payload);
    const { models, notifier } = options;
    const entries = await models.waitlist.find({ _id: { $in: entryIds } }).lean<WaitlistEntryDoc[]>();
    const recipients = await recipientsOf(
      models,
      entries.map(({ userId }) => userId),
    );
    const notifications = entries.flatMap((entry): Notification[] => {
      const recipient = recipients.get(entry.userId.toHexString());
      const compose = async (translator: Translator) => {
        const event = await readEvent(options, eventId);
        if (!event || (await hasOtherMail(options, event, entry))) return null;
        return closedMail(event, options.origin(), translator);
      };
      return recipient ? [{ fact: `closed:${entry._id.toHexString()}`, recipient, compose }] : [];
    });
    const pushes = entries.map((entry) => pushOf(options, eventId, entry));
    await allAttempts([notifier.notify(notifications, run), pushToDevices(options, pushes, run)]);
  };
}

function readEvent({ models }: Pick<WaitlistMailOptions, 'models'>, eventId: string): Promise<EventDoc | null> {
  return models.events.findById(eventId).lean<EventDoc>().exec();
}

async function hasOtherMail(
  { models }: Pick<WaitlistMailOptions, 'models'>,
  { _id, status }: EventDoc,
  { userId }: WaitlistEntryDoc,
): Promise<boolean> {
  if (status !== 'cancelled') return false;
  const ofEvent = [{ status: { $in: ['held', 'confirmed'] as const } }, { 'ended.by': 'event' as const }];
  return (await models.bookings.exists({ userId, eventId: _id, $or: ofEvent })) !== null;
}

function pushOf(options: WaitlistMailOptions, eventId: string, entry: WaitlistEntryDoc): DevicePush {
  const compose = async (translator: Translator) => {
    const event = await readEvent(options, eventId);
    if (event?.status !== 'cancelled' || (await hasOtherMail(options, event, entry))) return null;
    return cancelledEventMessage(event, translator, { at: options.now(), tag: `waitlist-${entry._id.toHexString()}` });
  };
  return { fact: `pushed-closed:${entry._id.toHexString()}`, userId: entry.userId, compose };
}

/** Says that the event is cancelled, or that its sale has ended before seats came back. */
function closedMail(event: EventDoc, origin: string, translator: Translator): Mail {
  const isCancelled = event.status === 'cancelled';
  return eventMail(event, translator, {
    subject: translator.say(isCancelled ? 'called_off.subject' : 'waitlist.closed_subject', { title: event.title }),
    blocks: [
      text(translator.say(isCancelled ? 'called_off.waitlist' : 'waitlist.closed')),
      ...(isCancelled ? cancelReasonText(event, translator) : []),
      eventFacts(event, translator),
      button(translator.say('missed.button'), origin + pagePath('event', event._id.toHexString(), translator.locale)),
    ],
  });
}
