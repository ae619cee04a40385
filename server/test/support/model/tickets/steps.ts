import fc from 'fast-check';
import type { TicketTypeSettings } from '#server/booking/rules/command.ts';
import type { ModelLine, ModelState, Wants } from '../state.ts';
import { priced, voucherBy } from '../vouchers/rules.ts';

const type = fc.constantFrom('t1', 't1', 't2', 't2', 't3', 't4', 't9');

/** Tickets of up to three types, some of which the event does not have. */
const tickets: fc.Arbitrary<Wants[]> = fc.uniqueArray(fc.record({ type, count: fc.integer({ min: 1, max: 3 }) }), {
  selector: (one) => one.type,
  minLength: 1,
  maxLength: 3,
});

/** Tickets by type, or null: seats alone, as clients of one price ask for them. */
export const maybeTickets = fc.option(tickets, { freq: 2 });

/** The settings of a ticket type; times are near `base`. */
export function typeSettings(base: Date): fc.Arbitrary<Omit<TicketTypeSettings, 'id'>> {
  const soon = fc.integer({ min: -30, max: 300 }).map((minutes) => new Date(base.getTime() + minutes * 60_000));
  const rarely = { freq: 6 };
  const max = fc.option(fc.integer({ min: 1, max: 4 }), rarely);
  return fc.record({
    name: fc.constantFrom('Adult', 'Child', 'Family', 'Parking'),
    description: fc.constant(''),
    price: fc.constantFrom(0, 500, 2_000).map((amount) => ({ amount, currency: 'EUR' })),
    seats: fc.constantFrom(0, 1, 1, 1, 2, 4),
    limit: fc.option(fc.integer({ min: 0, max: 5 })),
    salesFrom: fc.option(soon, rarely).map((time) => (time && rare(time) ? null : time)),
    salesUntil: fc.option(soon, rarely).map((time) => (time && rare(time) ? null : time)),
    minPerBooking: fc.constantFrom(0, 0, 0, 0, 2),
    maxPerBooking: max.map((most) => (most !== null && most % 2 === 0 ? null : most)),
    access: fc.constantFrom('public' as const, 'public' as const, 'public' as const, 'voucher' as const),
  });
}

/** Leaves out most times, so that most types are on sale. */
function rare(time: Date): boolean {
  return Math.floor(time.getTime() / 60_000) % 3 !== 0;
}

/** A whole list: existing types with new settings, and new ones. */
export function typeList(base: Date): fc.Arbitrary<TicketTypeSettings[]> {
  const id = fc.constantFrom('t1', 't1', 't2', 't2', 't3', 't4', 't8', undefined, undefined);
  const listed = fc
    .tuple(id, typeSettings(base))
    .map(([known, settings]) => ({ ...settings, ...(known !== undefined && { id: known }) }));
  return fc.array(listed, { minLength: 1, maxLength: 4 });
}

/** Seats, or tickets by type. */
export interface Part {
  seats: number;
  tickets: Wants[] | null;
}

/**
 * What somebody asks of this event: mostly what it can have, so that histories are not full of invalid inputs. `5` seats
 * keep what the event does not know.
 */
export function askedOf({ seats, tickets }: Part, { types }: ModelState): { seats: number } | { tickets: Wants[] } {
  const isOdd = seats === 5;
  if (tickets === null) return types.length > 1 && !isOdd ? { tickets: [{ type: 't1', count: seats }] } : { seats };
  const known = tickets.filter(({ type: id }) => isOdd || types.some((one) => one.id === id));
  return known.length > 0 ? { tickets: known } : { seats };
}

/** What all these tickets cost in the model, with the voucher of the code; null if the event lacks a type. */
export function totalNow(state: ModelState, wants: readonly Wants[], code: string | null): number | null {
  const lines: ModelLine[] = [];
  for (const { type: id, count } of wants) {
    const known = state.types.find((one) => one.id === id);
    if (!known) return null;
    lines.push({ type: id, count, amount: known.amount, seats: known.seats });
  }
  const voucher = code === null ? undefined : voucherBy(state, code);
  const cost = voucher ? priced(state, voucher, lines) : lines;
  return cost.reduce((sum, { count, amount }) => sum + count * amount, 0);
}
