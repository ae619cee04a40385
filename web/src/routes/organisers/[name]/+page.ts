import type { PageLoad } from './$types';
import { listInputs } from '#lib/events-api.ts';
import { fetchOrganiser } from '#lib/organiser-events.ts';

export const load: PageLoad = ({ fetch, params, url }) =>
  fetchOrganiser(fetch, params.name, listInputs(url.searchParams));
