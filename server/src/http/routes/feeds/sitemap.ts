import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { filterKeyOf } from '#shared/text/filter-key.ts';
import { organiserPath } from '#shared/text/organiser-path.ts';
import { xmlText } from './xml.ts';

interface SitemapInput {
  events: readonly Event[];
  locales: readonly Locale[];
  /** The address of a page in a language; `path` begins with a slash. */
  urlOf: (locale: Locale, path: string) => string;
}

/** A page in all languages, and when it was changed last, if that is known. */
interface SitemapPage {
  path: string;
  updatedAt: string | null;
}

/**
 * The list, the events and their organisers, in each language with the address in the others (sitemaps.org). No invented
 * events.
 */
export function renderSitemap({ events, locales, urlOf }: SitemapInput): string {
  const listed = events.filter(({ sample, status }) => !sample && status === 'published');
  const pages: SitemapPage[] = [
    { path: '/', updatedAt: null },
    ...listed.map(({ id, updatedAt }) => ({ path: `/events/${id}`, updatedAt })),
    ...organisersOf(listed).map((name) => ({ path: organiserPath(name), updatedAt: null })),
  ];
  const entries = pages.flatMap(({ path, updatedAt }) => {
    const urls = locales.map((locale) => urlOf(locale, path));
    return urls.map((url) => entryOf(url, urls, locales, updatedAt));
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">
${entries.join('\n')}
</urlset>
`;
}

/** Each organiser once, as the soonest event writes the name. */
function organisersOf(events: readonly Event[]): string[] {
  const names = new Map<string, string>();
  for (const { organiser } of events) {
    const key = organiser === null ? null : filterKeyOf(organiser);
    if (organiser !== null && key !== null && !names.has(key)) names.set(key, organiser);
  }
  return [...names.values()];
}

function entryOf(url: string, urls: readonly string[], locales: readonly Locale[], modified: string | null): string {
  const others = urls.map(
    (href, index) => `<xhtml:link rel="alternate" hreflang="${locales[index]}" href="${xmlText(href)}"/>`,
  );
  const lastmod = modified === null ? '' : `<lastmod>${modified}</lastmod>`;
  return `<url><loc>${xmlText(url)}</loc>${lastmod}${others.join('')}</url>`;
}
