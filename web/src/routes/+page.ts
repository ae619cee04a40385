import type { PageLoad } from './$types';
import { fetchEvents, listInputs } from '#lib/events-api.ts';

export const load: PageLoad = async ({ fetch, url }) => {
  const inputs = listInputs(url.searchParams);
  return { inputs, list: await fetchEvents(fetch, inputs) };
};
