import type { PageLoad } from './$types';
import { layoutNumber } from '#lib/components/design/layouts/layout-number.ts';
import { fetchEvent } from '#lib/events-api.ts';

/** Shows the event of the address (`?event=ID`), or an invented one. */
export const load: PageLoad = async ({ fetch, params, url }) => {
  const eventId = url.searchParams.get('event');
  return {
    layout: layoutNumber(params.layout),
    event: eventId === null ? null : await fetchEvent(fetch, eventId),
  };
};
