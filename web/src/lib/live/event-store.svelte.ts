import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Event } from '#shared/event.ts';
import type { Connection, Failure } from './connection/connection.svelte.ts';
import type { SeatStore } from './seat-store.svelte.ts';
import { newerRevision } from './versions.ts';

/** The newest known text and settings of each event; its seats are the seat store's. */
export class EventStore {
  readonly #byId = new SvelteMap<string, Event>();
  readonly #seats: SeatStore;
  readonly #connection: Pick<Connection, 'on' | 'call'>;

  constructor(connection: Pick<Connection, 'on' | 'call'>, seats: SeatStore) {
    this.#connection = connection;
    this.#seats = seats;
    connection.on('eventChanged', (event) => this.take(event));
  }

  take(arrived: Event): void {
    this.#seats.take(arrived);
    const known = untrack(() => this.#byId.get(arrived.id));
    if (newerRevision(known, arrived) === arrived) this.#byId.set(arrived.id, arrived);
  }

  /** The newest form of an event: what is known, or the given one where that is as new. */
  of(given: Event): Event {
    const known = this.#byId.get(given.id);
    return known === undefined ? given : newerRevision(given, known);
  }

  /** Asks the server for an event and takes it; the failure is given back. */
  async refresh(eventId: string): Promise<Failure | null> {
    const reply = await this.#connection.call('getEvent', { eventId });
    if (!reply.ok) return reply.error;
    this.take(reply.data);
    return null;
  }
}
