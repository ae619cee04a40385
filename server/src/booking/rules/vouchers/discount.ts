import { roundDown } from '#shared/money/charge.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { Discount, VoucherState } from './voucher-state.ts';

/**
 * What a discount takes off one ticket, in minor units of its price: rounded half up, at most the price. `step`: of what
 * the payment provider charges; what the ticket then costs is rounded down to it, in the buyer's favour.
 */
export function discountOf(price: Money, discount: Discount, step = 1): number {
  const taken = exactDiscount(price, discount);
  return taken === 0 ? 0 : price.amount - roundDown(price.amount - taken, step);
}

function exactDiscount({ amount, currency }: Money, { percentOff, amountOff }: Discount): number {
  // In integers: exactly half a minor unit, such as 15 % of 50, must not depend on binary fractions.
  if (percentOff !== null) return Math.min(amount, Math.floor((amount * percentOff + 50) / 100));
  return amountOff !== null && amountOff.currency === currency ? Math.min(amount, amountOff.amount) : 0;
}

/**
 * Whether tickets of a type count as uses of the voucher: the voucher opens the type, or has a discount for it. A
 * discount in another currency than the price is none.
 */
export function isConcerned(
  { opens, ticketTypes, percentOff, amountOff }: VoucherState,
  type: { id: string; access: 'public' | 'voucher'; price: Money },
): boolean {
  if (type.access === 'voucher') return opens.includes(type.id);
  const hasDiscount = percentOff !== null || amountOff?.currency === type.price.currency;
  return hasDiscount && isDiscounted({ ticketTypes }, type.id);
}

/** Whether the voucher's discount, if it has one, is for this type. */
export function isDiscounted({ ticketTypes }: Pick<VoucherState, 'ticketTypes'>, type: string): boolean {
  return ticketTypes === null || ticketTypes.includes(type);
}
