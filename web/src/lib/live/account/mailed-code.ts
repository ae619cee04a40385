import type { Locale } from '#shared/account.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** Asks for a mail with a code. The answer does not reveal whether the account exists, or whether a mail was sent. */
export function requestCode(email: string, locale: Locale): Promise<Reply<unknown>> {
  return callApi(fetch, 'POST', '/api/auth/code', { email, locale });
}
