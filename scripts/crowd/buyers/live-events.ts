import type { Availability, Event } from '#shared/event.ts';
import type { TicketedEvent } from './choose-tickets.ts';

/** The fields of an event that a buyer needs to book it. */
export type BookableEvent = Pick<Event, 'eventId'> & TicketedEvent;

export type LiveEvents = ReturnType<typeof createLiveEvents>;

/** The events that the crowd books, with the latest seat counts and prices that the server has pushed. */
export function createLiveEvents(events: readonly BookableEvent[]) {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  const latest = new Map<string, Availability>();

  function applyTicketsLeft(eventId: string, left: NonNullable<Availability['ticketsLeft']>): void {
    const event = byId.get(eventId);
    const availableOf = new Map(left.map(({ type, available }) => [type, available]));
    const types = event?.ticketTypes.map((type) => ({
      ...type,
      available: availableOf.get(type.id) ?? type.available,
    }));
    if (event && types) byId.set(eventId, { ...event, ticketTypes: types });
  }

  return {
    eventIds: [...byId.keys()],
    event: (eventId: string): BookableEvent | undefined => byId.get(eventId),
    applyEdit(event: BookableEvent): void {
      if (byId.has(event.eventId)) byId.set(event.eventId, event);
    },
    /** Ignores a version older than the known one, as the contract asks of every client. */
    applyAvailability(change: Availability): void {
      if (!byId.has(change.eventId)) return;
      const known = latest.get(change.eventId);
      if (known && change.version < known.version) return;
      latest.set(change.eventId, change);
      if (change.ticketsLeft) applyTicketsLeft(change.eventId, change.ticketsLeft);
    },
    /** The version of the latest counts; undefined before the first push. */
    versionOf: (eventId: string): number | undefined => latest.get(eventId)?.version,
    /** Sum over all these events. */
    freeSeats: (): number => [...latest.values()].reduce((sum, { availableSeats }) => sum + availableSeats, 0),
  };
}
