import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { placeOf } from '#shared/text/place.ts';
import { datedEvent, textsOf, withoutControls } from './event-text.ts';

/** How often a calendar asks again, in seconds: a proposal, which many ignore. */
const REFRESH_SECONDS = 3_600;
/** The most characters of a description: readers open the page for more. */
const MOST_TEXT = 500;

interface EventCalendarInput {
  events: readonly Event[];
  /** The name that calendar programs show for a subscription; null for the file of one event. */
  name: string | null;
  locale: Locale;
  /** The address of an event's page. */
  urlOf: (eventId: string) => string;
}

/**
 * Events as a calendar (RFC 5545). The UID of an event never changes, and its SEQUENCE counts its edits, so that a
 * calendar that has an event takes over each edit, and a cancellation too. The same events make the same text: all times
 * are those of the events, in UTC (see `renderCalendarFile`).
 */
export function renderEventCalendar({ events, name, locale, urlOf }: EventCalendarInput): string {
  const calendar = ical({
    prodId: { company: 'Frontrow', product: 'Frontrow', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    ...(name !== null && { name: withoutControls(name), ttl: REFRESH_SECONDS }),
  });
  for (const event of events) calendar.createEvent(entryOf(event, locale, urlOf(event.id)));
  return calendar.toString();
}

function entryOf(event: Event, locale: Locale, url: string) {
  const dated = datedEvent(event);
  const isCancelled = event.status === 'cancelled';
  const about = (isCancelled ? event.cancelReason : event.description) ?? '';
  const texts = [textsOf(dated, locale).join(', '), [...about].slice(0, MOST_TEXT).join('')].filter(
    (text) => text !== '',
  );
  return {
    id: `event-${event.id}@frontrow`,
    sequence: event.revision - 1,
    stamp: new Date(event.updatedAt),
    lastModified: new Date(event.updatedAt),
    start: dated.startsAt,
    end: dated.endsAt,
    summary: withoutControls(event.title),
    location: withoutControls(placeOf(event)),
    description: texts.map(withoutControls).join('\n'),
    url,
    status: isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
  };
}
