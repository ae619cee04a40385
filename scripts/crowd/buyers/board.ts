import type { Availability, Event } from '#shared/event.ts';

/** What a buyer has to know of an event to book it. */
export type Offer = Pick<Event, 'eventId' | 'price' | 'maxSeatsPerBooking'>;

export type Board = ReturnType<typeof createBoard>;

/** The events that the crowd wants and their live seat counts, as the pushes tell them. */
export function createBoard(offers: readonly Offer[]) {
  const byId = new Map(offers.map((offer) => [offer.eventId, offer]));
  const latest = new Map<string, Availability>();

  return {
    eventIds: [...byId.keys()],
    /** An edit: buyers go by the new price. */
    edited(offer: Offer): void {
      if (byId.has(offer.eventId)) byId.set(offer.eventId, offer);
    },
    offer: (eventId: string): Offer | undefined => byId.get(eventId),
    /** An older version than the known one is ignored, as the contract asks of every client. */
    see(change: Availability): void {
      if (!byId.has(change.eventId)) return;
      const known = latest.get(change.eventId);
      if (!known || change.version >= known.version) latest.set(change.eventId, change);
    },
    /** Free seats of all these events together. */
    freeSeats: (): number => [...latest.values()].reduce((sum, { availableSeats }) => sum + availableSeats, 0),
  };
}
