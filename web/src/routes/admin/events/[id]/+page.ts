import type { PageLoad } from './$types';
import { fetchEvent } from '#lib/events-api.ts';

// Drafts are shown to their organisers only, so this page is made in the browser, with the organiser's session.
export const ssr = false;

export const load: PageLoad = async ({ fetch, params }) => ({ event: await fetchEvent(fetch, params.id) });
