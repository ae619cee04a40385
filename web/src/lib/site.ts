import type { Site } from '#shared/site.ts';

const UNKNOWN: Site = {
  name: 'Frontrow',
  contactEmail: null,
  imprintUrl: null,
  privacyUrl: null,
  termsUrl: null,
  demoPayments: false,
  hasMail: true,
  wallets: { apple: false, google: false },
  holdsFirst: false,
};

/** Loads the site's name and contacts. Never rejects: without an answer the page shows its footer without them. */
export async function fetchSite(fetch: typeof globalThis.fetch): Promise<Site> {
  try {
    const response = await fetch('/api/site');
    return response.ok ? ((await response.json()) as Site) : UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
