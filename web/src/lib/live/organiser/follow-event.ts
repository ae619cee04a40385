import type { EventStore } from '../event-store.svelte.ts';
import { later } from '../connection/later.ts';
import { followPushes, type Followed, type FollowOptions } from './follow-sales.ts';

/** Calls `load` as `followSales` does, after every push about this event: of its sales, its seats, and its settings. */
export function followEvent(
  connection: Followed,
  options: FollowOptions,
  load: () => void,
  eventId: string,
): () => void {
  return followPushes(connection, options, load, (soon) => {
    const isOfEvent = (change: { eventId: string }) => change.eventId === eventId;
    const heard = ({ changes }: { changes: readonly { eventId: string }[] }) => {
      if (changes.some(isOfEvent)) soon();
    };
    return [
      connection.on('salesChanged', heard),
      connection.on('availabilityChanged', heard),
      connection.on('eventChanged', (event) => {
        if (isOfEvent(event)) soon();
      }),
    ];
  });
}

/**
 * Keeps an event loaded with the held and sold tickets of its types, which pushes of seats do not have. Returns the
 * function that ends this.
 */
export function followTypes(
  { connection, events }: { connection: Followed; events: Pick<EventStore, 'refresh'> },
  eventId: string,
): () => void {
  return followEvent(connection, { later }, () => void events.refresh(eventId), eventId);
}
