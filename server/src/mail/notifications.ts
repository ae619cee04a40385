import type { Vapid } from '#server/accounts/keys.ts';
import { ACCOUNT_MAIL } from '#server/accounts/recovery/account-mail-job.ts';
import { NOTIFY_PAYMENTS, NOTIFY_BOOKINGS, NOTIFY_MOVED, NOTIFY_OFFERS } from '#server/booking/rules/notify.ts';
import type { JobHandler, JobRunnerOptions } from '#server/jobs/runner.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import type { Models } from '#server/models/models.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import { createPushSender } from '#server/push/sender.ts';
import type { AccountMailOptions } from './account-mails.ts';
import { createAccountMailJob } from './account-mails.ts';
import { createBatchMailJob, bookingChanges, offerChanges } from './booking-mails.ts';
import type { MailerOptions } from './mailer.ts';
import { createMailer } from './mailer.ts';
import { createMovedMailJob } from './moved-mails.ts';
import type { NotifierOptions } from './notifier.ts';
import { createNotifier } from './notifier.ts';
import type { OfferPushOptions } from './offer-pushes.ts';
import { createOfferPushJob } from './offer-pushes.ts';
import { createPaymentMailJob } from './payment-mails.ts';

interface NotificationsOptions
  extends
    MailerOptions,
    Omit<NotifierOptions, 'mailer' | 'models'>,
    Omit<AccountMailOptions, 'notifier' | 'models'>,
    Pick<OfferPushOptions, 'subscriptions'>,
    Pick<JobRunnerOptions, 'random'> {
  models: Models;
  vapid: Vapid;
  /** The way to the push services of browsers, if not the public network. */
  pushAgent: PushSenderOptions['agent'];
  /** Identifies this process. Both runners share it, because their jobs are of different kinds. */
  holder: string;
}

/**
 * Runs the jobs that send mails and push messages, in two runners of their own: neither refunds nor urgent mails (a new
 * password, an offer, a payment) wait behind the confirmations of a sold-out event.
 */
export function createNotifications(options: NotificationsOptions) {
  const { config, models, links, subscriptions, vapid, pushAgent, site, origin, busy } = options;
  const { holder, now, random, sleepOrAbort, log } = options;
  const mailer = createMailer({ config, origin, log });
  const notifier = createNotifier({ models, mailer, site, busy, sleepOrAbort, now, log });
  const subject = () => vapidSubject(config, origin());
  const sendPush = createPushSender({ vapid, agent: pushAgent, subject });
  const bookingMails = { models, notifier, origin, now };
  const urgent = {
    [ACCOUNT_MAIL]: createAccountMailJob({ models, notifier, links, origin }),
    [NOTIFY_OFFERS]: createOfferJob({ models, notifier, origin, now, subscriptions, sendPush, log }),
    [NOTIFY_PAYMENTS]: createPaymentMailJob(bookingMails),
  };
  const bulk = {
    [NOTIFY_BOOKINGS]: createBatchMailJob(bookingMails, bookingChanges),
    [NOTIFY_MOVED]: createMovedMailJob(bookingMails),
  };
  const runners = [urgent, bulk].map((handlers) =>
    createJobRunner({ models, holder, handlers, now, random, sleepOrAbort, log }),
  );

  return {
    runners,
    start: () => runners.forEach((runner) => runner.start()),
    /** Called after a job was added. */
    wake: () => runners.forEach((runner) => runner.wake()),
    async close(): Promise<void> {
      await Promise.all(runners.map((runner) => runner.close()));
      mailer.close();
    },
  };
}

/** Notifies an offer by push message and by mail; a failure of one does not delay the other. */
function createOfferJob(deps: OfferPushOptions): JobHandler {
  const handlers = [createOfferPushJob(deps), createBatchMailJob(deps, offerChanges)];
  return async (payload, run) => {
    const results = await Promise.allSettled(handlers.map((handle) => handle(payload, run)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
}

/** The contact that VAPID (RFC 8292) gives push services for problems with our messages. */
function vapidSubject({ contactEmail }: NotificationsOptions['config'], origin: string): string {
  return `mailto:${contactEmail ?? `no-reply@${new URL(origin).hostname}`}`;
}
