import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import type { EventFeed } from './event-feed.ts';
import { kindsOf, summaryOf, updatedAtOf } from './event-feed.ts';
import { xmlText } from './xml.ts';

/** Events as an RSS feed (RSS 2.0), for readers that know no Atom. */
export function renderRssFeed(feed: EventFeed): string {
  const { events, title, locale, self, list, urlOf } = feed;
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xmlText(title)}</title>
<link>${xmlText(list)}</link>
<atom:link rel="self" type="application/rss+xml" href="${xmlText(self)}"/>
<description>${xmlText(title)}</description>
<language>${locale}</language>
<lastBuildDate>${dateOf(updatedAtOf(feed))}</lastBuildDate>
${events.map((event) => itemOf(event, locale, urlOf(event.id))).join('\n')}
</channel>
</rss>
`;
}

function itemOf(event: Event, locale: Locale, url: string): string {
  const texts = [summaryOf(event, locale), event.description].filter((text) => text !== '');
  const kinds = kindsOf(event).map((kind) => `<category>${xmlText(kind)}</category>`);
  return `<item>
<title>${xmlText(event.title)}</title>
<link>${xmlText(url)}</link>
<guid isPermaLink="true">${xmlText(url)}</guid>
<pubDate>${dateOf(event.createdAt)}</pubDate>
${kinds.join('')}
<description>${xmlText(asHtml(texts.join('\n\n')))}</description>
</item>`;
}

/** RSS has the dates of mails (RFC 822). */
function dateOf(iso: string): string {
  return new Date(iso).toUTCString();
}

/** A description is HTML to the readers of RSS, so the text is escaped once more than the document needs. */
function asHtml(text: string): string {
  return xmlText(text).replaceAll('\n', '<br>');
}
