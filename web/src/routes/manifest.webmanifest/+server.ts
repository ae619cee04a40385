import type { RequestHandler } from './$types';
import { manifestOf } from '#lib/manifest.ts';
import { fetchSite } from '#lib/site.ts';

/** The web app manifest, with the site's name from its settings. */
export const GET: RequestHandler = async ({ fetch }) =>
  new Response(JSON.stringify(manifestOf(await fetchSite(fetch))), {
    headers: { 'content-type': 'application/manifest+json' },
  });
