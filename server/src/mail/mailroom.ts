import { ACCOUNT_MAIL } from '#server/accounts/recovery/mail-job.ts';
import type { Vapid } from '#server/accounts/keys.ts';
import type { JobHandler, JobRunnerOptions } from '#server/jobs/runner.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import { TELL_MONEY, TELL_BOOKINGS, TELL_MOVED, TELL_OFFERS } from '#server/booking/rules/notify.ts';
import type { Models } from '#server/models/models.ts';
import type { AccountMailOptions } from './account-mails.ts';
import { accountMailJob } from './account-mails.ts';
import { batchMailJob, bookingChanges, offerChanges } from './booking-mails.ts';
import { moneyMailJob } from './payment-mails.ts';
import { movedMailJob } from './moved-mails.ts';
import type { PushSenderOptions } from '#server/push/sender.ts';
import { createPushSender } from '#server/push/sender.ts';
import type { OfferPushOptions } from './offer-pushes.ts';
import { offerPushJob } from './offer-pushes.ts';
import type { MailerOptions } from './mailer.ts';
import { createMailer } from './mailer.ts';
import type { PostOptions } from './post.ts';
import { createPost } from './post.ts';

export interface MailroomOptions
  extends
    MailerOptions,
    Omit<PostOptions, 'mailer' | 'models'>,
    Omit<AccountMailOptions, 'post' | 'models'>,
    Pick<OfferPushOptions, 'subscriptions'>,
    Pick<JobRunnerOptions, 'random'> {
  models: Models;
  vapid: Vapid;
  /** The way to the push services of browsers, where it is not the usual one. */
  pushAgent: PushSenderOptions['agent'];
  /** Names this process; the runners share it, their jobs are of different kinds. */
  holder: string;
}

export type Mailroom = ReturnType<typeof createMailroom>;

/**
 * Does the jobs that tell people something. They have runners of their own: refunds never wait behind a full house of
 * confirmations, and whoever wants a new password does not either.
 */
export function createMailroom(options: MailroomOptions) {
  const mailer = createMailer(options);
  const post = createPost({ ...options, mailer });
  const { vapid, pushAgent: agent } = options;
  const sendPush = createPushSender({ vapid, agent, subject: () => subjectOf(options) });
  const deps = { ...options, post, sendPush };
  const soon = {
    [ACCOUNT_MAIL]: accountMailJob(deps),
    [TELL_OFFERS]: offerJob(deps),
    [TELL_MONEY]: moneyMailJob(deps),
  };
  const many = { [TELL_BOOKINGS]: batchMailJob(deps, bookingChanges), [TELL_MOVED]: movedMailJob(deps) };
  const runners = [soon, many].map((handlers) => createJobRunner({ ...options, handlers }));

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
  const ways = [offerPushJob(deps), batchMailJob(deps, offerChanges)];
  return async (payload, run) => {
    const done = await Promise.allSettled(ways.map((way) => way(payload, run)));
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  };
}

/** Whom a push service writes to when our messages make trouble. */
function subjectOf({ config, origin }: MailroomOptions): string {
  return `mailto:${config.contactEmail ?? `no-reply@${new URL(origin()).hostname}`}`;
}
