type Counters = Record<string, unknown>;
type Change = { $inc?: Record<string, number>; $set?: Counters };

/**
 * A change of an event's held and sold seats from outside, with the same change of its one ticket type: the database's
 * validator refuses seats that no type has.
 */
export function ofOneType<C extends Change>(change: C): C {
  const entries = Object.entries(change).map(([operator, counters]) => [operator, withTickets(counters as Counters)]);
  return { ...change, ...Object.fromEntries(entries) };
}

function withTickets({ ...counters }: Counters): Counters {
  if ('heldSeats' in counters) counters['ticketTypes.0.held'] = counters['heldSeats'];
  if ('soldSeats' in counters) counters['ticketTypes.0.sold'] = counters['soldSeats'];
  return counters;
}
