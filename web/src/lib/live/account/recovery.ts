import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** What works without a session, by the links of mails. */
export const recovery = {
  /** Orders a mail with a link. The answer is the same whether there is such an account or not. */
  forgot: (email: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/forgot', { email }),
  /** Sets a new password by the token of such a link. */
  reset: (token: string, next: string): Promise<Reply<unknown>> =>
    callApi(fetch, 'POST', '/api/auth/reset', { token, next }),
  /** Says that an address is its owner's. */
  verify: (token: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/verify', { token }),
};

/** The token of a mail's link. It leaves the address at once, so that it is in no history and no screenshot. */
export function takeToken(location: Location, history: History): string {
  const url = new URL(location.href);
  const token = url.searchParams.get('token') ?? '';
  url.searchParams.delete('token');
  history.replaceState(history.state, '', url);
  return token;
}
