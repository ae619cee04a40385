import type { EventDoc } from '#server/models/event.ts';
import type { Locale } from '#shared/account.ts';
import type { Event } from '#shared/event.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';

/** The event's data for a calendar; `revision` counts its edits. */
export type CalendarEvent = Pick<
  EventDoc,
  'title' | 'venue' | 'address' | 'city' | 'timeZone' | 'startsAt' | 'endsAt' | 'doorsAt' | 'status' | 'revision'
> & { sample?: boolean | undefined };

/** An event as clients have it, with its times as dates. */
export function datedEvent(event: Event): CalendarEvent {
  const { startsAt, endsAt, doorsAt } = event;
  const dateOf = (time: string | null) => (time === null ? null : new Date(time));
  return { ...event, startsAt: new Date(startsAt), endsAt: dateOf(endsAt), doorsAt: dateOf(doorsAt) };
}

/** Calendars show no other mark of an event that does not take place. */
const SAMPLE: Record<Locale, string> = {
  en: 'Sample event: it does not take place',
  de: 'Beispiel: Die Veranstaltung findet nicht statt',
};

const DOORS: Record<Locale, string> = { en: 'Doors', de: 'Einlass' };

/** What the description says of the event: that it is a sample, its times and its doors. */
export function textsOf(event: CalendarEvent, locale: Locale): string[] {
  const { sample, doorsAt, timeZone } = event;
  const doors = doorsAt ? [`${DOORS[locale]} ${venueTimeFormat(locale, timeZone, TIME)(doorsAt)}`] : [];
  return [...(sample ? [SAMPLE[locale]] : []), timesAtVenue(event, locale), ...doors];
}

/** Start and end by the venue's clock, for people: calendars show UTC times by the clock of their owner. */
function timesAtVenue({ startsAt, endsAt, timeZone }: CalendarEvent, locale: Locale): string {
  const format = venueTimeFormat(locale, timeZone, DAY_AND_TIME);
  return [startsAt, ...(endsAt ? [endsAt] : [])].map(format).join(' – ');
}

const TIME = { hour: '2-digit', minute: '2-digit' } as const satisfies Intl.DateTimeFormatOptions;

const DAY_AND_TIME = {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  ...TIME,
} as const satisfies Intl.DateTimeFormatOptions;

/** Replaces control characters, which could start a new line; the library escapes everything else. */
export function withoutControls(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
