import type { Money } from '../protocol/primitives.ts';

/** As in `lineItem`. */
interface PricedLine {
  type: string;
  count: number;
  price: Money;
}

/** All tickets that a booking was made for: those that it has, and those that were cancelled before the rest. */
export function bookedLines<L extends PricedLine>(
  tickets: readonly L[],
  cancelledParts: readonly { tickets: readonly L[] }[] = [],
): L[] {
  const booked: L[] = [];
  for (const line of [...tickets, ...cancelledParts.flatMap((part) => part.tickets)]) {
    const place = booked.findIndex(({ type, price }) => type === line.type && price.amount === line.price.amount);
    const same = booked[place];
    if (same) booked[place] = { ...same, count: same.count + line.count };
    else booked.push(line);
  }
  return booked;
}
