import type { Booking } from '#shared/booking.ts';
import { formatMoney } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

/**
 * What a booking says of its refunds; null without any. `to`: the name of the buyer, if the reader is an organiser whose
 * own money it is not.
 */
export function refundWords({ payment }: Pick<Booking, 'payment'>, to?: string): string | null {
  if (payment?.status === 'refunding')
    return to === undefined ? m.refund_under_way() : m.refund_to_under_way({ name: to });
  if (payment === null || payment.refundedAmount === 0) return null;
  const { amount, refundedAmount, currency } = payment;
  const refunded = formatMoney({ amount: refundedAmount, currency });
  if (refundedAmount === amount) return m.refund_done({ amount: refunded });
  return m.refund_done_part({ amount: refunded, paid: formatMoney({ amount, currency }) });
}
