import type { Booking } from '#shared/booking.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerDoc, LedgerEvent } from '#server/models/ledger.ts';
import { fromLedgerBooking } from '#server/models/ledger.ts';
import type { Audience } from '../audience.ts';
import { FRAME_MS } from '../conflate.ts';

interface BookingPushDeps {
  audience: Audience;
  views: BookingViews;
}

/** Bookings as their owners see them; `booking/booking-views.ts` makes them. */
export interface BookingViews {
  show(booking: BookingDoc, event: LedgerEvent): Booking;
  /** Takes the view that this process has just replied with, if it is of this version of the booking. */
  replied(bookingId: string, version: number): Booking | null;
}

/**
 * Pushes each booking of the ledger to its owner's connections, together with the next frame of seats: both leave in
 * one write, and in a crowd a write costs more than all the rest. Without a connection of its owner, a booking costs one
 * look-up.
 */
export function createBookingPushes({ audience, views }: BookingPushDeps) {
  let pending: { userId: string; booking: Booking }[] = [];
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const due = pending;
    pending = [];
    for (const { userId, booking } of due) audience.pushToUser(userId, 'bookingChanged', booking);
  }

  return {
    /** Pushes the bookings of one ledger document with the next frame. */
    pushLedger({ eventId, entries, event }: LedgerDoc): void {
      for (const { booking } of entries) {
        const userId = booking?.userId.toHexString();
        if (!booking || !userId || !audience.hasUser(userId)) continue;
        const replied = views.replied(booking._id.toHexString(), booking.version);
        pending.push({ userId, booking: replied ?? views.show(fromLedgerBooking(eventId, booking), event) });
      }
      // A change of seats is followed by a frame within this time; without one the bookings leave on their own.
      if (pending.length > 0) timer ??= setTimeout(flush, FRAME_MS);
    },
    /** Pushes all pending bookings now; called right before a frame of seats. */
    flush,
    close(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
