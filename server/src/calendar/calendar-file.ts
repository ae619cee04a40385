import ical, { ICalCalendarMethod, ICalEventStatus } from 'ical-generator';
import { DateTime } from 'luxon';
import { tzlib_get_ical_block, tzlib_get_timezones } from 'timezones-ical-library';
import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerEvent } from '#server/models/ledger.ts';
import type { EventDoc } from '#server/models/event.ts';

/** The event as a calendar has to know it; `revision` counts its edits. */
export type CalendarEvent = LedgerEvent & Pick<EventDoc, 'revision'>;

export interface CalendarFileInput {
  booking: Pick<BookingDoc, '_id' | 'version' | 'status' | 'seats' | 'code'>;
  event: CalendarEvent;
  /** In the reader's words: seats and code. */
  description: string;
  /** The event's page. */
  url: string;
  /** When the file was made. */
  at: Date;
}

/**
 * A booking as a calendar file. Its UID is the booking's for ever; its SEQUENCE grows with every edit of the event and
 * every change of the booking, so that calendars take the newer one in whatever order they get them.
 */
export function renderCalendarFile({ booking, event, description, url, at }: CalendarFileInput): string {
  const zone = zoneOf(event.timeZone);
  const calendar = ical({
    prodId: { company: 'Frontrow', product: 'Frontrow', language: 'EN' },
    method: ICalCalendarMethod.PUBLISH,
    // Without a zone of the whole file, the times of making it are written in UTC.
    timezone: { name: null, generator: () => zone.block },
  });
  calendar.createEvent({
    id: `booking-${booking._id.toHexString()}@frontrow`,
    sequence: event.revision + booking.version - 2,
    stamp: at,
    // A zoned time of luxon's: plain dates are written in the zone of the server.
    start: DateTime.fromJSDate(event.startsAt, { zone: zone.name }),
    end: event.endsAt && DateTime.fromJSDate(event.endsAt, { zone: zone.name }),
    timezone: zone.name,
    summary: clean(event.title),
    location: clean(event.venue),
    description: clean(description),
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

/** The library unpacks all it knows to find one. */
const zones = new Map<string, Zone>();

/** The zone with its rules; an alias goes by the name that its rules have, and one without rules is written in UTC. */
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

/** The library escapes what has a meaning; control characters have none in a calendar. */
function clean(value: string): string {
  return value.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}
