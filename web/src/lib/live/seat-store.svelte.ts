import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Availability } from '#shared/event.ts';
import type { Connection } from './connection/connection.svelte.ts';
import { newerVersion } from './versions.ts';

/** The newest known seat counts of each event; whoever reads those of one event follows only that one. */
export class SeatStore {
  readonly #byEvent = new SvelteMap<string, Availability>();

  constructor(connection: Pick<Connection, 'on'>) {
    connection.on('availabilityChanged', ({ changes }) => {
      for (const change of changes) this.take(change);
    });
  }

  /** Takes counts from wherever they came; older ones than are known are ignored. */
  take(arrived: Availability): void {
    const known = untrack(() => this.#byEvent.get(arrived.eventId));
    if (newerVersion(known, arrived) === arrived) this.#byEvent.set(arrived.eventId, arrived);
  }

  /** The newest counts of an event: what is known, or what the given ones say where those are as new. */
  of(given: Availability): Availability {
    const known = this.#byEvent.get(given.eventId);
    return known === undefined ? given : newerVersion(given, known);
  }
}
