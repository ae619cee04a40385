import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Event } from '#shared/event.ts';
import type { Connection, Failure } from './connection/connection.svelte.ts';
import type { SeatStore } from './seat-store.svelte.ts';
import { newerRevision } from './versions.ts';

/** The newest known text and settings of each event, by `revision`. Seat counts are kept by the `SeatStore`. */
export class EventStore {
  readonly #byId = new SvelteMap<string, Event>();
  readonly #seats: SeatStore;
  readonly #connection: Pick<Connection, 'on' | 'call' | 'onConnected'>;

  constructor(connection: Pick<Connection, 'on' | 'call' | 'onConnected'>, seats: SeatStore) {
    this.#connection = connection;
    this.#seats = seats;
    connection.on('eventChanged', (event) => this.take(event));
  }

  /** Keeps an event from a push, a reply or a rendered page; an older revision than the known one is ignored. */
  take(arrived: Event): void {
    this.#seats.take(arrived);
    const known = untrack(() => this.#byId.get(arrived.id));
    if (newerRevision(known, arrived) === arrived) this.#byId.set(arrived.id, arrived);
  }

  /** The newest revision of an event: the known one, or the given one if it is as new. */
  of(given: Event): Event {
    const known = this.#byId.get(given.id);
    return known === undefined ? given : newerRevision(given, known);
  }

  byId(eventId: string): Event | undefined {
    return this.#byId.get(eventId);
  }

  /** Keeps an event loaded, from now on and after every connect, until the returned function is called. */
  follow(eventId: string): () => void {
    const load = () => void this.refresh(eventId);
    if (untrack(() => this.byId(eventId)) === undefined) load();
    return this.#connection.onConnected(load);
  }

  /** Loads an event with `getEvent` and keeps it. Resolves with the failure, or null on success. Never rejects. */
  async refresh(eventId: string): Promise<Failure | null> {
    const reply = await this.#connection.call('getEvent', { eventId });
    if (!reply.ok) return reply.error;
    this.take(reply.data);
    return null;
  }
}
