import { error } from '@sveltejs/kit';
import { fetchEvent } from '#lib/events-api.ts';
import type { LayoutLoad } from './$types';

// Drafts are shown to their organisers only, so these pages are made in the browser, with the organiser's session.
export const ssr = false;

export const load: LayoutLoad = async ({ fetch, params, parent }) => {
  const { mayBeOrganiser } = await parent();
  if (!mayBeOrganiser) error(403, 'Forbidden');
  return { event: await fetchEvent(fetch, params.id) };
};
