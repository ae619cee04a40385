import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Availability } from '#shared/event.ts';
import type { Connection } from './connection/connection.svelte.ts';
import { newerVersion } from './versions.ts';

/**
 * The newest known seat counts of each event, by `version`. An effect that reads the counts of one event follows only
 * that event.
 */
export class SeatStore {
  readonly #byEvent = new SvelteMap<string, Availability>();

  constructor(connection: Pick<Connection, 'on'>) {
    connection.on('availabilityChanged', ({ changes }) => {
      for (const change of changes) this.take(change);
    });
  }

  /** Keeps counts from a push, a reply or a rendered page; an older version than the known one is ignored. */
  take(arrived: Availability): void {
    const known = untrack(() => this.#byEvent.get(arrived.eventId));
    if (newerVersion(known, arrived) === arrived) this.#byEvent.set(arrived.eventId, arrived);
  }

  /** The newest counts of an event: the known ones, or the given ones if they are as new. */
  of(given: Availability): Availability {
    const known = this.#byEvent.get(given.eventId);
    return known === undefined ? given : newerVersion(given, known);
  }
}
