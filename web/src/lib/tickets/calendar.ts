import type { Booking } from '#shared/booking.ts';

/** The assumed length of an event without an end. */
const WITHOUT_END_MS = 2 * 3_600_000;

/** The address that adds the booked event to Google Calendar; nothing is sent before the user follows it. */
export function googleCalendarUrl(booking: Booking): string {
  const { title, venue, startsAt, endsAt, timeZone } = booking.event;
  const end = endsAt ?? new Date(Date.parse(startsAt) + WITHOUT_END_MS).toISOString();
  const url = new URL('https://calendar.google.com/calendar/render');
  url.search = new URLSearchParams({
    action: 'TEMPLATE',
    text: title,
    dates: `${compact(startsAt)}/${compact(end)}`,
    ctz: timeZone,
    location: venue,
    details: booking.code,
  }).toString();
  return url.href;
}

/** ISO 8601 without separators and milliseconds: "20261014T180000Z". */
function compact(iso: string): string {
  return iso.replace(/[-:]|\.\d{3}/g, '');
}
