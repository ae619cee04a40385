import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** The requests behind the links of mails; only `sendVerification` needs a session. */
export const recovery = {
  /** Requests a mail with a link. The answer does not reveal whether the account exists. */
  forgot: (email: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/forgot', { email }),
  /** Sets a new password with the token of the mail. */
  reset: (token: string, next: string): Promise<Reply<unknown>> =>
    callApi(fetch, 'POST', '/api/auth/reset', { token, next }),
  /** Requests another mail with a link that verifies the own address. */
  sendVerification: (): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/verify/send', {}),
  /** Verifies an email address with the token of the mail. */
  verify: (token: string): Promise<Reply<unknown>> => callApi(fetch, 'POST', '/api/auth/verify', { token }),
};

/**
 * The token of a mail's link, or "". It is removed from the address, so that no history and no screenshot shows it, and
 * kept with the page's entry in the history, so that a reload still has it.
 */
export function takeToken(location: Location, history: Pick<History, 'state' | 'replaceState'>): string {
  const state = history.state as { mailToken?: unknown } | null;
  const url = new URL(location.href);
  const kept = typeof state?.mailToken === 'string' ? state.mailToken : '';
  const token = url.searchParams.get('token') ?? kept;
  url.searchParams.delete('token');
  history.replaceState({ ...state, mailToken: token }, '', url);
  return token;
}
