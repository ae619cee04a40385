import type { LayoutLoad } from './$types';
import { fetchEvent } from '#lib/events-api.ts';

// Drafts are shown to their organisers only, so these pages are made in the browser, with the organiser's session.
export const ssr = false;

export const load: LayoutLoad = async ({ fetch, params }) => ({ event: await fetchEvent(fetch, params.id) });
