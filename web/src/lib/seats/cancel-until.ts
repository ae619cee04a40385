import type { Booking } from '#shared/booking.ts';
import { cancelUntil } from '#shared/cancel-until.ts';
import type { Event } from '#shared/event.ts';

/**
 * Until when an event's page says that one can cancel (ISO time): what the server says of the reader's own bookings, the
 * earliest of several; without any, the time for a booking made now. An earlier move of the event extends only the
 * bookings made before it.
 */
export function shownCancelUntil(
  event: Pick<Event, 'startsAt' | 'cancelBeforeHours'>,
  ownBookings: readonly Pick<Booking, 'cancelUntil'>[],
  nowMs: number,
): string {
  const [earliest] = ownBookings.flatMap((booking) => booking.cancelUntil ?? []).sort();
  if (earliest !== undefined) return earliest;
  const { cancelBeforeHours } = event;
  const settings = { startsAt: new Date(event.startsAt), cancelBeforeHours, movedAt: null };
  return cancelUntil({ createdAt: new Date(nowMs) }, settings).toISOString();
}
