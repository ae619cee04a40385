import type { Availability, Event } from '#shared/event.ts';

/** The fields of an event that a buyer needs to book it. */
export type BookableEvent = Pick<Event, 'eventId' | 'price' | 'maxSeatsPerBooking'>;

export type LiveEvents = ReturnType<typeof createLiveEvents>;

/** The events that the crowd books, with the latest seat counts and prices that the server has pushed. */
export function createLiveEvents(events: readonly BookableEvent[]) {
  const byId = new Map(events.map((event) => [event.eventId, event]));
  const latest = new Map<string, Availability>();

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
      if (!known || change.version >= known.version) latest.set(change.eventId, change);
    },
    /** The version of the latest counts; undefined before the first push. */
    versionOf: (eventId: string): number | undefined => latest.get(eventId)?.version,
    /** Sum over all these events. */
    freeSeats: (): number => [...latest.values()].reduce((sum, { availableSeats }) => sum + availableSeats, 0),
  };
}
