import type { FastifyInstance } from 'fastify';
import type { EventReads } from '#server/events/reads.ts';
import { renderEventCalendar } from '#server/calendar/event-calendar.ts';
import type { Locale } from '#shared/account.ts';
import { locale as knownLocale } from '#shared/account.ts';
import type { Event, EventFeedInput } from '#shared/event.ts';
import { eventFeedInput } from '#shared/event.ts';
import { commands } from '#shared/protocol/commands.ts';
import { ok } from '#shared/protocol/errors.ts';
import { knownSearch } from '#shared/text/known-search.ts';
import { organiserPath } from '#shared/text/organiser-path.ts';
import { answerRefusal, parseInput } from '../../answer.ts';
import { fromQuery } from '../events.ts';
import { renderAtomFeed } from './atom.ts';
import { createKeptFiles } from './kept-files.ts';
import { renderRssFeed } from './rss.ts';
import { renderSitemap } from './sitemap.ts';

/** The most events of a calendar, a feed and a sitemap, the soonest first. */
const MOST_IN_CALENDAR = 1_000;
const MOST_IN_FEED = 100;
const MOST_IN_SITEMAP = 10_000;
const KEPT_SECONDS = 60;
const SITEMAP_KEPT_SECONDS = 600;

const CALENDAR_TYPE = 'text/calendar; charset=utf-8; method=PUBLISH';
const LOCALES = knownLocale.options;

/** The same events in both formats: readers of feeds know one of them at least. */
const FEEDS = [
  { file: 'feed.xml', type: 'application/atom+xml; charset=utf-8', render: renderAtomFeed },
  { file: 'rss.xml', type: 'application/rss+xml; charset=utf-8', render: renderRssFeed },
];

interface FeedsDeps {
  eventReads: Pick<EventReads, 'feed' | 'get'>;
  siteName: string;
  /** The public address of the site. */
  origin: () => string;
}

/** What programs read of the public events: calendars, feeds, and a sitemap. Addresses are those of the pages. */
export function mountFeeds(app: FastifyInstance, { eventReads, siteName, origin }: FeedsDeps): void {
  // The list in German is "/de", without a slash behind it.
  const pageOf = (locale: Locale, path: string) =>
    origin() + (locale === 'en' ? path : `${prefixOf(locale)}${path.replace(/^\/(?=\?|$)/, '')}`);
  const sendCalendar = createKeptFiles({ keptSeconds: KEPT_SECONDS, type: CALENDAR_TYPE });
  const sendSitemap = createKeptFiles({ keptSeconds: SITEMAP_KEPT_SECONDS, type: 'application/xml; charset=utf-8' });
  const feeds = FEEDS.map(({ file, type, render }) => ({
    file,
    render,
    send: createKeptFiles({ keptSeconds: KEPT_SECONDS, type }),
  }));

  /** The organiser's name as the soonest event writes it, or that of the site. */
  const titleOf = ({ organiser }: EventFeedInput, [soonest]: readonly Event[]) =>
    organiser === undefined ? siteName : (soonest?.organiser ?? organiser);

  for (const locale of LOCALES) {
    const urlOf = (eventId: string) => pageOf(locale, `/events/${eventId}`);
    app.get(`${prefixOf(locale)}/calendar.ics`, async (request, reply) => {
      const input = parseInput(eventFeedInput, fromQuery(request.query));
      if (!input.ok) return answerRefusal(reply, input.error);
      const make = async () => {
        const events = await eventReads.feed(input.data, MOST_IN_CALENDAR);
        if (!events.ok) return events;
        const name = titleOf(input.data, events.data);
        return ok(renderEventCalendar({ events: events.data, name, locale, urlOf }));
      };
      return sendCalendar(request, reply, { key: JSON.stringify([locale, input.data]), make });
    });
    for (const { file, render, send } of feeds)
      app.get(`${prefixOf(locale)}/${file}`, async (request, reply) => {
        const input = parseInput(eventFeedInput, fromQuery(request.query));
        if (!input.ok) return answerRefusal(reply, input.error);
        const asked = new URLSearchParams();
        for (const [name, value] of Object.entries(input.data)) asked.set(name, String(value));
        const self = pageOf(locale, `/${file}?${asked}`);
        const list = pageOf(locale, listPath(input.data, asked));
        const make = async () => {
          const events = await eventReads.feed(input.data, MOST_IN_FEED);
          if (!events.ok) return events;
          const published = events.data.filter(({ status }) => status === 'published');
          return ok(render({ events: published, title: titleOf(input.data, published), locale, self, list, urlOf }));
        };
        return send(request, reply, { key: JSON.stringify([locale, input.data]), make });
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
      return ok(renderSitemap({ events: events.data, locales: LOCALES, urlOf: pageOf }));
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

/** The page that shows what a feed has: that of an organiser, or the list with its filters. */
function listPath({ organiser }: EventFeedInput, asked: URLSearchParams): string {
  return organiser === undefined ? `/${knownSearch({ searchParams: asked })}` : organiserPath(organiser);
}

/** English, the base language, has no prefix in an address. */
function prefixOf(locale: Locale): string {
  return locale === 'en' ? '' : `/${locale}`;
}
