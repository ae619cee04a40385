import type { CurrentSession } from '#shared/account.ts';
import { callApi } from '#lib/live/connection/call-api.ts';
import type { LayoutLoad } from './$types';

// Pages for organisers: made in the browser, with the organiser's session.
export const ssr = false;

/** Whether asking for what only organisers may see can succeed; unknown counts as yes, and the answer decides. */
export const load: LayoutLoad = async ({ fetch }) => {
  const session = await callApi<CurrentSession>(fetch, 'GET', '/api/auth/session');
  return { mayBeOrganiser: !session.ok || session.data.user?.role === 'admin' };
};
