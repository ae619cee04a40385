import type { Availability, Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';

/** The counts of an event as if nothing were sold: what a waitlist entry may ask for. */
export function unsoldSeats({ ticketsLeft: _, ...event }: Event): Availability {
  return { ...event, availableSeats: event.totalSeats };
}

/** Types as if nothing of them were sold. */
export function unsoldTypes(types: readonly TicketType[]): TicketType[] {
  return types.map((type) => ({ ...type, available: type.limit ?? type.available }));
}
