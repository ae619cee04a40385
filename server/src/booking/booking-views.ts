import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerEvent } from '#server/models/ledger.ts';
import { toBooking } from '#server/models/views.ts';
import type { Booking } from '#shared/booking.ts';
import type { TicketOf } from './tickets.ts';

/** Replies kept until their push comes: a few batches' worth. Beyond that all are dropped, and pushes make new views. */
const MAX_REPLIES = 10_000;

export type BookingViews = ReturnType<typeof createBookingViews>;

/**
 * Bookings as clients see them. Most are sent twice within a moment, by the reply to the buyer and by the push to the
 * buyer's connections: ticket and view are made once for both.
 */
export function createBookingViews(ticketOf: TicketOf) {
  const replies = new Map<string, Booking>();

  function show(doc: BookingDoc, event: LedgerEvent): Booking {
    return toBooking(doc, event, ticketOf(doc));
  }

  return {
    show,
    /** The view for a reply, kept for the push of the same change. */
    reply(doc: BookingDoc, event: LedgerEvent): Booking {
      const booking = show(doc, event);
      if (replies.size >= MAX_REPLIES) replies.clear();
      replies.set(booking.id, booking);
      return booking;
    },
    /** The kept reply for a push, which is forgotten by this; null if this version was not replied by this process. */
    replied(bookingId: string, version: number): Booking | null {
      const booking = replies.get(bookingId);
      if (booking?.version !== version) return null;
      replies.delete(bookingId);
      return booking;
    },
  };
}
