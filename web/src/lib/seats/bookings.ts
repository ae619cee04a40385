import type { Booking } from '#shared/booking.ts';

/** Whether a booking is still of use: held or confirmed, for an event that takes place and is not over. */
export function isComing(booking: Booking, nowMs: number): boolean {
  if (booking.status !== 'held' && booking.status !== 'confirmed') return false;
  return booking.event.status !== 'cancelled' && nowMs < Date.parse(booking.event.endsAt ?? booking.event.startsAt);
}
