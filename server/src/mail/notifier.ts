import type { Types } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { Site } from '#shared/site.ts';
import type { Now } from '#server/clock.ts';
import type { JobRun } from '#server/jobs/runner.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { renderMail } from './render-mail.ts';
import type { Mail } from './mail.ts';
import type { Mailer, SendOutcome } from './mailer.ts';
import { CONNECTIONS } from './mailer.ts';
import type { Translator } from './texts/translator.ts';
import { createTranslator } from './texts/translator.ts';

/** Between two mails of one server; while people book it leaves them the machine. */
const GAP_MS = 20;
const BUSY_GAP_MS = 250;

export interface Recipient {
  _id: Types.ObjectId;
  name: string;
  email: string;
  locale: Locale;
}

/** A fact that one person is to be told. What it says is made when it is sent; null: it is not true any more. */
export interface Notification {
  fact: string;
  recipient: Recipient;
  compose(createTranslator: Translator): Mail | null | Promise<Mail | null>;
}

export interface NotifierOptions {
  models: Pick<Models, 'sentMails'>;
  mailer: Mailer;
  site: Site;
  /** Whether commands wait in a queue. */
  busy: () => boolean;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  now: Now;
  log: Log;
}

export type Notifier = ReturnType<typeof createNotifier>;

/**
 * Tells each fact once. A fact is recorded right after the mail server took its mail; only a crash between the two tells
 * it again, under the same Message-ID.
 */
export function createNotifier({ models, mailer, site, busy, wait, now, log }: NotifierOptions) {
  let nextAtMs = 0;

  /** Tells what was not told yet. Throws where some of it could not be sent now, having tried the rest. */
  async function notify(notifications: readonly Notification[], { signal }: Pick<JobRun, 'signal'>): Promise<void> {
    const left = await withoutNotified(notifications);
    const failures: unknown[] = [];
    const lanes = Array.from({ length: CONNECTIONS }, async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        signal.throwIfAborted();
        await turn(signal);
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
      // The server itself cannot be reached: the others would wait for nothing.
      if (!isAboutOne(error)) left.length = 0;
      else log.warn({ fact: notification.fact, err: error }, 'A mail was not taken and is tried again');
    }
  }

  async function withoutNotified(notifications: readonly Notification[]): Promise<Notification[]> {
    const notified = await notifiedFacts(notifications.map(({ fact }) => fact));
    return notifications.filter(({ fact }) => !notified.has(fact));
  }

  /** Which of these facts were told. */
  async function notifiedFacts(facts: readonly string[]): Promise<Set<string>> {
    const notified = await models.sentMails.find({ _id: { $in: facts } }, { _id: 1 }).lean();
    return new Set(notified.map(({ _id }) => _id));
  }

  async function send({ fact, recipient, compose }: Notification): Promise<void> {
    const translator = createTranslator(recipient.locale);
    const mail = await compose(translator);
    if (!mail) return;
    const letter = renderMail(mail, recipient, site, translator);
    const to = { name: recipient.name, address: recipient.email };
    const calendar = mail.calendar === undefined ? {} : { calendar: mail.calendar };
    const outcome = await mailer.send({ ...letter, ...calendar, to, fact });
    await markNotified(fact, outcome);
  }

  /** From now on this fact counts as told. */
  async function markNotified(fact: string, outcome: SendOutcome): Promise<void> {
    await models.sentMails.updateOne({ _id: fact }, { $setOnInsert: { outcome, at: now() } }, { upsert: true });
  }

  /** One after the other, evenly: a full house of mails must not slow the next sale. */
  async function turn(signal: AbortSignal): Promise<void> {
    const nowMs = now().getTime();
    // A clock that was set back must not hold the mails up.
    const turnMs = Math.min(Math.max(nowMs, nextAtMs), nowMs + BUSY_GAP_MS * CONNECTIONS);
    nextAtMs = turnMs + (busy() ? BUSY_GAP_MS : GAP_MS);
    if (turnMs > nowMs) await wait(turnMs - nowMs, signal);
    signal.throwIfAborted();
  }

  return { notify, notifiedFacts, markNotified };
}

/** The mail server answered, and spoke of this mail; without an answer, or of our login, it is about all of them. */
function isAboutOne(error: unknown): boolean {
  return (
    error instanceof Error &&
    'responseCode' in error &&
    'command' in error &&
    /^(?:RCPT|DATA)/.test(String(error.command))
  );
}
