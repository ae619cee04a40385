import type { Booking } from '#shared/booking.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import type { Event } from '#shared/event.ts';

/**
 * The cancellation deadline that an event's page shows (ISO 8601): the earliest one of the user's own bookings, or
 * without any the deadline of a booking made now. An earlier move of the event extends only the bookings made before
 * it.
 */
export function shownCancelUntil(
  event: Pick<Event, 'startsAt' | 'cancelBeforeHours'>,
  ownBookings: readonly Pick<Booking, 'cancelUntil'>[],
  nowMs: number,
): string {
  const [earliest] = ownBookings.flatMap((booking) => booking.cancelUntil ?? []).sort();
  if (earliest !== undefined) return earliest;
  return newBookingCancelUntil(event, nowMs).toISOString();
}

/** Whether a booking made now could never be cancelled by its buyer. */
export function isFinalBooking(event: Pick<Event, 'startsAt' | 'cancelBeforeHours'>, nowMs: number): boolean {
  return newBookingCancelUntil(event, nowMs).getTime() <= nowMs;
}

function newBookingCancelUntil(event: Pick<Event, 'startsAt' | 'cancelBeforeHours'>, nowMs: number): Date {
  const { cancelBeforeHours } = event;
  const settings = { startsAt: new Date(event.startsAt), cancelBeforeHours, movedAt: null };
  return cancelUntil({ createdAt: new Date(nowMs) }, settings);
}
