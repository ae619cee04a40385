import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { xmlText } from './xml.ts';

interface SitemapInput {
  events: readonly Event[];
  locales: readonly Locale[];
  listUrl: (locale: Locale) => string;
  eventUrl: (eventId: string, locale: Locale) => string;
}

/** The list and the events, in each language with the address in the others (sitemaps.org). No invented events. */
export function renderSitemap({ events, locales, listUrl, eventUrl }: SitemapInput): string {
  const listed = events.filter(({ sample, status }) => !sample && status === 'published');
  const pages = [
    ...locales.map((locale) => entryOf(listUrl(locale), locales.map(listUrl), locales, null)),
    ...listed.flatMap(({ id, updatedAt }) => {
      const urls = locales.map((locale) => eventUrl(id, locale));
      return urls.map((url) => entryOf(url, urls, locales, updatedAt));
    }),
  ];
  return `<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${pages.join('\n')}
</urlset>
`;
}

function entryOf(url: string, urls: readonly string[], locales: readonly Locale[], modified: string | null): string {
  const others = urls.map(
    (href, index) => `<xhtml:link rel="alternate" hreflang="${locales[index]}" href="${xmlText(href)}"/>`,
  );
  const lastmod = modified === null ? '' : `<lastmod>${modified}</lastmod>`;
  return `<url><loc>${xmlText(url)}</loc>${lastmod}${others.join('')}</url>`;
}
