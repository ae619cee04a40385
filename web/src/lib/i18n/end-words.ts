import type { Booking, CancelledTickets } from '#shared/booking.ts';
import { isolated } from '#shared/text/isolated.ts';
import { deadline } from '#lib/format/dates.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import { shownLines } from '#lib/ticket-types/shown-lines.ts';
import { ticketsInWords } from './ticket-words.ts';
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

/** The reader of a booking: its buyer, or an organiser. */
interface Reader {
  isOwn: boolean;
  nowMs: number;
}

/** Which tickets were cancelled, by whom and when: "1 × Child given back on Wed, 14 Oct, 20:00." */
export function cancelledTicketsWords(
  { by, seats, tickets, at }: Pick<CancelledTickets, 'by' | 'seats' | 'tickets' | 'at'>,
  { timeZone }: Pick<Booking['event'], 'timeZone'>,
  { isOwn, nowMs }: Reader,
): string {
  const lines = shownLines({ tickets });
  const values = {
    tickets: lines.length > 0 ? ticketsInWords(lines) : m.n_seats({ count: seats }),
    time: deadline(at, timeZone, nowMs),
  };
  if (by === 'organiser') return m.cancelled_part_organiser(values);
  return isOwn ? m.cancelled_part_own(values) : m.cancelled_part_buyer(values);
}

/** The same of tickets that were cancelled before the rest of their booking, with what is refunded for them, and why. */
export function cancelledPartWords(part: CancelledTickets, event: Pick<Booking['event'], 'timeZone'>, reader: Reader) {
  const { amount, reason } = part;
  return [
    cancelledTicketsWords(part, event, reader),
    ...(amount === null ? [] : [m.cancelled_part_refund({ amount: formatMoney(amount) })]),
    ...(reason === null ? [] : [m.ended_reason({ reason: isolated(reason) })]),
  ].join(' ');
}
