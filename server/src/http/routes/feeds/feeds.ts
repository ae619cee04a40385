import type { FastifyInstance } from 'fastify';
import type { EventReads } from '#server/events/reads.ts';
import { renderEventCalendar } from '#server/calendar/event-calendar.ts';
import type { Locale } from '#shared/account.ts';
import { locale as knownLocale } from '#shared/account.ts';
import { eventFeedInput } from '#shared/event.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ok } from '#shared/protocol/errors.ts';
import { knownSearch } from '#shared/text/known-search.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { fromQuery } from '../events.ts';
import { renderAtomFeed } from './atom.ts';
import { createKeptFiles } from './kept-files.ts';
import { renderSitemap } from './sitemap.ts';

/** The most events of a calendar, a feed and a sitemap, the soonest first. */
const MOST_IN_CALENDAR = 1_000;
const MOST_IN_FEED = 100;
const MOST_IN_SITEMAP = 10_000;
const KEPT_SECONDS = 60;
const SITEMAP_KEPT_SECONDS = 600;

const CALENDAR_TYPE = 'text/calendar; charset=utf-8; method=PUBLISH';
const LOCALES = knownLocale.options;

interface FeedsDeps {
  eventReads: Pick<EventReads, 'feed' | 'get'>;
  siteName: string;
  /** The public address of the site. */
  origin: () => string;
}

/** What programs read of the public events: calendars, a feed, and a sitemap. Addresses are those of the pages. */
export function mountFeeds(app: FastifyInstance, { eventReads, siteName, origin }: FeedsDeps): void {
  const pageOf = (locale: Locale, path: string) => `${origin()}${prefixOf(locale)}${path}`;
  const eventUrl = (eventId: string, locale: Locale) => pageOf(locale, `/events/${eventId}`);
  const sendCalendar = createKeptFiles({ keptSeconds: KEPT_SECONDS, type: CALENDAR_TYPE });
  const sendFeed = createKeptFiles({ keptSeconds: KEPT_SECONDS, type: 'application/atom+xml; charset=utf-8' });
  const sendSitemap = createKeptFiles({ keptSeconds: SITEMAP_KEPT_SECONDS, type: 'application/xml; charset=utf-8' });

  for (const locale of LOCALES) {
    const urlOf = (eventId: string) => eventUrl(eventId, locale);
    app.get(`${prefixOf(locale)}/calendar.ics`, async (request, reply) => {
      const input = parseInput(eventFeedInput, fromQuery(request.query));
      if (!input.ok) return answerRefusal(reply, input.error);
      const make = async () => {
        const events = await eventReads.feed(input.data, MOST_IN_CALENDAR);
        return events.ok ? ok(renderEventCalendar({ events: events.data, name: siteName, locale, urlOf })) : events;
      };
      return sendCalendar(request, reply, { key: JSON.stringify([locale, input.data]), make });
    });
    app.get(`${prefixOf(locale)}/feed.xml`, async (request, reply) => {
      const input = parseInput(eventFeedInput, fromQuery(request.query));
      if (!input.ok) return answerRefusal(reply, input.error);
      const asked = new URLSearchParams();
      for (const [name, value] of Object.entries(input.data)) asked.set(name, String(value));
      const [self, list] = [
        pageOf(locale, `/feed.xml?${asked}`),
        pageOf(locale, `/${knownSearch({ searchParams: asked })}`),
      ];
      const make = async () => {
        const events = await eventReads.feed(input.data, MOST_IN_FEED);
        if (!events.ok) return events;
        const published = events.data.filter(({ status }) => status === 'published');
        return ok(renderAtomFeed({ events: published, title: siteName, locale, self, list, urlOf }));
      };
      return sendFeed(request, reply, { key: JSON.stringify([locale, input.data]), make });
    });
    app.get<{ Params: { id: string } }>(`${prefixOf(locale)}/events/:id/event.ics`, async (request, reply) => {
      const input = parseInput(commands.getEvent.input, { eventId: request.params.id });
      if (!input.ok) return answerRefusal(reply, input.error);
      const event = await eventReads.get(input.data.eventId, { admin: false });
      if (!event.ok) return answerRefusal(reply, event.error);
      const file = renderEventCalendar({ events: [event.data], name: null, locale, urlOf });
      return reply
        .type(CALENDAR_TYPE)
        .header('content-disposition', `attachment; filename="${event.data.id}.ics"`)
        .send(file);
    });
  }

  app.get('/sitemap.xml', async (request, reply) => {
    const make = async () => {
      const events = await eventReads.feed({ when: 'upcoming' }, MOST_IN_SITEMAP);
      if (!events.ok) return events;
      const listUrl = (locale: Locale) => pageOf(locale, locale === 'en' ? '/' : '');
      return ok(renderSitemap({ events: events.data, locales: LOCALES, listUrl, eventUrl }));
    };
    return sendSitemap(request, reply, { key: 'sitemap', make });
  });
  app.get('/robots.txt', async (_request, reply) =>
    reply
      .type('text/plain; charset=utf-8')
      .header('cache-control', `public, max-age=${SITEMAP_KEPT_SECONDS}`)
      .send(`User-agent: *\nAllow: /\nSitemap: ${origin()}/sitemap.xml\n`),
  );
}

/** English, the base language, has no prefix in an address. */
function prefixOf(locale: Locale): string {
  return locale === 'en' ? '' : `/${locale}`;
}
