import type { Site } from '#shared/site.ts';

const UNKNOWN: Site = {
  name: 'Frontrow',
  contactEmail: null,
  imprintUrl: null,
  privacyUrl: null,
  termsUrl: null,
  demoPayments: false,
};

/** Asks whose site this is. A footer is not worth a page: where there is no answer, the page comes without. */
export async function fetchSite(fetch: typeof globalThis.fetch): Promise<Site> {
  try {
    const response = await fetch('/api/site');
    return response.ok ? ((await response.json()) as Site) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
