import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Locale } from '#shared/account.ts';
import { placeOf } from '#shared/text/place.ts';
import type { CalendarEvent } from './event-text.ts';
import { textsOf, withoutControls } from './event-text.ts';

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

function statusOf({ status }: Pick<BookingDoc, 'status'>, event: CalendarEvent): ICalEventStatus {
  if (event.status === 'cancelled' || status === 'cancelled' || status === 'expired') return ICalEventStatus.CANCELLED;
  return status === 'held' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED;
}
