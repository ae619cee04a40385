import type { Types } from 'mongoose';
import type { LinkKind } from '#server/models/accounts/account-link.ts';
import type { JobDoc } from '#server/models/job.ts';

/** The kind of job that mails somebody a link to their account. */
export const ACCOUNT_MAIL = 'mail-account';

/** Orders a link by mail; `userId` is null where there is no such account, so that both cost the same. */
export function accountMailJob(
  kind: LinkKind,
  userId: Types.ObjectId | null,
  fact: string,
): Pick<JobDoc, 'key' | 'kind' | 'payload'> {
  const key = `${kind}:${fact}`;
  return { key, kind: ACCOUNT_MAIL, payload: { link: kind, userId: userId?.toHexString() ?? null, fact: key } };
}
