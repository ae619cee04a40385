import { namedLines, sellsSeatsAlone } from '#shared/tickets/named-lines.ts';
import type { PaidTickets } from '../payments/attempt.ts';
import type { BookingState, LineItem } from '../state/booking-state.ts';
import type { EventState } from '../state/event-state.ts';
import { seatsOf } from './line-items.ts';

/** Tickets of a booking as its payment page and its receipts name them. */
export function soldTickets(
  { voucher }: Pick<BookingState, 'voucher'>,
  tickets: readonly LineItem[],
  { ticketTypes }: Pick<EventState, 'ticketTypes'>,
): PaidTickets {
  const seats = seatsOf(tickets);
  if (sellsSeatsAlone(ticketTypes) && voucher === null) return { seats };
  const lines = namedLines(tickets, ticketTypes).map(({ name, count, price, discount = 0 }) => {
    return { name, count, amount: price.amount, ...(discount > 0 && { discount }) };
  });
  return { seats, lines };
}
