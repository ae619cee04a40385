import type { RemindedSale } from '#server/booking/rules/reminder.ts';
import { isOpen, openingOf } from '#server/booking/rules/reminder.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { PushMessage } from '#shared/push-subscription.ts';
import { eventMail } from '../booking-texts.ts';
import { bodyOf } from '../device-pushes.ts';
import type { Mail } from '../mail.ts';
import { button, link, text } from '../mail.ts';
import { pagePath } from '../page-path.ts';
import { eventFacts } from '../texts/booking-facts.ts';
import type { Translator } from '../texts/translator.ts';

/** How long after the opening a push service keeps a message for a device that is off. */
const PUSH_LASTS_MS = 3_600_000;

/** What a notification is about: the opening of a sale, at the time at which it is sent. */
export interface ReminderFacts {
  event: EventDoc;
  sale: RemindedSale;
  at: Date;
}

interface MailContext {
  /** The public address of the site. */
  origin: string;
  /** The key of the link that ends all reminders of the user. */
  key: string;
}

export function reminderMail(facts: ReminderFacts, { origin, key }: MailContext, translator: Translator): Mail {
  const { event, sale, at } = facts;
  const { say, locale } = translator;
  const of = sale === null ? 'reminder' : 'reminder.type';
  const isOnSale = isOpen(event, sale, at);
  const inputs = { title: event.title, type: typeName(facts), opens: opening(facts, translator) };
  const mail = {
    subject: say(isOnSale ? `${of}.open_subject` : `${of}.subject`, inputs),
    blocks: [
      text(say(isOnSale ? `${of}.open_body` : `${of}.body`, inputs)),
      eventFacts(event, translator),
      button(say('reminder.button'), origin + pagePath('event', event._id.toHexString(), locale)),
      text(say('reminder.note')),
      link(say('reminder.end'), origin + pagePath('reminders', key, locale)),
    ],
    unsubscribe: `${origin}/api/reminders/end/${key}`,
  };
  return eventMail(event, translator, mail);
}

export function reminderMessage(facts: ReminderFacts, translator: Translator): PushMessage {
  const { event, sale, at } = facts;
  const { say, locale } = translator;
  const id = event._id.toHexString();
  const isOnSale = isOpen(event, sale, at);
  const opensAt = openingOf(event, sale) ?? at;
  const what = [event.title, ...(sale === null ? [] : [typeName(facts)])].join(', ');
  const bodyText = isOnSale ? what : say('push.reminder', { title: what, opens: opening(facts, translator) });
  return {
    kind: 'reminder',
    title: say(isOnSale ? 'reminder.open_title' : 'reminder.title'),
    body: bodyOf(event, bodyText, translator),
    url: pagePath('event', id, locale),
    // A device shows one message for each tag: that of a type must not take the place of the event's.
    tag: ['reminder', id, ...(sale === null ? [] : [sale])].join('-'),
    lang: locale,
    expiresAt: new Date((isOnSale ? at : opensAt).getTime() + PUSH_LASTS_MS).toISOString(),
  };
}

function typeName({ event, sale }: ReminderFacts): string {
  return event.ticketTypes?.find(({ id }) => id === sale)?.name ?? '';
}

function opening({ event, sale }: ReminderFacts, { time }: Translator): string {
  const at = openingOf(event, sale);
  return at === null ? '' : time(at, event.timeZone);
}
