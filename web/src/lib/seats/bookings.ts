import type { Booking } from '#shared/booking.ts';

/** Whether a booking is still of use: held or confirmed, for an event that takes place and is not over. */
export function isComing(booking: Booking, nowMs: number): boolean {
  if (booking.status !== 'held' && booking.status !== 'confirmed') return false;
  return booking.event.status !== 'cancelled' && nowMs < Date.parse(booking.event.endsAt ?? booking.event.startsAt);
}

/** A page says what became of a hold for so long after its end, over reloads too. */
const SAY_END_MS = 15 * 60_000;

/**
 * The buyer's last booking of an event, where it has just ended or its money is still on the way back. What became of an
 * offer that nobody paid for is told by its place on the waiting list.
 */
export function recentEnd(mine: Booking[], nowMs: number): Booking | undefined {
  const [last] = mine.toSorted((one, other) => other.updatedAt.localeCompare(one.updatedAt));
  if (last?.ended == null) return undefined;
  const isOfMoney = last.payment !== null && last.payment.status !== 'failed';
  if (!isOfMoney && (last.source === 'waitlist' || last.ended.by === 'event')) return undefined;
  if (last.payment?.status === 'refunding') return last;
  return nowMs < Date.parse(last.updatedAt) + SAY_END_MS ? last : undefined;
}
