import type { PageLoad } from './$types';
import { layoutNumber } from '#lib/components/design/layouts/layout-number.ts';
import { fetchEventPage, listInputs, listRequest } from '#lib/events-api.ts';

/** Shows the events that a search finds (`?query=`), or invented ones. */
export const load: PageLoad = async ({ fetch, params, url }) => {
  const layout = layoutNumber(params.layout);
  const request = listRequest({ ...listInputs(url.searchParams), date: '' }, { dates: [] });
  return { layout, events: request === null ? [] : (await fetchEventPage(fetch, request)).events };
};
