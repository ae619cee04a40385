import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import type { EventFeed } from './event-feed.ts';
import { kindsOf, summaryOf, updatedAtOf } from './event-feed.ts';
import { xmlText } from './xml.ts';

/** Events as an Atom feed (RFC 4287). */
export function renderAtomFeed(feed: EventFeed): string {
  const { events, title, locale, self, list, urlOf } = feed;
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${locale}">
<title>${xmlText(title)}</title>
<id>${xmlText(self)}</id>
<link rel="self" type="application/atom+xml" href="${xmlText(self)}"/>
<link rel="alternate" type="text/html" href="${xmlText(list)}"/>
<updated>${updatedAtOf(feed)}</updated>
<author><name>${xmlText(title)}</name></author>
${events.map((event) => entryOf(event, locale, urlOf(event.id))).join('\n')}
</feed>
`;
}

function entryOf(event: Event, locale: Locale, url: string): string {
  const author = event.organiser === null ? '' : `<author><name>${xmlText(event.organiser)}</name></author>\n`;
  return `<entry>
<title>${xmlText(event.title)}</title>
<id>${xmlText(url)}</id>
<link rel="alternate" type="text/html" href="${xmlText(url)}"/>
${author}<published>${event.createdAt}</published>
<updated>${event.updatedAt}</updated>
${kindsOf(event)
  .map((kind) => `<category term="${xmlText(kind)}"/>`)
  .join('')}
<summary>${xmlText(summaryOf(event, locale))}</summary>
${event.description === '' ? '' : `<content type="text">${xmlText(event.description)}</content>`}
</entry>`;
}
