import type { Site } from '#shared/site.ts';
import { link } from '#lib/i18n/links.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';

/** The background of pages in the light theme, for the browser's own bars: `--bg` of tokens.css in sRGB. */
const PAPER = '#f9fafc';

/** The web app manifest, in the language of the page that links to it. */
export function manifestOf({ name }: Pick<Site, 'name'>) {
  return {
    id: '/',
    name,
    short_name: name,
    description: m.list_description(),
    lang: getLocale(),
    start_url: link('/'),
    scope: '/',
    // iOS allows push messages only for a site on the home screen with display standalone.
    display: 'standalone',
    theme_color: PAPER,
    background_color: PAPER,
    icons: [
      { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
      { src: '/icon-192.png', type: 'image/png', sizes: '192x192' },
      { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
      { src: '/icon-maskable.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
    ],
    shortcuts: [{ name: m.nav_bookings(), url: link('/bookings') }],
  };
}
