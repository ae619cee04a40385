import type { Locale } from '#shared/account.ts';
import type { Site } from '#shared/site.ts';
import type { Now } from '#server/clock.ts';
import type { JobRun } from '#server/jobs/runner.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { Mail } from '../mail.ts';
import { renderMail } from '../render-mail.ts';
import type { Translator } from '../texts/translator.ts';
import { createTranslator } from '../texts/translator.ts';
import type { MailPace, Urgency } from './mail-pace.ts';
import { MOST_CONNECTIONS } from './mail-pace.ts';
import type { Mailer, SendOutcome } from './mailer.ts';

export interface Recipient {
  /** "" for an address without an account. */
  name: string;
  email: string;
  locale: Locale;
}

export interface Notification {
  /** Identifies what is notified; no fact is mailed twice. Stored, so its format must not change. */
  fact: string;
  recipient: Recipient;
  /** Writes the mail at the time of sending; null if the fact is no longer true. */
  compose(translator: Translator): Mail | null | Promise<Mail | null>;
}

export interface NotifierOptions {
  models: Pick<Models, 'sentMails'>;
  mailer: Mailer;
  site: Site;
  pace: MailPace;
  now: Now;
  log: Log;
}

export type Notifier = ReturnType<ReturnType<typeof createNotifiers>>;

/**
 * A notifier for each urgency. They mail each fact once: a fact is stored as notified right after the mail server
 * accepted its mail; only a crash between the two sends it again, with the same Message-ID.
 */
export function createNotifiers({ models, mailer, site, pace, now, log }: NotifierOptions) {
  /** By fact: the mails that this process is sending. */
  const onTheirWay = new Map<string, Promise<void>>();

  /** Sends what was not sent yet. Tries every mail that can be sent now, then throws the first failure. */
  async function notify(
    notifications: readonly Notification[],
    { signal }: Pick<JobRun, 'signal'>,
    urgency: Urgency,
  ): Promise<void> {
    const left = await withoutNotified(notifications);
    const failures: unknown[] = [];
    const lanes = Array.from({ length: MOST_CONNECTIONS }, async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const notification = next;
        await pace.run(urgency, signal, () => attempt(notification, failures, left));
      }
    });
    await Promise.all(lanes);
    if (failures.length > 0) throw failures[0];
  }

  async function attempt(notification: Notification, failures: unknown[], left: Notification[]): Promise<void> {
    try {
      await send(notification);
    } catch (error) {
      failures.push(error);
      // The mail server is unreachable: the other mails would fail as well, each after a timeout.
      if (!concernsOneMail(error)) left.length = 0;
      else log.warn({ fact: notification.fact, err: error }, 'The mail server refused a mail: another attempt follows');
    }
  }

  async function withoutNotified(notifications: readonly Notification[]): Promise<Notification[]> {
    const notified = await storedFacts(notifications.map(({ fact }) => fact));
    return notifications.filter(({ fact }) => !notified.has(fact));
  }

  async function storedFacts(facts: readonly string[]): Promise<Set<string>> {
    const found = await models.sentMails.find({ _id: { $in: facts } }, { _id: 1 }).lean();
    return new Set(found.map(({ _id }) => _id));
  }

  /** Those of the facts that were notified, or are being notified by this process. */
  async function notifiedFacts(facts: readonly string[]): Promise<Set<string>> {
    // Before the read: a mail that is stored as sent meanwhile is in one of the two sets.
    const sending = facts.filter((fact) => onTheirWay.has(fact));
    return new Set([...sending, ...(await storedFacts(facts))]);
  }

  /** Two jobs, or a job that was taken up again while its first run still sends, may notify one fact: it is sent once. */
  function send(notification: Notification): Promise<void> {
    const { fact } = notification;
    const sending = onTheirWay.get(fact) ?? sendUnlessNotified(notification).finally(() => onTheirWay.delete(fact));
    onTheirWay.set(fact, sending);
    return sending;
  }

  /** Looks again, because mails wait for the pace of the mail server. */
  async function sendUnlessNotified(notification: Notification): Promise<void> {
    const notified = await storedFacts([notification.fact]);
    if (notified.size === 0) await composeAndSend(notification);
  }

  async function composeAndSend({ fact, recipient, compose }: Notification): Promise<void> {
    const translator = createTranslator(recipient.locale);
    const mail = await compose(translator);
    if (!mail) return;
    const rendered = renderMail(mail, recipient, site, translator);
    const to = { name: recipient.name, address: recipient.email };
    const { calendar, ticket, unsubscribe } = mail;
    const more = {
      ...(calendar !== undefined && { calendar }),
      ...(ticket && { ticket }),
      ...(unsubscribe !== undefined && { unsubscribe }),
    };
    const outcome = await mailer.send({ ...rendered, ...more, to, fact });
    await markNotified(fact, outcome);
  }

  /** Stores that a fact was notified, or that its recipient cannot be reached. */
  async function markNotified(fact: string, outcome: SendOutcome): Promise<void> {
    await models.sentMails.updateOne({ _id: fact }, { $setOnInsert: { outcome, at: now() } }, { upsert: true });
  }

  return (urgency: Urgency) => ({
    notify: (notifications: readonly Notification[], run: Pick<JobRun, 'signal'>) =>
      notify(notifications, run, urgency),
    notifiedFacts,
    markNotified,
  });
}

/** An SMTP answer about a recipient or a content; other errors (no answer, a refused login) concern every mail. */
function concernsOneMail(error: unknown): boolean {
  return (
    error instanceof Error &&
    'responseCode' in error &&
    'command' in error &&
    /^(?:RCPT|DATA)/.test(String(error.command))
  );
}
