import type { Types } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { Site } from '#shared/site.ts';
import type { Now } from '#server/clock.ts';
import type { JobRun } from '#server/jobs/runner.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { Mail } from './mail.ts';
import type { Mailer, SendOutcome } from './mailer.ts';
import { CONNECTIONS } from './mailer.ts';
import { renderMail } from './render-mail.ts';
import type { Translator } from './texts/translator.ts';
import { createTranslator } from './texts/translator.ts';

/** The time between two mails of one server. */
const GAP_MS = 20;
/** The same while commands wait: bookings have priority over mails. */
const BUSY_GAP_MS = 250;

export interface Recipient {
  _id: Types.ObjectId;
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
  /** Whether commands wait in an event queue. */
  busy: () => boolean;
  sleepOrAbort: SleepOrAbort;
  now: Now;
  log: Log;
}

export type Notifier = ReturnType<typeof createNotifier>;

/**
 * Mails each fact once. A fact is stored as notified right after the mail server accepted its mail; only a crash
 * between the two sends it again, with the same Message-ID.
 */
export function createNotifier({ models, mailer, site, busy, sleepOrAbort, now, log }: NotifierOptions) {
  let nextAtMs = 0;

  /** Sends what was not sent yet. Tries every mail that can be sent now, then throws the first failure. */
  async function notify(notifications: readonly Notification[], { signal }: Pick<JobRun, 'signal'>): Promise<void> {
    const left = await withoutNotified(notifications);
    const failures: unknown[] = [];
    const lanes = Array.from({ length: CONNECTIONS }, async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        signal.throwIfAborted();
        await waitForGap(signal);
        await attempt(next, failures, left);
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
    const notified = await notifiedFacts(notifications.map(({ fact }) => fact));
    return notifications.filter(({ fact }) => !notified.has(fact));
  }

  /** Those of the facts that were notified. */
  async function notifiedFacts(facts: readonly string[]): Promise<Set<string>> {
    const found = await models.sentMails.find({ _id: { $in: facts } }, { _id: 1 }).lean();
    return new Set(found.map(({ _id }) => _id));
  }

  async function send({ fact, recipient, compose }: Notification): Promise<void> {
    const translator = createTranslator(recipient.locale);
    const mail = await compose(translator);
    if (!mail) return;
    const rendered = renderMail(mail, recipient, site, translator);
    const to = { name: recipient.name, address: recipient.email };
    const calendar = mail.calendar === undefined ? {} : { calendar: mail.calendar };
    const outcome = await mailer.send({ ...rendered, ...calendar, to, fact });
    await markNotified(fact, outcome);
  }

  /** Stores that a fact was notified, or that its recipient cannot be reached. */
  async function markNotified(fact: string, outcome: SendOutcome): Promise<void> {
    await models.sentMails.updateOne({ _id: fact }, { $setOnInsert: { outcome, at: now() } }, { upsert: true });
  }

  /** Spaces mails evenly over all lanes: the mails of a sold-out event must not slow the next sale. */
  async function waitForGap(signal: AbortSignal): Promise<void> {
    const nowMs = now().getTime();
    // Capped, so that a clock that was set back delays no mail for long.
    const sendAtMs = Math.min(Math.max(nowMs, nextAtMs), nowMs + BUSY_GAP_MS * CONNECTIONS);
    nextAtMs = sendAtMs + (busy() ? BUSY_GAP_MS : GAP_MS);
    if (sendAtMs > nowMs) await sleepOrAbort(sendAtMs - nowMs, signal);
    signal.throwIfAborted();
  }

  return { notify, notifiedFacts, markNotified };
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
