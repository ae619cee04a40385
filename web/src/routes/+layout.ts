import type { LayoutLoad } from './$types';
import { fetchSite } from '#lib/site.ts';

export const load: LayoutLoad = async ({ fetch }) => ({ site: await fetchSite(fetch) });
