import { error } from '@sveltejs/kit';
import { fetchEvent } from '#lib/events-api.ts';
import type { LayoutLoad } from './$types';

// Rendered in the browser only: the API shows a draft to its organisers' sessions alone.
export const ssr = false;

export const load: LayoutLoad = async ({ fetch, params, parent }) => {
  const { mayBeOrganiser } = await parent();
  if (!mayBeOrganiser) error(403, 'Forbidden');
  return { event: await fetchEvent(fetch, params.id) };
};
