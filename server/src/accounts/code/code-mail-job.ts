import type { JobDoc } from '#server/models/job.ts';
import type { CodeReference } from './sign-in-codes.ts';

/** The kind of the job that mails a code. */
export const CODE_MAIL = 'mail-code';

/** A job that mails a code. It names the request alone: the address is stored with the code, for ten minutes. */
export function codeMailJob({ addressKey, requestId }: CodeReference): Pick<JobDoc, 'key' | 'kind' | 'payload'> {
  return { key: `code:${requestId}`, kind: CODE_MAIL, payload: { addressKey, requestId } };
}
