import type { Booking } from '#shared/booking.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

/** Money came, or may come, for seats that are gone: then the end of the hold alone says too little. */
export function hasLatePayment({ status, payment }: Booking): boolean {
  return status === 'expired' && payment !== null && payment.status !== 'failed';
}

/** What became of seats that were given up, and of the money: taken, on its way back, or never taken. */
export function endWords(booking: Booking): string {
  const { payment, status } = booking;
  if (payment === null || payment.status === 'failed') return status === 'expired' ? m.hold_over() : m.hold_released();
  if (payment.status === 'pending') return m.end_checking_payment();
  const isLate = status === 'expired';
  if (payment.status === 'refunded') {
    const amount = formatMoney({ amount: payment.refundedAmount, currency: payment.currency });
    return isLate ? m.end_late_refunded({ amount }) : m.end_refunded({ amount });
  }
  const amount = formatMoney({ amount: payment.amount - payment.refundedAmount, currency: payment.currency });
  return isLate ? m.end_late_refunding({ amount }) : m.end_refunding({ amount });
}
