import type { Types } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { Site } from '#shared/site.ts';
import type { Now } from '#server/clock.ts';
import type { JobRun } from '#server/jobs/runner.ts';
import type { Log } from '#server/log.ts';
import type { Models } from '#server/models/models.ts';
import { layOut } from './render-mail.ts';
import type { Mail } from './mail.ts';
import type { Mailer, Sent } from './mailer.ts';
import { CONNECTIONS } from './mailer.ts';
import type { Speaker } from './texts/translator.ts';
import { speaker } from './texts/translator.ts';

/** Between two mails of one server; while people book it leaves them the machine. */
const GAP_MS = 20;
const BUSY_GAP_MS = 250;

export interface Reader {
  _id: Types.ObjectId;
  name: string;
  email: string;
  locale: Locale;
}

/** A fact that one person is to be told. What it says is made when it is sent; null: it is not true any more. */
export interface Telling {
  fact: string;
  reader: Reader;
  compose(speaker: Speaker): Mail | null | Promise<Mail | null>;
}

export interface PostOptions {
  models: Pick<Models, 'sentMails'>;
  mailer: Mailer;
  site: Site;
  /** Whether commands wait in a queue. */
  busy: () => boolean;
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  now: Now;
  log: Log;
}

export type Post = ReturnType<typeof createPost>;

/**
 * Tells each fact once. A fact is recorded right after the mail server took its mail; only a crash between the two tells
 * it again, under the same Message-ID.
 */
export function createPost({ models, mailer, site, busy, wait, now, log }: PostOptions) {
  let nextAtMs = 0;

  /** Tells what was not told yet. Throws where some of it could not be sent now, having tried the rest. */
  async function tell(tellings: readonly Telling[], { signal }: Pick<JobRun, 'signal'>): Promise<void> {
    const left = await untold(tellings);
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

  async function attempt(telling: Telling, failures: unknown[], left: Telling[]): Promise<void> {
    try {
      await send(telling);
    } catch (error) {
      failures.push(error);
      // The server itself cannot be reached: the others would wait for nothing.
      if (!isAboutOne(error)) left.length = 0;
      else log.warn({ fact: telling.fact, err: error }, 'A mail was not taken and is tried again');
    }
  }

  async function untold(tellings: readonly Telling[]): Promise<Telling[]> {
    const told = await toldOf(tellings.map(({ fact }) => fact));
    return tellings.filter(({ fact }) => !told.has(fact));
  }

  /** Which of these facts were told. */
  async function toldOf(facts: readonly string[]): Promise<Set<string>> {
    const told = await models.sentMails.find({ _id: { $in: facts } }, { _id: 1 }).lean();
    return new Set(told.map(({ _id }) => _id));
  }

  async function send({ fact, reader, compose }: Telling): Promise<void> {
    const speaks = speaker(reader.locale);
    const mail = await compose(speaks);
    if (!mail) return;
    const letter = layOut(mail, reader, site, speaks);
    const to = { name: reader.name, address: reader.email };
    const calendar = mail.calendar === undefined ? {} : { calendar: mail.calendar };
    const outcome = await mailer.send({ ...letter, ...calendar, to, fact });
    await record(fact, outcome);
  }

  /** From now on this fact counts as told. */
  async function record(fact: string, outcome: Sent): Promise<void> {
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

  return { tell, toldOf, record };
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
