import type { Site } from '#shared/site.ts';
import { link } from '#lib/i18n/links.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';

/** The paper of the pages by day and by night, for what browsers paint around them: `--bg` of tokens.css in sRGB. */
export const PAPER = { light: '#f9fafc', dark: '#0b0e15' };

/** What a phone needs to keep this site beside its apps, in the language of the page that led here. */
export function manifestOf({ name }: Pick<Site, 'name'>) {
  return {
    id: '/',
    name,
    short_name: name,
    description: m.list_description(),
    lang: getLocale(),
    start_url: link('/'),
    scope: '/',
    // On iPhones only a site that stands on its own may send messages with its page closed.
    display: 'standalone',
    theme_color: PAPER.light,
    background_color: PAPER.light,
    icons: [
      { src: '/icon.svg', type: 'image/svg+xml', sizes: 'any' },
      { src: '/icon-192.png', type: 'image/png', sizes: '192x192' },
      { src: '/icon-512.png', type: 'image/png', sizes: '512x512' },
      { src: '/icon-maskable.png', type: 'image/png', sizes: '512x512', purpose: 'maskable' },
    ],
    shortcuts: [{ name: m.nav_bookings(), url: link('/bookings') }],
  };
}
