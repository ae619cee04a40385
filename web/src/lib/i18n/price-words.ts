import type { Event } from '#shared/event.ts';
import { formatMoney, formatPrice } from '#lib/format/money.ts';
import { m } from '#lib/paraglide/messages.js';

/** The price of an event in short: "€20.00", "Free", "from €12.00", or "free to €20.00" where some pay nothing. */
export function priceWords({ price, ticketTypes }: Pick<Event, 'price' | 'ticketTypes'>): string {
  const amounts = ticketTypes.map((type) =>
    type.access === 'public' && !type.archived && type.seats > 0 ? type.price.amount : price.amount,
  );
  const amount = Math.max(price.amount, ...amounts);
  if (amount === price.amount) return formatPrice(price);
  return price.amount > 0
    ? m.tickets_price_from({ price: formatMoney(price) })
    : m.tickets_price_free_to({ price: formatMoney({ ...price, amount }) });
}
