import { ACCOUNT_MAIL } from '#server/accounts/recovery/mail-order.ts';
import type { JobHandler, JobRunnerOptions } from '#server/jobs/runner.ts';
import { createJobRunner } from '#server/jobs/runner.ts';
import type { AccountMailOptions } from './account-mails.ts';
import { accountMailJob } from './account-mails.ts';
import type { MailerOptions } from './mailer.ts';
import { createMailer } from './mailer.ts';
import type { PostOptions } from './post.ts';
import { createPost } from './post.ts';

export interface MailroomOptions
  extends
    MailerOptions,
    Omit<PostOptions, 'mailer' | 'models'>,
    Omit<AccountMailOptions, 'post' | 'models'>,
    Pick<JobRunnerOptions, 'random'> {
  models: PostOptions['models'] & AccountMailOptions['models'] & JobRunnerOptions['models'];
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
  const kinds: Record<string, JobHandler>[] = [{ [ACCOUNT_MAIL]: accountMailJob({ ...options, post }) }];
  const runners = kinds.map((handlers) => createJobRunner({ ...options, handlers }));

  return {
    start: () => runners.forEach((runner) => runner.start()),
    /** A mail was ordered. */
    wake: () => runners.forEach((runner) => runner.wake()),
    async close(): Promise<void> {
      await Promise.all(runners.map((runner) => runner.close()));
      mailer.close();
    },
  };
}
