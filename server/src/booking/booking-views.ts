import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerEvent } from '#server/models/ledger.ts';
import { toBooking } from '#server/models/views.ts';
import type { Booking } from '#shared/booking.ts';
import type { TicketOf } from './tickets.ts';

/** Replies whose pushes have not come yet: a few batches' worth. Beyond, all are forgotten and made anew. */
const MOST_REMEMBERED = 10_000;

export type BookingViews = ReturnType<typeof createBookingViews>;

/**
 * Bookings as clients see them. Most are shown twice within a moment, by the reply to whoever booked and by the push to
 * their connections: ticket and view are made once for both.
 */
export function createBookingViews(ticketOf: TicketOf) {
  const replied = new Map<string, Booking>();

  function show(doc: BookingDoc, event: LedgerEvent): Booking {
    return toBooking(doc, event, ticketOf(doc));
  }

  return {
    show,
    /** For a reply: kept for the push of the same change. */
    reply(doc: BookingDoc, event: LedgerEvent): Booking {
      const booking = show(doc, event);
      if (replied.size >= MOST_REMEMBERED) replied.clear();
      replied.set(booking.id, booking);
      return booking;
    },
    /** For a push: what was replied, where it was this version of it. It is forgotten with that. */
    replied(bookingId: string, version: number): Booking | null {
      const booking = replied.get(bookingId);
      if (booking?.version !== version) return null;
      replied.delete(bookingId);
      return booking;
    },
  };
}
