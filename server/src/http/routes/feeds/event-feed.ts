import { datedEvent, textsOf } from '#server/calendar/event-text.ts';
import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { placeOf } from '#shared/text/place.ts';

/** The public events of a list, as a feed of any format has them. */
export interface EventFeed {
  events: readonly Event[];
  title: string;
  locale: Locale;
  /** The addresses of the feed, and of the list that it is a feed of. */
  self: string;
  list: string;
  urlOf: (eventId: string) => string;
}

const NEVER = new Date(0).toISOString();

/** When one of the events was changed last. */
export function updatedAtOf({ events }: Pick<EventFeed, 'events'>): string {
  return events.reduce((latest, { updatedAt }) => (updatedAt > latest ? updatedAt : latest), NEVER);
}

/** Times and place of an event, in one line. */
export function summaryOf(event: Event, locale: Locale): string {
  return [...textsOf(datedEvent(event), locale), placeOf(event)].join(', ');
}

/** Category and tags of an event. */
export function kindsOf({ category, tags }: Event): string[] {
  return [category, ...tags].filter((kind) => kind !== null);
}
