import { datedEvent, textsOf } from '#server/calendar/event-text.ts';
import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { placeOf } from '#shared/text/place.ts';
import { xmlText } from './xml.ts';

interface AtomFeedInput {
  events: readonly Event[];
  title: string;
  locale: Locale;
  /** The addresses of the feed, and of the list that it is a feed of. */
  self: string;
  list: string;
  urlOf: (eventId: string) => string;
}

const NEVER = new Date(0).toISOString();

/** Events as an Atom feed (RFC 4287). */
export function renderAtomFeed({ events, title, locale, self, list, urlOf }: AtomFeedInput): string {
  const updated = events.reduce((latest, { updatedAt }) => (updatedAt > latest ? updatedAt : latest), NEVER);
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${locale}">
<title>${xmlText(title)}</title>
<id>${xmlText(self)}</id>
<link rel="self" type="application/atom+xml" href="${xmlText(self)}"/>
<link rel="alternate" type="text/html" href="${xmlText(list)}"/>
<updated>${updated}</updated>
<author><name>${xmlText(title)}</name></author>
${events.map((event) => entryOf(event, locale, urlOf(event.id))).join('\n')}
</feed>
`;
}

function entryOf(event: Event, locale: Locale, url: string): string {
  const dated = datedEvent(event);
  const summary = [...textsOf(dated, locale), placeOf(event)].join(', ');
  const categories = [event.category, ...event.tags].filter((term) => term !== null);
  return `<entry>
<title>${xmlText(event.title)}</title>
<id>${xmlText(url)}</id>
<link rel="alternate" type="text/html" href="${xmlText(url)}"/>
<published>${event.createdAt}</published>
<updated>${event.updatedAt}</updated>
${categories.map((term) => `<category term="${xmlText(term)}"/>`).join('')}
<summary>${xmlText(summary)}</summary>
${event.description === '' ? '' : `<content type="text">${xmlText(event.description)}</content>`}
</entry>`;
}
