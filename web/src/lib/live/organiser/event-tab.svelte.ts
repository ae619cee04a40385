import type { Event, EventPage } from '#shared/event.ts';
import { belongsToTab, loadTab, type TabInputs } from '#lib/organiser/event-tabs.ts';
import type { Connection } from '../connection/connection.svelte.ts';
import type { EventStore } from '../event-store.svelte.ts';
import type { Live } from '../live.svelte.ts';

/**
 * The shown page of an organiser's events, kept up to date without moving its rows: a shown event changes in place;
 * events that join or leave the page are shown on a press only.
 */
export class EventTabPage {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #events: EventStore;
  readonly #nowMs: () => number;
  #shown: { inputs: TabInputs; ids: Set<string> } | null = null;
  #hasNews = $state(false);

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, events: EventStore, nowMs: () => number) {
    this.#connection = connection;
    this.#events = events;
    this.#nowMs = nowMs;
    connection.on('eventChanged', (event) => this.#eventChanged(event));
    connection.onConnected(() => void this.#refresh());
  }

  /** Whether the page would have other events now. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** Sets the shown page and its events. */
  show(inputs: TabInputs, page: EventPage): void {
    for (const event of page.events) this.#events.take(event);
    this.#shown = { inputs, ids: new Set(page.events.map(({ id }) => id)) };
    this.#hasNews = false;
  }

  /** Ends the updates: no page is shown. */
  hide(): void {
    this.#shown = null;
    this.#hasNews = false;
  }

  #eventChanged(event: Event): void {
    if (this.#shown === null) return;
    const { inputs, ids } = this.#shown;
    if (belongsToTab(event, inputs, this.#nowMs()) !== ids.has(event.id)) this.#hasNews = true;
  }

  /** Looks for changes that were pushed while there was no connection. */
  async #refresh(): Promise<void> {
    const shown = this.#shown;
    if (shown === null) return;
    const page = await this.#load(shown.inputs);
    if (page === null || this.#shown !== shown) return;
    for (const event of page.events) this.#events.take(event);
    if (page.events.length !== shown.ids.size || page.events.some(({ id }) => !shown.ids.has(id))) this.#hasNews = true;
  }

  /** Loads the page again; null if the server does not answer, because the next connection tries again. */
  async #load(inputs: TabInputs): Promise<EventPage | null> {
    try {
      return await loadTab(inputs, async (input) => {
        const reply = await this.#connection.call('listEvents', input);
        if (!reply.ok) throw new NoPage(reply.error.message);
        return reply.data;
      });
    } catch (error) {
      if (error instanceof NoPage) return null;
      throw error;
    }
  }
}

class NoPage extends Error {}

const pages = new WeakMap<EventStore, EventTabPage>();

/** The one page of a browser: it listens as long as the connection lives. */
export function eventTabPage({
  connection,
  events,
  clock,
}: Pick<Live, 'connection' | 'events' | 'clock'>): EventTabPage {
  const known = pages.get(events) ?? new EventTabPage(connection, events, () => clock.readMs());
  pages.set(events, known);
  return known;
}
