import type { Event } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { TicketCount, TicketType } from '#shared/tickets/ticket-type.ts';
import type { Random } from './random-choice.ts';
import { pickOne } from './random-choice.ts';

/** The fields of an event that its tickets are chosen from. */
export type TicketedEvent = Pick<Event, 'price' | 'ticketTypes' | 'maxSeatsPerBooking'>;

/** The part of the input of `book` that says what is booked, at the prices that the buyer has seen. */
type ChosenTickets = { seats: number; price: Money } | { tickets: TicketCount[]; total: Money };

/** How often a buyer adds one of each extra that is on sale. */
const EXTRA_CHANCE = 0.2;

/**
 * The tickets that a buyer books for this party size: a number of seats if the event sells one type with one seat a
 * ticket, else random types whose seats come close to the party size. Null if no type with a seat is on sale.
 */
export function chooseTickets(event: TicketedEvent, partySize: number, random: Random, at: Date): ChosenTickets | null {
  const wanted = Math.min(partySize, event.maxSeatsPerBooking);
  const shown = event.ticketTypes.filter(({ archived, access }) => !archived && access === 'public');
  const [only] = shown;
  if (shown.length === 1 && only?.seats === 1) return { seats: wanted, price: event.price };
  const sold = shown.filter((type) => isOnSale(type, at));
  const counts = chooseCounts(event, sold, wanted, random);
  if (counts.size === 0) return null;
  for (const extra of sold) if (extra.seats === 0 && random() < EXTRA_CHANCE) counts.set(extra, countOf(extra, 1));
  const chosen = sold.filter((type) => counts.has(type));
  const amount = chosen.reduce((sum, type) => sum + type.price.amount * (counts.get(type) ?? 0), 0);
  return {
    tickets: chosen.map((type) => ({ type: type.id, count: counts.get(type) ?? 0 })),
    total: { amount, currency: event.price.currency },
  };
}

function isOnSale({ salesFrom, salesUntil, available }: TicketType, now: Date): boolean {
  const at = now.toISOString();
  return available > 0 && (salesFrom ?? '') <= at && (salesUntil === null || salesUntil > at);
}

/** One type after another by chance, as long as the seats of the next still fit into the party size. */
function chooseCounts(event: TicketedEvent, sold: readonly TicketType[], partySize: number, random: Random) {
  const counts = new Map<TicketType, number>();
  for (let left = partySize; ;) {
    const fitting = sold.filter((type) => seatsOfNext(type, counts) > 0 && seatsOfNext(type, counts) <= left);
    if (fitting.length === 0) break;
    const type = pickOne(fitting, random);
    left -= seatsOfNext(type, counts);
    counts.set(type, countOf(type, (counts.get(type) ?? 0) + 1));
  }
  if (counts.size > 0) return counts;
  // Two people buy the family ticket for four, if nothing smaller is sold.
  const fewest = sold.filter((type) => type.seats > 0).sort((a, b) => seatsOfNext(a, counts) - seatsOfNext(b, counts));
  const [type] = fewest.filter((one) => seatsOfNext(one, counts) <= event.maxSeatsPerBooking);
  return type ? counts.set(type, countOf(type, 1)) : counts;
}

/**
 * The seats that one more ticket of a type adds; the first one adds the type's minimum in a booking. 0 if the maximum is
 * reached.
 */
function seatsOfNext(type: TicketType, counts: ReadonlyMap<TicketType, number>): number {
  const has = counts.get(type) ?? 0;
  if (type.maxPerBooking !== null && has >= type.maxPerBooking) return 0;
  return (countOf(type, has + 1) - has) * type.seats;
}

/** At least as many as a booking with this type must have. */
function countOf({ minPerBooking }: TicketType, count: number): number {
  return Math.max(count, minPerBooking);
}
