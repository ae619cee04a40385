import type { ProviderName } from '#shared/checkout.ts';
import { chargeStep } from '#shared/money/charge.ts';
import type { LineItem } from '../state/booking-state.ts';
import type { EventState } from '../state/event-state.ts';
import { ticketTypeOf } from '../tickets/resolve.ts';
import { discountOf, isConcerned, isDiscounted } from './discount.ts';
import type { VoucherState } from './voucher-state.ts';

/** How many tickets count as uses of the booking's voucher: those that it opened or has a discount for. */
export function usesOf(tickets: readonly Pick<LineItem, 'count' | 'discount'>[]): number {
  let uses = 0;
  for (const { count, discount } of tickets) if (discount !== undefined) uses += count;
  return uses;
}

/** Line items at full prices with the voucher's discount, reckoned for each ticket so that the provider can charge it. */
export function withVoucher(
  { event: { ticketTypes }, provider }: { event: Pick<EventState, 'ticketTypes'>; provider: ProviderName | null },
  tickets: readonly LineItem[],
  voucher: VoucherState,
): LineItem[] {
  return tickets.map((line) => {
    const type = ticketTypeOf({ ticketTypes }, line.type);
    if (!type || !isConcerned(voucher, { ...type, price: line.price })) return line;
    const step = provider ? chargeStep(provider, line.price.currency) : 1;
    const discount = isDiscounted(voucher, line.type) ? discountOf(line.price, voucher, step) : 0;
    return { ...line, price: { ...line.price, amount: line.price.amount - discount }, discount };
  });
}

/** Line items without a voucher's discount, at the prices of the time when they were booked. */
export function withoutVoucher(tickets: readonly LineItem[]): LineItem[] {
  return tickets.map(({ discount = 0, price, ...line }) => ({
    ...line,
    price: { ...price, amount: price.amount + discount },
  }));
}
