import { ACCOUNT_MAIL } from '#server/accounts/recovery/account-mail-job.ts';
import type { Vapid } from '#server/accounts/keys.ts';
import type { JobHandler, JobRunnerOptions } from '#server/jobs/runner.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import { NOTIFY_PAYMENTS, NOTIFY_BOOKINGS, NOTIFY_MOVED, NOTIFY_OFFERS } from '#server/booking/rules/notify.ts';
import type { Models } from '#server/models/models.ts';
import type { AccountMailOptions } from './account-mails.ts';
import { accountMailHandler } from './account-mails.ts';
import { batchMailHandler, bookingChanges, offerChanges } from './booking-mails.ts';
import { paymentMailHandler } from './payment-mails.ts';
import { movedMailHandler } from './moved-mails.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import { createPushSender } from '#server/push/sender.ts';
import type { OfferPushOptions } from './offer-pushes.ts';
import { offerPushHandler } from './offer-pushes.ts';
import type { MailerOptions } from './mailer.ts';
import { createMailer } from './mailer.ts';
import type { NotifierOptions } from './notifier.ts';
import { createNotifier } from './notifier.ts';

export interface NotificationsOptions
  extends
    MailerOptions,
    Omit<NotifierOptions, 'mailer' | 'models'>,
    Omit<AccountMailOptions, 'notifier' | 'models'>,
    Pick<OfferPushOptions, 'subscriptions'>,
    Pick<JobRunnerOptions, 'random'> {
  models: Models;
  vapid: Vapid;
  /** The way to the push services of browsers, where it is not the usual one. */
  pushAgent: PushSenderOptions['agent'];
  /** Names this process; the runners share it, their jobs are of different kinds. */
  holder: string;
}

export type Notifications = ReturnType<typeof createNotifications>;

/**
 * Does the jobs that tell people something. They have runners of their own: refunds never wait behind a full house of
 * confirmations, and whoever wants a new password does not either.
 */
export function createNotifications(options: NotificationsOptions) {
  const { config, models, links, subscriptions, vapid, pushAgent, site, origin, busy } = options;
  const { holder, now, random, wait, log } = options;
  const mailer = createMailer({ config, origin, log });
  const notifier = createNotifier({ models, mailer, site, busy, wait, now, log });
  const subject = () => subjectOf(config, origin());
  const sendPush = createPushSender({ vapid, agent: pushAgent, subject });
  const bookingMails = { models, notifier, origin, now };
  const soon = {
    [ACCOUNT_MAIL]: accountMailHandler({ models, notifier, links, origin }),
    [NOTIFY_OFFERS]: offerJob({ models, notifier, origin, now, subscriptions, sendPush, log }),
    [NOTIFY_PAYMENTS]: paymentMailHandler(bookingMails),
  };
  const many = {
    [NOTIFY_BOOKINGS]: batchMailHandler(bookingMails, bookingChanges),
    [NOTIFY_MOVED]: movedMailHandler(bookingMails),
  };
  const runners = [soon, many].map((handlers) => createJobRunner({ models, holder, handlers, now, random, wait, log }));

  return {
    runners,
    start: () => runners.forEach((runner) => runner.start()),
    /** A mail was ordered. */
    wake: () => runners.forEach((runner) => runner.wake()),
    async close(): Promise<void> {
      await Promise.all(runners.map((runner) => runner.close()));
      mailer.close();
    },
  };
}

/** An offer goes to browsers and by mail; where one of the two cannot be reached now, the other is not held up. */
function offerJob(deps: OfferPushOptions): JobHandler {
  const ways = [offerPushHandler(deps), batchMailHandler(deps, offerChanges)];
  return async (payload, run) => {
    const done = await Promise.allSettled(ways.map((way) => way(payload, run)));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  };
}

/** Whom a push service writes to when our messages make trouble. */
function subjectOf({ contactEmail }: NotificationsOptions['config'], origin: string): string {
  return `mailto:${contactEmail ?? `no-reply@${new URL(origin).hostname}`}`;
}
