import type { InputIssue, Refusal } from '#shared/protocol/errors.ts';
import { refuse } from '#shared/protocol/errors.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { SettingsChanges, TicketTypeSettings } from '../command.ts';
import type { EventState, TicketTypeState } from '../state/event-state.ts';
import { firstTicketType } from '../state/event-state.ts';
import { isOffered, ticketTypeOf } from './resolve.ts';

/** The part of an event that edits of its ticket types change. */
type EventTypes = Pick<EventState, 'ticketTypes' | 'ticketOrder' | 'ticketTypesMade'>;

const NO_TYPES: EventTypes = { ticketTypes: [], ticketOrder: [], ticketTypesMade: 0 };

/** The ticket types of a new event: those of the list, or else one with the price. */
export function newTypes({ ticketTypes, price }: { ticketTypes?: readonly TicketTypeSettings[]; price: Money }) {
  if (ticketTypes) return withList(NO_TYPES, ticketTypes);
  const type = firstTicketType(price);
  return { ticketTypes: [type], ticketOrder: [type.id], ticketTypesMade: 1 };
}

/** An event's price in lists: the lowest of the types that anybody may book and that take a seat, else the first's. */
export function lowestPrice(types: readonly TicketTypeState[]): Money {
  const seats = types.filter((type) => isOffered(type) && type.seats > 0);
  const shown = seats.length > 0 ? seats : types.slice(0, 1);
  return shown.map(({ price }) => price).reduce((a, b) => (b.amount < a.amount ? b : a));
}

/** The types that are sold: in order of display, without archived ones. */
export function soldTypes({ ticketTypes }: Pick<EventTypes, 'ticketTypes'>): readonly TicketTypeState[] {
  return ticketTypes.filter(({ archived }) => !archived);
}

/**
 * The event's types after an edit. A type that the list leaves out is archived if anybody ever booked it, else removed;
 * an id is never used again.
 */
export function editedTypes(
  { ticketTypes: types, ticketOrder, ticketTypesMade }: EventTypes,
  { ticketTypes: list, price }: SettingsChanges,
): EventTypes {
  const before = { ticketTypes: types, ticketOrder, ticketTypesMade };
  if (list) return withList(before, list);
  if (!price) return before;
  return { ...before, ticketTypes: types.map((type) => (type.archived ? type : { ...type, price })) };
}

function withList(before: EventTypes, list: readonly TicketTypeSettings[]): EventTypes {
  let made = before.ticketTypesMade;
  const listed = list.map(({ id, ...settings }) => ({ ...settings, id: id ?? `t${(made += 1)}` }));
  const settingsOf = new Map(listed.map((settings) => [settings.id, settings]));
  const kept = before.ticketTypes.flatMap((type): TicketTypeState[] => {
    const settings = settingsOf.get(type.id);
    if (settings) return [{ ...type, ...settings, archived: false }];
    return type.booked ? [{ ...type, archived: true }] : [];
  });
  const added = listed
    .filter(({ id }) => !ticketTypeOf(before, id))
    .map((settings): TicketTypeState => ({ ...settings, archived: false, held: 0, sold: 0, booked: false }));
  const ticketTypes = [...kept, ...added];
  const archived = ticketTypes.filter((type) => type.archived).map(({ id }) => id);
  return { ticketTypes, ticketOrder: [...listed.map(({ id }) => id), ...archived], ticketTypesMade: made };
}

/** Contradictions within a list of ticket types, and ids that the event does not have; paths begin at the list. */
export function ticketTypeIssues(
  list: readonly TicketTypeSettings[] | undefined,
  event: Pick<EventTypes, 'ticketTypes'> = NO_TYPES,
): InputIssue[] {
  if (!list) return [];
  const issues: InputIssue[] = [];
  const say = (path: (string | number)[], message: string) =>
    issues.push({ path: ['ticketTypes', ...path], code: 'custom', message });
  const [first] = list;
  for (const [index, type] of list.entries()) {
    const { id, price, salesFrom, salesUntil, minPerBooking, maxPerBooking } = type;
    if (id !== undefined && !ticketTypeOf(event, id)) say([index, 'id'], 'The event has no such ticket type');
    if (id !== undefined && list.findIndex((other) => other.id === id) < index) say([index, 'id'], 'Named twice');
    if (price.currency !== first?.price.currency)
      say([index, 'price', 'currency'], 'All prices of an event share a currency');
    if (salesFrom && salesUntil && salesFrom >= salesUntil) say([index, 'salesUntil'], 'Must be after salesFrom');
    if (maxPerBooking !== null && maxPerBooking < minPerBooking)
      say([index, 'maxPerBooking'], 'Must not be below minPerBooking');
  }
  if (list.every(({ seats }) => seats === 0)) say([], 'At least one ticket type must take a seat');
  return issues;
}

/** Why the bookings do not allow the edit of a type: `SEATS_IN_USE` or `INVALID_STATE`. */
export function editTypesRefusal(list: readonly TicketTypeSettings[], event: EventTypes): Refusal | null {
  for (const { id, limit, seats } of list) {
    const type = id === undefined ? undefined : ticketTypeOf(event, id);
    if (!type) continue;
    const minimum = type.held + type.sold;
    if (limit !== null && limit < minimum)
      return refuse('SEATS_IN_USE', { details: { minimum, ticketType: type.id } }).error;
    // Its bookings took as many seats as it had then.
    if (seats !== type.seats && type.booked)
      return refuse('INVALID_STATE', { details: { reason: 'has_bookings', ticketType: type.id, seats: type.seats } })
        .error;
  }
  return null;
}
