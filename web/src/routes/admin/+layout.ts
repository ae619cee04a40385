import type { CurrentSession } from '#shared/account.ts';
import type { Build } from '#shared/text/build.ts';
import { buildText } from '#shared/text/build.ts';
import { callApi } from '#lib/live/connection/call-api.ts';
import type { LayoutLoad } from './$types';

// Rendered in the browser only: these pages need the organiser's session.
export const ssr = false;

/** `mayBeOrganiser` is true if the session is unknown, too: then the API's reply decides. `version`: for the footer. */
export const load: LayoutLoad = async ({ fetch }) => {
  const [session, health] = await Promise.all([
    callApi<CurrentSession>(fetch, 'GET', '/api/auth/session'),
    callApi<Build>(fetch, 'GET', '/api/health/ready'),
  ]);
  return {
    mayBeOrganiser: !session.ok || session.data.user?.role === 'admin',
    version: health.ok ? buildText(health.data) : null,
  };
};
