import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { DateTime } from 'luxon';
import { tzlib_get_ical_block, tzlib_get_timezones } from 'timezones-ical-library';
import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerEvent } from '#server/models/ledger.ts';
import type { EventDoc } from '#server/models/event.ts';

/** The event's data for a calendar; `revision` counts its edits. */
type CalendarEvent = LedgerEvent & Pick<EventDoc, 'revision'>;

interface CalendarFileInput {
  booking: Pick<BookingDoc, '_id' | 'version' | 'status' | 'seats' | 'code'>;
  event: CalendarEvent;
  /** The seats and the booking code, in the recipient's language. */
  description: string;
  /** The event's page. */
  url: string;
  /** When the file is made. */
  at: Date;
}

/**
 * A booking as a calendar file (RFC 5545). The UID never changes; SEQUENCE grows with every edit of the event and every
 * change of the booking, so that calendars keep the newest file in whatever order the files arrive.
 */
export function renderCalendarFile({ booking, event, description, url, at }: CalendarFileInput): string {
  const zone = zoneOf(event.timeZone);
  const calendar = ical({
    prodId: { company: 'Frontrow', product: 'Frontrow', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    // Without a time zone for the whole file, the library writes DTSTAMP in UTC.
    timezone: { name: null, generator: () => zone.block },
  });
  calendar.createEvent({
    id: `booking-${booking._id.toHexString()}@frontrow`,
    sequence: event.revision + booking.version - 2,
    stamp: at,
    // As luxon's DateTime with its zone: the library writes a plain Date in the server's time zone.
    start: DateTime.fromJSDate(event.startsAt, { zone: zone.name }),
    end: event.endsAt && DateTime.fromJSDate(event.endsAt, { zone: zone.name }),
    timezone: zone.name,
    summary: withoutControls(event.title),
    location: withoutControls(event.venue),
    description: withoutControls(description),
    url,
    status: statusOf(booking, event),
  });
  return calendar.toString();
}

function statusOf({ status }: Pick<BookingDoc, 'status'>, event: CalendarEvent): ICalEventStatus {
  if (event.status === 'cancelled' || status === 'cancelled' || status === 'expired') return ICalEventStatus.CANCELLED;
  return status === 'held' ? ICalEventStatus.TENTATIVE : ICalEventStatus.CONFIRMED;
}

const KNOWN_ZONES = new Set(tzlib_get_timezones() as string[]);

interface Zone {
  name: string;
  block: string | null;
}

/** Cached: the library decompresses its whole database for each look-up. */
const zones = new Map<string, Zone>();

/** A time zone with its VTIMEZONE rules. An alias gets the name in its rules; a zone without rules becomes UTC. */
function zoneOf(name: string): Zone {
  if (!KNOWN_ZONES.has(name)) return { name: 'UTC', block: null };
  const zone = zones.get(name) ?? readZone(name);
  zones.set(name, zone);
  return zone;
}

function readZone(name: string): Zone {
  const [block] = tzlib_get_ical_block(name);
  const known = /^TZID:(.+)$/m.exec(block ?? '')?.[1]?.trim();
  return block && known && known !== 'Etc/UTC' ? { name: known, block } : { name: 'UTC', block: null };
}

/** Replaces control characters, which could start a new line; the library escapes everything else. */
function withoutControls(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
