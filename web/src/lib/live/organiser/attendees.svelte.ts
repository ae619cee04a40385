import type { Booking, BookingStatus } from '#shared/booking.ts';
import type { EventBooking } from '#shared/organiser.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';
import { FollowedPage } from './followed-page.svelte.ts';

/** The shown page: free text, status and ticket type (null: all) and page number from 1. */
export interface AttendeeSearch {
  query: string;
  status: BookingStatus | null;
  ticketType: string | null;
  page: number;
}

/** One page of an event's bookings with their attendees, which follows sales. */
export class Attendees extends FollowedPage<EventBooking, AttendeeSearch> {
  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: FollowOptions) {
    super({
      first: { query: '', status: null, ticketType: null, page: 1 },
      async load({ query, status, ticketType, page }, limit) {
        const reply = await connection.call('listEventBookings', {
          eventId,
          page,
          limit,
          ...(status !== null && { status }),
          ...(ticketType !== null && { ticketType }),
          ...(query !== '' && { query }),
        });
        return reply.ok ? { ok: true, data: { rows: reply.data.bookings, total: reply.data.total } } : reply;
      },
      follow: (changed) =>
        followSales(connection, options, changed, (changes) => changes.some((change) => change.eventId === eventId)),
      renewed,
    });
  }

  /** Updates a shown booking to a newer state; other bookings are ignored. */
  take(booking: Booking): void {
    this.changeRows((shown) => (shown.id === booking.id ? renewed(shown, booking) : shown));
  }
}

/** The newer of two states of a booking, with its attendee. */
function renewed(shown: EventBooking, arrived: Booking): EventBooking {
  return { ...shown, ...newerVersion(shown, arrived) };
}
