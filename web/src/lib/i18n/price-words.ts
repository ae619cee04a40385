import type { Event } from '#shared/event.ts';
import { formatMoney, formatPrice } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';
import { isSoldBySeats } from '#lib/ticket-types/sold-types.ts';

type Sold = Pick<Event, 'price' | 'ticketTypes'>;

/** The price of an event in short: "€20.00", "Free", "from €12.00", or "free to €20.00" where some pay nothing. */
export function priceWords(event: Sold): string {
  const { price } = event;
  const amount = highestAmount(event);
  if (amount === price.amount) return formatPrice(price);
  return price.amount > 0
    ? m.tickets_price_from({ price: formatMoney(price) })
    : m.tickets_price_free_to({ price: formatMoney({ ...price, amount }) });
}

/** The price of an event with what it includes; of a free one "Free" alone. */
export function priceFact(event: Sold & Pick<Event, 'maxSeatsPerBooking'>): string {
  if (highestAmount(event) === 0) return m.price_free();
  return isSoldBySeats(event)
    ? m.fact_price_each({ price: formatMoney(event.price) })
    : m.tickets_price_fact({ price: priceWords(event) });
}

/** The price of the dearest seat that anybody may book. */
function highestAmount({ price, ticketTypes }: Sold): number {
  const amounts = ticketTypes.map((type) =>
    type.access === 'public' && !type.archived && type.seats > 0 ? type.price.amount : price.amount,
  );
  return Math.max(price.amount, ...amounts);
}
