import type { Booking } from '#shared/booking.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import { withCharge } from './with-charge.ts';

/** Whether an expired hold has a payment, which may still come or be refunded. */
export function hasLatePayment({ status, payment }: Booking): boolean {
  return status === 'expired' && payment !== null && payment.status !== 'failed';
}

/** Why a booking has no valid ticket. */
export function noTicketWords({ status }: Pick<Booking, 'status'>): string {
  return status === 'held' ? m.ticket_not_yet() : m.ticket_invalid();
}

/** The end of a booking in words, with its payment: refunded, being refunded, being checked, or not taken. */
export function endWords(booking: Booking): string {
  const { payment, status } = booking;
  if (payment === null || payment.status === 'failed') {
    return withCharge(status === 'expired' ? m.hold_over() : m.hold_released(), booking.total);
  }
  if (payment.status === 'pending') return m.end_checking_payment();
  const isLate = status === 'expired';
  if (payment.status === 'refunded') {
    const amount = formatMoney({ amount: payment.refundedAmount, currency: payment.currency });
    return isLate ? m.end_late_refunded({ amount }) : m.end_refunded({ amount });
  }
  const amount = formatMoney({ amount: payment.amount - payment.refundedAmount, currency: payment.currency });
  return isLate ? m.end_late_refunding({ amount }) : m.end_refunding({ amount });
}
