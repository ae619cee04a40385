import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { parseWholeNumber } from '#lib/format/whole-number.ts';
import type { TicketTypeFields } from './ticket-type-form.ts';

/** Tickets of a type that are held and sold. */
export interface TypeCounts {
  held: number;
  sold: number;
}

/** A ticket type in the shared pool of seats. Parts and the limit's mark are percentages of the pool, 0 to 100. */
export interface PoolBar extends TypeCounts {
  key: string;
  name: string;
  /** Seats that a ticket takes; 0 for an extra. */
  seats: number;
  limit: number | null;
  soldPart: number;
  heldPart: number;
  /** Null without a limit, and for a limit that the pool does not reach. */
  mark: number | null;
}

/** A type as its bar shows it. */
type PooledType = Pick<PoolBar, 'key' | 'name' | 'seats' | 'limit'> & TypeCounts & { isArchived: boolean };

/** The bars of stored types. */
export function storedBars(types: readonly TicketType[], totalSeats: number): PoolBar[] {
  const pooled = types.map(({ id, name, seats, limit, archived, held = 0, sold = 0 }): PooledType => {
    return { key: id, name, seats, limit, held, sold, isArchived: archived };
  });
  return poolBars(pooled, totalSeats);
}

/** The bars of types as a form has them now. */
export function typedBars(
  types: readonly TicketTypeFields[],
  totalSeats: number,
  countsOf: (key: string) => TypeCounts,
): PoolBar[] {
  const pooled = types.map(({ key, name, seats, limit, isArchived }): PooledType => {
    const [each, most] = [parseWholeNumber(seats) ?? 0, parseWholeNumber(limit)];
    return { key, name: name.trim(), seats: each, limit: most, isArchived, ...countsOf(key) };
  });
  return poolBars(pooled, totalSeats);
}

/** The bars of the types on sale, and of those that sold before they were archived. */
function poolBars(types: readonly PooledType[], totalSeats: number): PoolBar[] {
  const percent = (seats: number) => (totalSeats > 0 ? Math.min(100, (100 * seats) / totalSeats) : 0);
  const shown = types.filter(({ isArchived, held, sold }) => !isArchived || held + sold > 0);
  return shown.map(({ isArchived: _, ...type }) => {
    const { seats, limit, held, sold } = type;
    const isInside = limit !== null && seats > 0 && limit * seats < totalSeats;
    return {
      ...type,
      soldPart: percent(sold * seats),
      heldPart: percent(held * seats),
      mark: isInside ? percent(limit * seats) : null,
    };
  });
}
