import type { Booking } from '#shared/booking.ts';
import { bookedLines } from '#shared/tickets/booked-lines.ts';

/** Whether a booking is held or confirmed and its event takes place and is not over. `nowMs` is the server's time. */
export function isComing(booking: Booking, nowMs: number): boolean {
  if (booking.status !== 'held' && booking.status !== 'confirmed') return false;
  return booking.event.status !== 'cancelled' && nowMs < Date.parse(booking.event.endsAt ?? booking.event.startsAt);
}

/** The booking as it was made, before tickets of it were cancelled. */
export function bookedAs<B extends Pick<Booking, 'seats' | 'tickets' | 'total' | 'cancelledParts'>>(booking: B): B {
  const { cancelledParts, total } = booking;
  if (cancelledParts === undefined) return booking;
  const tickets = bookedLines(booking.tickets, cancelledParts);
  const seats = tickets.reduce((sum, line) => sum + line.count * line.seats, 0);
  const amount = tickets.reduce((sum, { count, price }) => sum + count * price.amount, 0);
  return { ...booking, tickets, seats, total: { ...total, amount } };
}

/** Whether the payment of a hold is being looked up: its buyer waits, and must not pay again. */
export function isCheckingPayment({ status, settling, payment }: Booking): boolean {
  return status === 'held' && (settling || payment?.processing === true);
}

/** A page shows the outcome of a hold for this long after its end, over reloads too. */
const SHOW_END_MS = 15 * 60_000;

/**
 * The buyer's last booking of an event if it has just ended or its refund is under way, else undefined. The end of an
 * unpaid offer is left out: the waitlist entry shows it.
 */
export function recentEnd(mine: Booking[], nowMs: number): Booking | undefined {
  const [last] = mine.toSorted((one, other) => other.updatedAt.localeCompare(one.updatedAt));
  if (last?.ended == null) return undefined;
  const hasPayment = last.payment !== null && last.payment.status !== 'failed';
  if (!hasPayment && (last.source === 'waitlist' || last.ended.by === 'event')) return undefined;
  if (last.payment?.status === 'refunding') return last;
  return nowMs < Date.parse(last.updatedAt) + SHOW_END_MS ? last : undefined;
}
