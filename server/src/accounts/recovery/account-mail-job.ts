import type { Types } from 'mongoose';
import type { LinkKind } from '#server/models/accounts/account-link.ts';
import type { JobDoc } from '#server/models/job.ts';

/** The kind of the job that mails a link for an account. */
export const ACCOUNT_MAIL = 'mail-account';

/** A job that mails a link; `userId` is null if there is no such account, so that both cases take the same time. */
export function accountMailJob(
  kind: LinkKind,
  userId: Types.ObjectId | null,
  fact: string,
): Pick<JobDoc, 'key' | 'kind' | 'payload'> {
  const key = `${kind}:${fact}`;
  return { key, kind: ACCOUNT_MAIL, payload: { link: kind, userId: userId?.toHexString() ?? null, fact: key } };
}
