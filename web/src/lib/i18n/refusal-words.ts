import type { Money } from '#shared/protocol/primitives.ts';
import { formatMoney } from '#lib/format/money.ts';
import type { Failure } from '#lib/live/connection/connection.svelte.ts';
import { m } from '#lib/paraglide/messages.js';
import { withCharge } from './with-charge.ts';

/** What a refused booking tells the page besides its code. */
interface RefusalDetails {
  /** Free seats of an event that has too few. */
  seatsLeft: number;
  /** The most seats for one person. */
  limit: number | null;
  /** The buyer's other hold on this event. */
  heldBookingId: string | null;
  /** The present price of a seat. */
  price: Money | null;
}

export function refusalDetails({ details = {} }: Failure): RefusalDetails {
  return {
    seatsLeft: typeof details.availableSeats === 'number' ? details.availableSeats : 0,
    limit: typeof details.limit === 'number' ? details.limit : null,
    heldBookingId: typeof details.bookingId === 'string' ? details.bookingId : null,
    price: isMoney(details.price) ? details.price : null,
  };
}

/** Why seats were not booked. `price` is a seat's price as the buyer saw it. */
export function refusalWords(failure: Failure, price: Money): string {
  const { seatsLeft, limit, heldBookingId, price: newPrice } = refusalDetails(failure);
  switch (failure.code) {
    case 'SOLD_OUT':
      return seatsLeft > 0 ? m.refused_some_left({ count: seatsLeft }) : m.refused_sold_out();
    case 'PRICE_CHANGED':
      if (newPrice === null) return withCharge(m.refused_other(), price);
      return m.refused_price({ old: formatMoney(price), new: formatMoney(newPrice) });
    case 'LIMIT_EXCEEDED':
      if (heldBookingId !== null) return m.refused_limit_hold();
      return limit === null ? withCharge(m.refused_other(), price) : m.refused_limit({ count: limit });
    case 'SALES_CLOSED':
      return closedWords(failure.details?.reason);
    case 'UNAUTHENTICATED':
      return m.refused_session();
    case 'NOT_FOUND':
      return m.refused_gone();
    default:
      return withCharge(m.refused_other(), price);
  }
}

function closedWords(reason: unknown): string {
  if (reason === 'not_open') return m.refused_not_open();
  return reason === 'cancelled' ? m.refused_cancelled() : m.refused_closed();
}

function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value && 'currency' in value;
}
