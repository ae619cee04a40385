import type { Booking } from '#shared/booking.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { LedgerDoc, LedgerEvent } from '#server/models/ledger.ts';
import { fromLedgerBooking } from '#server/models/ledger.ts';
import type { Audience } from '../audience.ts';
import { FRAME_MS } from '../conflate.ts';

export interface BookingPushDeps {
  audience: Audience;
  views: BookingViews;
}

/** Bookings as their owners see them. */
export interface BookingViews {
  show(booking: BookingDoc, event: LedgerEvent): Booking;
  /** What this process has just replied of this version of a booking; once. */
  replied(bookingId: string, version: number): Booking | null;
}

export type BookingPushes = ReturnType<typeof createBookingPushes>;

/**
 * Pushes each booking of the ledger to its owner's connections, together with the next frame of seats: both leave in
 * one write, and in a crowd a write costs more than all the rest. Owners who are not here cost a look-up.
 */
export function createBookingPushes({ audience, views }: BookingPushDeps) {
  let waiting: { userId: string; booking: Booking }[] = [];
  let timer: NodeJS.Timeout | null = null;

  function flush(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    const due = waiting;
    waiting = [];
    for (const { userId, booking } of due) audience.pushToUser(userId, 'bookingChanged', booking);
  }

  return {
    changed({ eventId, entries, event }: LedgerDoc): void {
      for (const { booking } of entries) {
        const userId = booking?.userId.toHexString();
        if (!booking || !userId || !audience.hasUser(userId)) continue;
        const replied = views.replied(booking._id.toHexString(), booking.version);
        waiting.push({ userId, booking: replied ?? views.show(fromLedgerBooking(eventId, booking), event) });
      }
      // A frame follows a change of seats at once or after this time; where none does, bookings are pushed all the same.
      if (waiting.length > 0) timer ??= setTimeout(flush, FRAME_MS);
    },
    flush,
    close(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
