import type { PageLoad } from './$types';
import { fetchEventPage, fetchFilters, listInputs, listRequest, PAGE_SIZE } from '#lib/events-api.ts';

export const load: PageLoad = async ({ fetch, url }) => {
  const inputs = listInputs(url.searchParams);
  const filtersRead = fetchFilters(fetch);
  // Only a date needs them: the list and its filters are read beside each other.
  const request = listRequest(inputs, inputs.date === '' ? { dates: [] } : await filtersRead);
  const nothing = { events: [], page: inputs.page, limit: PAGE_SIZE, total: 0 };
  const listRead = request === null ? nothing : fetchEventPage(fetch, request);
  const [filters, list] = await Promise.all([filtersRead, listRead]);
  return { inputs, filters, request, list };
};
