import { CLOSED_ACCOUNT } from '#server/models/accounts/closed-account.ts';
import type { Vapid } from '#server/accounts/keys.ts';
import { createClosedAccountJob } from '#server/booking/account-bookings.ts';
import type { Engine } from '#server/booking/engine/engine.ts';
import { CANCEL_EVENT_JOB } from '#server/booking/rules/edit.ts';
import type { Now } from '#server/clock.ts';
import type { Config } from '#server/config.ts';
import { createCancelEventJob } from '#server/events/cancel.ts';
import { siteOf } from '#server/http/pages/site.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import type { Log } from '#server/log.ts';
import { createNotifications } from '#server/mail/notifications.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import type { TicketFilesMaker } from '#server/tickets/ticket-files.ts';
import type { Wallets } from '#server/wallet/wallets.ts';
import type { SleepOrAbort } from '#server/sleep.ts';
import type { Contacts } from './contacts.ts';

interface JobsOptions {
  config: Config;
  models: Models;
  engine: Engine;
  accountBookings: Parameters<typeof createClosedAccountJob>[0];
  contacts: Pick<Contacts, 'links' | 'codes' | 'subscriptions' | 'reminderLinks'>;
  tickets: { files: TicketFilesMaker; wallets: Pick<Wallets, 'jobs' | 'followCancellations'> };
  vapid: Vapid;
  /** Agent for requests to the push services of browsers; by default one that reaches public addresses only. */
  pushAgent: PushSenderOptions['agent'];
  /** The public address of the site. */
  origin: () => string;
  /** Names this process among all processes on the database. */
  holder: string;
  now: Now;
  monotonic: () => number;
  random: () => number;
  sleepOrAbort: SleepOrAbort;
  log: Log;
}

/** So many large events can be cancelled at once; the next one waits. */
const JOB_LANES = 4;

/** Work that follows a commit: what ends bookings, and the notifications. Payments have jobs of their own. */
export function composeJobs(options: JobsOptions) {
  const { config, models, engine, accountBookings, contacts, tickets, vapid, pushAgent } = options;
  const { origin, holder, now, monotonic, random, sleepOrAbort, log } = options;
  const handlers = {
    [CANCEL_EVENT_JOB]: createCancelEventJob({ models, engine }),
    [CLOSED_ACCOUNT]: createClosedAccountJob(accountBookings),
  };
  return {
    jobs: createJobRunner({ models, holder, handlers, lanes: JOB_LANES, now, random, sleepOrAbort, log }),
    notifications: createNotifications({
      config,
      models,
      links: contacts.links,
      codes: contacts.codes,
      subscriptions: contacts.subscriptions,
      tickets: tickets.files,
      reminderLinks: contacts.reminderLinks,
      passJobs: tickets.wallets.jobs,
      followCancellations: tickets.wallets.followCancellations,
      vapid,
      pushAgent,
      site: siteOf(config),
      origin,
      busy: () => engine.queueLengths().waiting > 0,
      idleMs: engine.idleMs,
      holder,
      now,
      monotonic,
      random,
      sleepOrAbort,
      log,
    }),
  };
}
