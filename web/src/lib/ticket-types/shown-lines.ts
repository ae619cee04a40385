import type { Booking } from '#shared/booking.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** The tickets of one type in a booking. */
export type BookedLine = Booking['tickets'][number];

/** The name of the only type of an event that was made by a price alone, in every language. */
const PLAIN_NAME = 'Ticket';

/** The tickets of a booking; a ticket that an earlier version kept on the device has none. */
export function linesOf({ tickets }: { tickets?: Booking['tickets'] }): readonly BookedLine[] {
  return tickets ?? [];
}

/** Whether a type has a name of its own, and not that of an event made by a price alone. */
export function isNamedType(name: string): boolean {
  return name !== PLAIN_NAME;
}

/**
 * The lines of a booking that say more than its number of seats; none for seats of an event that has one price.
 */
export function shownLines(booking: { tickets?: Booking['tickets'] }): BookedLine[] {
  const [line, ...others] = linesOf(booking);
  if (line === undefined) return [];
  return others.length === 0 && line.seats === 1 && line.name === PLAIN_NAME ? [] : [line, ...others];
}

/** Whether the tickets of a booking differ from each other, or take another number of seats than one. */
export function isOfTypes(booking: { tickets?: Booking['tickets'] }): boolean {
  const [line, ...others] = linesOf(booking);
  return line !== undefined && (others.length > 0 || line.seats !== 1);
}

/** What the booking's voucher took off these tickets altogether. */
export function takenOff(lines: readonly BookedLine[]): Money {
  const amount = lines.reduce((sum, { count, discount }) => sum + count * (discount?.amount ?? 0), 0);
  return { amount, currency: lines[0]?.price.currency ?? 'EUR' };
}
