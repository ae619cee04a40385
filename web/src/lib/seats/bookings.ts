import type { Booking } from '#shared/booking.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** Whether a booking is held or confirmed and its event takes place and is not over. `nowMs` is the server's time. */
export function isComing(booking: Booking, nowMs: number): boolean {
  if (booking.status !== 'held' && booking.status !== 'confirmed') return false;
  return booking.event.status !== 'cancelled' && nowMs < Date.parse(booking.event.endsAt ?? booking.event.startsAt);
}

/**
 * What a booking was made for, before seats of it were cancelled: the seats that its payment paid for, and their price.
 * Of several prices nobody can tell: what was left of such a booking at its end.
 */
export function bookedAs({ seats, total, payment, tickets = [] }: BookedParts): {
  seats: number;
  total: Money;
} {
  if (payment === null || total.amount === 0 || tickets.length > 1) return { seats, total };
  const { amount, currency } = payment;
  return { seats: Math.round((amount * seats) / total.amount), total: { amount, currency } };
}

type BookedParts = Pick<Booking, 'seats' | 'total' | 'payment'> & Partial<Pick<Booking, 'tickets'>>;

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
