import type { TicketTypeSettings } from '#server/booking/rules/command.ts';
import type { Answer } from '../answer.ts';
import { refused } from '../answer.ts';
import type { ModelState, ModelType } from '../state.ts';
import { ticketsWhile } from '../state.ts';

// Edits of an event's list of ticket types.

type List = readonly TicketTypeSettings[];

/** What bookings do not allow of a new list. */
export function lockedType(state: ModelState, list: List): Answer | null {
  for (const { id, limit, seats } of list) {
    const type = state.types.find((one) => one.id === id);
    if (!type) continue;
    const minimum = ticketsWhile(state, 'held', type.id) + ticketsWhile(state, 'confirmed', type.id);
    if (limit !== null && limit < minimum) return refused('SEATS_IN_USE', { minimum, ticketType: type.id });
    if (seats !== type.seats && type.booked)
      return refused('INVALID_STATE', { reason: 'has_bookings', ticketType: type.id, seats: type.seats });
  }
  return null;
}

/** Whether a list is none that an event can have. */
export function contradicts(state: ModelState, list: List): boolean {
  const ids = list.flatMap(({ id }) => (id === undefined ? [] : [id]));
  const isUnknown = ids.some((id) => !state.types.some((type) => type.id === id));
  const isTwice = new Set(ids).size < ids.length;
  const areMixed = new Set(list.map(({ price }) => price.currency)).size > 1;
  const isOdd = list.some(
    ({ salesFrom, salesUntil, minPerBooking, maxPerBooking }) =>
      (salesFrom && salesUntil && salesFrom >= salesUntil) || (maxPerBooking ?? Infinity) < minPerBooking,
  );
  return isUnknown || isTwice || areMixed || isOdd || list.every(({ seats }) => seats === 0);
}

export function editTypes(state: ModelState, list: List): void {
  const added: ModelType[] = [];
  for (const { id, ...settings } of list) {
    const fields = fieldsOf(settings);
    const type = state.types.find((one) => one.id === id);
    if (type) Object.assign(type, fields, { archived: false });
    else {
      state.typesMade += 1;
      added.push({ id: `t${state.typesMade}`, ...fields, archived: false, booked: false });
    }
  }
  const listed = new Set(list.map(({ id }) => id));
  for (const type of state.types) if (!listed.has(type.id)) type.archived = true;
  const kept = state.types.filter(({ archived, booked }) => !archived || booked);
  state.types = [...kept, ...added];
}

/** A type's settings in the model's terms. */
export function fieldsOf(settings: Omit<TicketTypeSettings, 'id'>): Omit<ModelType, 'id' | 'archived' | 'booked'> {
  return {
    amount: settings.price.amount,
    seats: settings.seats,
    limit: settings.limit,
    from: settings.salesFrom?.getTime() ?? null,
    until: settings.salesUntil?.getTime() ?? null,
    min: settings.minPerBooking,
    max: settings.maxPerBooking,
    hidden: settings.access === 'voucher',
  };
}

/** The price that lists show. */
export function lowestAmount({ types }: ModelState): number {
  const shown = types.filter(({ archived, hidden, seats }) => !archived && !hidden && seats > 0);
  return shown.length > 0 ? Math.min(...shown.map(({ amount }) => amount)) : (types[0]?.amount ?? 0);
}
