import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { Locale } from '#shared/account.ts';
import { placeOf } from '#shared/text/place.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';

/** The event's data for a calendar; `revision` counts its edits. */
type CalendarEvent = Pick<
  EventDoc,
  | 'title'
  | 'venue'
  | 'address'
  | 'city'
  | 'timeZone'
  | 'startsAt'
  | 'endsAt'
  | 'doorsAt'
  | 'status'
  | 'sample'
  | 'revision'
>;

interface CalendarFileInput {
  booking: Pick<BookingDoc, '_id' | 'version' | 'status' | 'seats' | 'code'>;
  event: CalendarEvent;
  /** The seats and the booking code, in the recipient's language. */
  description: string;
  locale: Locale;
  /** The event's page. */
  url: string;
  /** When the file is made. */
  at: Date;
}

/**
 * A booking as a calendar file (RFC 5545). The UID never changes; SEQUENCE grows with every edit of the event and every
 * change of the booking, so that calendars keep the newest file in whatever order the files arrive. Times are UTC: the
 * rules of a time zone may change after the file was made, and a local time that autumn repeats names two moments.
 */
export function renderCalendarFile(input: CalendarFileInput): string {
  const { booking, event, description, locale, url, at } = input;
  const calendar = ical({
    prodId: { company: 'Frontrow', product: 'Frontrow', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
  });
  calendar.createEvent({
    id: `booking-${booking._id.toHexString()}@frontrow`,
    sequence: event.revision + booking.version - 2,
    stamp: at,
    start: event.startsAt,
    end: event.endsAt,
    summary: withoutControls(event.title),
    location: withoutControls(placeOf(event)),
    description: withoutControls([...textsOf(event, locale), description].join(', ')),
    url,
    status: statusOf(booking, event),
  });
  return calendar.toString();
}

/** Calendars show no other mark of an event that does not take place. */
const SAMPLE: Record<Locale, string> = {
  en: 'Sample event: it does not take place',
  de: 'Beispiel: Die Veranstaltung findet nicht statt',
};

const DOORS: Record<Locale, string> = { en: 'Doors', de: 'Einlass' };

/** What the description says of the event: that it is a sample, its times and its doors. */
function textsOf(event: CalendarEvent, locale: Locale): string[] {
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

function statusOf({ status }: Pick<BookingDoc, 'status'>, event: CalendarEvent): ICalEventStatus {
  if (event.status === 'cancelled' || status === 'cancelled' || status === 'expired') return ICalEventStatus.CANCELLED;
  return status === 'held' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED;
}

/** Replaces control characters, which could start a new line; the library escapes everything else. */
function withoutControls(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
