import type { TicketTypeState } from '../state/event-state.ts';
import { availableOf } from './type-refusals.ts';

/** A ticket type's counters after a batch; `isHidden`: only a voucher opens it. */
export interface TicketTypeCount extends Pick<TicketTypeState, 'held' | 'sold' | 'limit'> {
  type: string;
  available: number;
  isHidden?: true;
}

interface CountedTypes {
  ticketTypes: readonly TicketTypeState[];
  availableSeats: number;
  heldSeats: number;
  soldSeats: number;
}

/** The counters of each ticket type; none where the event has one type without a limit: the seats say all of it. */
export function ticketCountsOf({ ticketTypes, availableSeats }: Pick<CountedTypes, 'ticketTypes' | 'availableSeats'>): {
  tickets?: TicketTypeCount[];
} {
  const [first] = ticketTypes;
  if (ticketTypes.length === 1 && first?.limit === null) return {};
  const tickets = ticketTypes.map((type): TicketTypeCount => {
    const { id, held, sold, limit, access } = type;
    const available = availableOf(type, availableSeats);
    return { type: id, held, sold, limit, available, ...(access === 'voucher' && { isHidden: true as const }) };
  });
  return { tickets };
}

/** An event's ticket types with the counters after a batch, as `ticketCountsOf` gave them. */
export function withTicketCounts(
  types: readonly TicketTypeState[],
  { tickets, heldSeats, soldSeats }: Pick<CountedTypes, 'heldSeats' | 'soldSeats'> & { tickets?: TicketTypeCount[] },
): TicketTypeState[] {
  const [first] = types;
  if (!tickets && first && types.length === 1)
    return [{ ...first, held: heldSeats / first.seats, sold: soldSeats / first.seats }];
  return types.map((type) => {
    const count = tickets?.find((one) => one.type === type.id);
    return count ? { ...type, held: count.held, sold: count.sold } : type;
  });
}
