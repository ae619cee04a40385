import { chargeStep, roundDown } from '#shared/money/charge.ts';
import type { Booking } from '#shared/booking.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { BookedLine } from '#lib/ticket-types/shown-lines.ts';

/**
 * The refund for cancelling these tickets: what they cost, at most what was paid and not refunded; for the whole booking
 * (`null`) all of that. Null if nothing is left.
 */
export function refundFor(
  { payment }: Pick<Booking, 'payment'>,
  tickets: readonly Pick<BookedLine, 'count' | 'price'>[] | null,
): Money | null {
  if (payment === null || (payment.status !== 'succeeded' && payment.status !== 'refunding')) return null;
  const left = payment.amount - payment.refundedAmount;
  if (left <= 0) return null;
  const cost = tickets?.reduce((sum, { count, price }) => sum + count * price.amount, 0) ?? left;
  const { currency, provider } = payment;
  return { amount: roundDown(Math.min(left, cost), chargeStep(provider, currency)), currency };
}

/** The number of seats that can be cancelled: none after the deadline or once a seat is checked in. */
export function cancellableSeats(booking: Booking, nowMs: number): number {
  if (booking.status === 'held') return booking.seats;
  const isInTime = booking.cancelUntil !== null && nowMs < Date.parse(booking.cancelUntil);
  return booking.status === 'confirmed' && isInTime && booking.checkedInSeats === 0 ? booking.seats : 0;
}
