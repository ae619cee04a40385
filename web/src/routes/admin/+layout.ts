import type { CurrentSession } from '#shared/account.ts';
import { callApi } from '#lib/live/connection/call-api.ts';
import type { LayoutLoad } from './$types';

// Rendered in the browser only: these pages need the organiser's session.
export const ssr = false;

/** `mayBeOrganiser` is true if the session is unknown, too: then the API's reply decides. */
export const load: LayoutLoad = async ({ fetch }) => {
  const session = await callApi<CurrentSession>(fetch, 'GET', '/api/auth/session');
  return { mayBeOrganiser: !session.ok || session.data.user?.role === 'admin' };
};
