import { randomUUID } from 'node:crypto';
import type { Types } from 'mongoose';
import type { JobDoc } from '#server/models/job.ts';

/** The kind of the job that mails the owner of an account that its passkeys have changed. */
export const PASSKEY_MAIL = 'mail-passkey';

/** What happened to a passkey. */
interface PasskeyChange {
  userId: Types.ObjectId;
  change: 'added' | 'removed';
  /** Browser and system that added the passkey. */
  device: string;
  at: Date;
}

export function passkeyMailJob({ userId, ...change }: PasskeyChange): Pick<JobDoc, 'key' | 'kind' | 'payload'> {
  const fact = `passkey:${randomUUID()}`;
  return { key: fact, kind: PASSKEY_MAIL, payload: { userId: userId.toHexString(), fact, ...change } };
}
