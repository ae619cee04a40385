import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** The requests behind the links of mails; they need no session. */
export const recovery = {
  /** Requests a mail with a link. The answer does not reveal whether the account exists. */
  forgot: (email: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/forgot', { email }),
  /** Sets a new password with the token of the mail. */
  reset: (token: string, next: string): Promise<Reply<unknown>> =>
    callApi(fetch, 'POST', '/api/auth/reset', { token, next }),
  /** Verifies an email address with the token of the mail. */
  verify: (token: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/verify', { token }),
};

/** The token of a mail's link, or "". It is removed from the address, so that no history and no screenshot shows it. */
export function takeToken(location: Location, history: History): string {
  const url = new URL(location.href);
  const token = url.searchParams.get('token') ?? '';
  url.searchParams.delete('token');
  history.replaceState(history.state, '', url);
  return token;
}
