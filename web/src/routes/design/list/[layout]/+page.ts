import type { PageLoad } from './$types';
import { layoutNumber } from '#lib/components/design/layouts/layout-number.ts';
import { fetchEventPage, fetchFilters, listInputs, listRequest } from '#lib/events-api.ts';

export const load: PageLoad = async ({ fetch, params, url }) => {
  const layout = layoutNumber(params.layout);
  const inputs = listInputs(url.searchParams);
  const filters = await fetchFilters(fetch);
  const request = listRequest(inputs, filters);
  const events = request === null ? [] : (await fetchEventPage(fetch, request)).events;
  return { layout, inputs, filters, events };
};
