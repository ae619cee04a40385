import { error } from '@sveltejs/kit';
import { fetchEventPage } from '#lib/events-api.ts';
import { loadTab, tabInputs } from '#lib/organiser/event-tabs.ts';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ fetch, url, parent }) => {
  const inputs = tabInputs(url.searchParams);
  const { mayBeOrganiser } = await parent();
  if (!mayBeOrganiser) error(403, 'Forbidden');
  return { inputs, list: await loadTab(inputs, (input) => fetchEventPage(fetch, input)) };
};
