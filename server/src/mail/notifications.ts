import type { Vapid } from '#server/accounts/keys.ts';
import { CODE_MAIL } from '#server/accounts/code/code-mail-job.ts';
import { PASSKEY_MAIL } from '#server/accounts/passkeys/passkey-mail-job.ts';
import { ACCOUNT_MAIL } from '#server/accounts/recovery/account-mail-job.ts';
import { UNUSED_ACCOUNT_MAIL } from '#server/accounts/unused-accounts.ts';
import {
  NOTIFY_BOOKINGS,
  NOTIFY_ENDED,
  NOTIFY_MOVED,
  NOTIFY_OFFERS,
  NOTIFY_PAYMENTS,
  NOTIFY_WAITLIST,
} from '#server/booking/rules/notify.ts';
import { NOTIFY_REMINDERS } from '#server/booking/rules/reminder.ts';
import type { JobHandler, JobRunnerOptions } from '#server/jobs/runner.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import { createPushSender } from '#server/push/sender.ts';
import type { AccountMailOptions, CodeMailOptions } from './account-mails.ts';
import {
  createAccountMailJob,
  createCodeMailJob,
  createPasskeyMailJob,
  createUnusedAccountMailJob,
} from './account-mails.ts';
import { bookingChanges, createBatchMailJob, endedChanges, offerChanges } from './booking-mails.ts';
import type { BookingSnapshotsOptions } from './booking-snapshots.ts';
import { allAttempts } from './sending/all-attempts.ts';
import type { MailPaceOptions, Urgency } from './sending/mail-pace.ts';
import { createMailPace, URGENCIES } from './sending/mail-pace.ts';
import type { MailerOptions } from './sending/mailer.ts';
import { createMailer } from './sending/mailer.ts';
import type { DevicePushOptions } from './device-pushes.ts';
import { cancelledEventPush, createBatchPushJob, offerPush } from './device-pushes.ts';
import { createMovedMailJob } from './moved-mails.ts';
import type { NotifierOptions } from './sending/notifier.ts';
import { createNotifiers } from './sending/notifier.ts';
import type { ReminderMailOptions } from './reminders/reminder-mails.ts';
import { createReminderMailJob } from './reminders/reminder-mails.ts';
import { createPaymentMailJob } from './payment-mails.ts';
import { createWaitlistMailJob } from './waitlist-mails.ts';

interface NotificationsOptions
  extends
    MailerOptions,
    MailPaceOptions,
    Omit<NotifierOptions, 'mailer' | 'models' | 'pace'>,
    Omit<AccountMailOptions, 'notifier' | 'models'>,
    Pick<CodeMailOptions, 'codes'>,
    Pick<DevicePushOptions, 'subscriptions'>,
    Pick<BookingSnapshotsOptions, 'tickets'>,
    Pick<ReminderMailOptions, 'reminderLinks'>,
    Pick<JobRunnerOptions, 'random'> {
  models: Models;
  /** Jobs that bring tickets in wallets up to date, by their kinds. */
  passJobs: Readonly<Record<string, JobHandler>>;
  /** Runs with each job of a batch that may have cancelled bookings: adds the job of passes. Null without wallets. */
  followCancellations: JobHandler | null;
  vapid: Vapid;
  /** The way to the push services of browsers, if not the public network. */
  pushAgent: PushSenderOptions['agent'];
  /** Identifies this process. All runners share it, because their jobs are of different kinds. */
  holder: string;
}

/**
 * Jobs of one urgency that run at once. They mostly wait for their mails, which have a pace of their own; changes may
 * take an hour for a large event, and each such event needs a lane.
 */
const LANES: Record<Urgency, number> = { awaited: 4, change: 16, bulk: 4 };
/**
 * Reminders are as urgent as what somebody waits for, and thousands of them are due at one moment: they have a runner of
 * their own, so that codes and offers need not wait for a lane, and only for as many mails as these lanes have on the way.
 */
const REMINDER_LANES = 2;
/** Passes wait for Apple and Google, who may be slow, and no mail should wait with them. */
const PASS_LANES = 2;

/**
 * Runs the jobs that send mails and push messages, and those that update wallets, in a runner for each urgency: neither a
 * new password nor the change of an event waits behind the confirmations of a sold-out one.
 */
export function createNotifications(options: NotificationsOptions) {
  const { config, models, links, codes, subscriptions, tickets, reminderLinks, passJobs, vapid } = options;
  const { followCancellations, pushAgent, site, origin } = options;
  const { busy, idleMs, holder, now, monotonic, random, sleepOrAbort, log } = options;
  const mailer = createMailer({ config, origin, log });
  const pace = createMailPace({ busy, idleMs, sleepOrAbort, monotonic });
  const notifierOf = createNotifiers({ models, mailer, site, pace, now, log });
  const subject = () => vapidSubject(config, origin());
  const sendPush = createPushSender({ vapid, agent: pushAgent, subject });
  const push = { models, tickets, origin, now, monotonic, subscriptions, sendPush, log };
  const awaited = { ...push, notifier: notifierOf('awaited') };
  const change = { ...push, notifier: notifierOf('change') };
  const bulk = { ...push, notifier: notifierOf('bulk') };
  const handlers = {
    awaited: {
      [ACCOUNT_MAIL]: createAccountMailJob({ models, notifier: awaited.notifier, links, origin }),
      [CODE_MAIL]: createCodeMailJob({ models, notifier: awaited.notifier, codes }),
      [NOTIFY_OFFERS]: both(createBatchPushJob(awaited, offerPush), createBatchMailJob(awaited, offerChanges)),
    },
    change: {
      [PASSKEY_MAIL]: createPasskeyMailJob({ models, notifier: change.notifier, origin }),
      [NOTIFY_ENDED]: followedBy(createEndedJob(change), followCancellations),
      [NOTIFY_WAITLIST]: createWaitlistMailJob(change),
      [NOTIFY_MOVED]: createMovedMailJob(change),
      [NOTIFY_PAYMENTS]: createPaymentMailJob(change),
    },
    bulk: {
      [NOTIFY_BOOKINGS]: followedBy(createBatchMailJob(bulk, bookingChanges), followCancellations),
      [UNUSED_ACCOUNT_MAIL]: createUnusedAccountMailJob(bulk),
    },
  } satisfies Record<Urgency, Record<string, JobHandler>>;
  const reminders = {
    [NOTIFY_REMINDERS]: createReminderMailJob({
      models,
      notifier: awaited.notifier,
      subscriptions,
      sendPush,
      reminderLinks,
      origin,
      now,
      log,
    }),
  };
  const runnerOf = (runs: Record<string, JobHandler>, lanes: number) =>
    createJobRunner({ models, holder, handlers: runs, lanes, now, random, sleepOrAbort, log });
  const runners = [
    ...URGENCIES.map((urgency) => runnerOf(handlers[urgency], LANES[urgency])),
    runnerOf(reminders, REMINDER_LANES),
    runnerOf(passJobs, PASS_LANES),
  ];

  return {
    runners,
    kinds: {
      urgent: [handlers.awaited, handlers.change, reminders].flatMap((runs) => Object.keys(runs)),
      bulk: [handlers.bulk, passJobs].flatMap((runs) => Object.keys(runs)),
    },
    start: () => runners.forEach((runner) => runner.start()),
    /** Called after a job was added. */
    wake: () => runners.forEach((runner) => runner.wake()),
    async close(): Promise<void> {
      await Promise.all(runners.map((runner) => runner.close()));
      mailer.close();
    },
  };
}

/** Notifies of what the organiser or the event ended. */
function createEndedJob(options: Parameters<typeof createBatchPushJob>[0]): JobHandler {
  return both(createBatchPushJob(options, cancelledEventPush), createBatchMailJob(options, endedChanges));
}

function followedBy(first: JobHandler, next: JobHandler | null): JobHandler {
  return next ? both(first, next) : first;
}

/** Notifies by push message and by mail; a failure of one does not delay the other. */
function both(first: JobHandler, second: JobHandler): JobHandler {
  return (payload, run) => allAttempts([first(payload, run), second(payload, run)]);
}

/** The contact that VAPID (RFC 8292) gives push services for problems with our messages. */
function vapidSubject({ contactEmail }: NotificationsOptions['config'], origin: string): string {
  return `mailto:${contactEmail ?? `no-reply@${new URL(origin).hostname}`}`;
}
