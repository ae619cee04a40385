import type { BookingState } from './booking-state.ts';
import type { TicketTypeState } from './event-state.ts';

/** Seats that a booking takes from the free ones, by the counter that they are added to. */
export function seatsTaken(booking: BookingState | null): { held: number; sold: number } {
  if (booking?.status === 'held') return { held: booking.seats, sold: 0 };
  if (booking?.status === 'confirmed') return { held: 0, sold: booking.seats };
  return { held: 0, sold: 0 };
}

/** The event's types with the tickets of a booking after a change counted in, and those from before out. */
export function countedTypes(
  types: readonly TicketTypeState[],
  before: BookingState | null,
  after: BookingState,
): readonly TicketTypeState[] {
  // Most changes are about payments.
  if (before?.tickets === after.tickets && before.status === after.status) return types;
  const counted = [...types];
  const count = ({ status, tickets }: BookingState, sign: 1 | -1): void => {
    const counter = status === 'held' ? 'held' : 'sold';
    if (status !== 'held' && status !== 'confirmed') return;
    for (const line of tickets) {
      const place = counted.findIndex(({ id }) => id === line.type);
      const type = counted[place];
      if (!type) throw new Error(`Booking ${after.id} has tickets of ${line.type}, which its event does not know`);
      counted[place] = { ...type, [counter]: type[counter] + sign * line.count, booked: true };
    }
  };
  if (before) count(before, -1);
  count(after, 1);
  return counted;
}

/** Seats that a provisional account holds by this booking. */
export function provisionalSeatsIn(booking: BookingState | null): number {
  return booking?.status === 'held' && booking.provisional ? booking.seats : 0;
}
