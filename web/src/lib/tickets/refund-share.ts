import { shareOf } from '#shared/money/charge.ts';
import type { Booking } from '#shared/booking.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** The refund for cancelling `seats` seats: their share of what was paid and not refunded; null if nothing is left. */
export function refundShare(booking: Booking, seats: number): Money | null {
  const { payment } = booking;
  if (payment === null || (payment.status !== 'succeeded' && payment.status !== 'refunding')) return null;
  const left = payment.amount - payment.refundedAmount;
  if (left <= 0) return null;
  const { currency, provider } = payment;
  return { amount: shareOf({ amount: left, currency }, seats, booking.seats, provider), currency };
}

/** The number of seats that can be cancelled: none after the deadline or once a seat is checked in. */
export function cancellableSeats(booking: Booking, nowMs: number): number {
  if (booking.status === 'held') return booking.seats;
  const isInTime = booking.cancelUntil !== null && nowMs < Date.parse(booking.cancelUntil);
  return booking.status === 'confirmed' && isInTime && booking.checkedInSeats === 0 ? booking.seats : 0;
}
