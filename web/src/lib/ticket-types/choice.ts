import type { Availability, Event } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketCount, TicketType } from '#shared/tickets/ticket-type.ts';
import { mostInBooking, typeSale } from './type-sale.ts';

/** How many tickets of each type are chosen, by the type's id; an absent one is 0. */
export type ChosenCounts = Readonly<Record<string, number>>;

/** What bounds a choice: the event's rules and its newest counts, and the time of the server. */
export interface ChoiceBounds {
  types: readonly TicketType[];
  event: Pick<Event, 'maxSeatsPerBooking' | 'maxSeatsPerUser'>;
  seats: Availability;
  nowMs: number;
  /** What a hold has already: windows bound only what is added to it. */
  own?: ChosenCounts;
  /** The ids of the types that the reader's voucher concerns, and how many tickets it is still good for. */
  voucher?: { types: readonly string[]; usesLeft: number | null };
}

export function countOf(counts: ChosenCounts, { id }: Pick<TicketType, 'id'>): number {
  return counts[id] ?? 0;
}

/** The chosen types with their counts, as the commands take them. */
export function chosenTickets(types: readonly TicketType[], counts: ChosenCounts): TicketCount[] {
  return types.flatMap((type) => (countOf(counts, type) > 0 ? [{ type: type.id, count: countOf(counts, type) }] : []));
}

/** The counts of tickets as a command takes them, or as a booking has them: several lines of one type are added. */
export function countsOf(tickets: readonly TicketCount[]): ChosenCounts {
  const counts: Record<string, number> = {};
  for (const { type, count } of tickets) counts[type] = (counts[type] ?? 0) + count;
  return counts;
}

export function seatsOf(types: readonly TicketType[], counts: ChosenCounts): number {
  return types.reduce((sum, type) => sum + countOf(counts, type) * type.seats, 0);
}

export function totalOf(types: readonly TicketType[], counts: ChosenCounts): Money {
  const amount = types.reduce((sum, type) => sum + countOf(counts, type) * type.price.amount, 0);
  return { amount, currency: types[0]?.price.currency ?? 'EUR' };
}

/**
 * The most tickets of a type that a control offers beside the other chosen ones: no more than are left, but never fewer
 * than are chosen, because a live change must not alter a choice.
 */
export function mostOf(type: TicketType, counts: ChosenCounts, bounds: ChoiceBounds): number {
  const chosen = countOf(counts, type);
  const sale = typeSale(type, bounds.seats, bounds.nowMs);
  if (sale.state === 'not_open' || sale.state === 'closed') return Math.max(chosen, bounds.own?.[type.id] ?? 0);
  const { maxSeatsPerBooking, maxSeatsPerUser } = bounds.event;
  const others = seatsOf(bounds.types, counts) - chosen * type.seats;
  const room = Math.min(maxSeatsPerBooking, maxSeatsPerUser ?? Infinity, bounds.seats.availableSeats) - others;
  const bySeats = type.seats === 0 ? Infinity : Math.floor(room / type.seats);
  const most = Math.min(sale.left, mostInBooking(type), bySeats);
  return Math.max(chosen, most < type.minPerBooking ? 0 : most);
}

/** The next count upwards: a type's first step is its least number in one booking. */
export function more(type: TicketType, count: number): number {
  return Math.max(count + 1, type.minPerBooking);
}

/** The next count downwards: below the type's least number there is only none. */
export function fewer(type: TicketType, count: number): number {
  return count - 1 < type.minPerBooking ? 0 : count - 1;
}

/**
 * Why a choice cannot be booked. `nothing`: no ticket is chosen; `needs_seat`: only extras are chosen; `least`, `most`:
 * against the type's number in one booking; `window`: the type is not on sale; `left`: fewer of the type are left;
 * `seats`: fewer seats are free; `per_booking`: more seats than one booking may have; `uses`: the voucher is good for
 * fewer tickets.
 */
export type ChoiceProblem =
  | { kind: 'nothing' }
  | { kind: 'needs_seat' | 'least' | 'most' | 'window'; type: TicketType }
  | { kind: 'left'; type: TicketType; left: number }
  | { kind: 'seats'; free: number }
  | { kind: 'per_booking'; most: number }
  | { kind: 'uses'; left: number };

/**
 * The first reason why a choice cannot be booked; null if there is none. What a live change has brought about (`window`,
 * `left`, `seats`, `uses`) is said beside a button that stays enabled: a press that is under way keeps its meaning, and the
 * server decides.
 */
export function choiceProblem(counts: ChosenCounts, bounds: ChoiceBounds): ChoiceProblem | null {
  const chosen = bounds.types.filter((type) => countOf(counts, type) > 0);
  const [first] = chosen;
  if (first === undefined) return { kind: 'nothing' };
  const seats = seatsOf(chosen, counts);
  if (seats === 0) return { kind: 'needs_seat', type: first };
  for (const type of chosen) {
    const problem = typeProblem(type, countOf(counts, type), bounds);
    if (problem !== null) return problem;
  }
  const { maxSeatsPerBooking, maxSeatsPerUser } = bounds.event;
  const most = Math.min(maxSeatsPerBooking, maxSeatsPerUser ?? Infinity);
  if (seats > most) return { kind: 'per_booking', most };
  if (seats > bounds.seats.availableSeats) return { kind: 'seats', free: bounds.seats.availableSeats };
  return usesProblem(counts, bounds);
}

function usesProblem(counts: ChosenCounts, { voucher }: ChoiceBounds): ChoiceProblem | null {
  if (voucher === undefined || voucher.usesLeft === null) return null;
  const uses = voucher.types.reduce((sum, id) => sum + (counts[id] ?? 0), 0);
  return uses > voucher.usesLeft ? { kind: 'uses', left: voucher.usesLeft } : null;
}

function typeProblem(type: TicketType, count: number, { seats, nowMs, own = {} }: ChoiceBounds): ChoiceProblem | null {
  if (count < type.minPerBooking) return { kind: 'least', type };
  if (type.maxPerBooking !== null && count > type.maxPerBooking) return { kind: 'most', type };
  const { state, ownLeft } = typeSale(type, seats, nowMs);
  const isAdded = count > (own[type.id] ?? 0);
  if (isAdded && (state === 'not_open' || state === 'closed')) return { kind: 'window', type };
  return ownLeft !== null && count > ownLeft ? { kind: 'left', type, left: ownLeft } : null;
}

/** Whether a problem is one of the choice itself, so that its button is disabled until another choice is made. */
export function isOfChoice({ kind }: ChoiceProblem): boolean {
  return kind !== 'window' && kind !== 'left' && kind !== 'seats' && kind !== 'uses';
}

/** What is chosen at first: two tickets where only one type takes seats, else none. */
export function firstChoice(bounds: ChoiceBounds): ChosenCounts {
  const [only, ...others] = bounds.types.filter(({ seats }) => seats > 0);
  if (only === undefined || others.length > 0) return {};
  const most = mostOf(only, {}, bounds);
  return { [only.id]: Math.min(most, more(only, 1)) };
}
