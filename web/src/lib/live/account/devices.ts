import type { AccountSession } from '#shared/account.ts';
import type { Reply } from '../connection/connection.svelte.ts';
import { callApi } from '../connection/call-api.ts';

/** The open sessions of the signed-in account, one for each device and browser. */
export const devices = {
  list: (): Promise<Reply<{ sessions: AccountSession[] }>> => callApi(fetch, 'GET', '/api/auth/sessions'),
  /** Ends another session than the one that asks. */
  end: (sessionId: string): Promise<Reply<unknown>> => callApi(fetch, 'DELETE', `/api/auth/sessions/${sessionId}`),
};
