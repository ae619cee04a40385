import type { PageLoad } from './$types';
import { fetchEvent } from '#lib/events-api.ts';

export const load: PageLoad = async ({ fetch, params }) => ({ event: await fetchEvent(fetch, params.id) });
