import { SvelteSet } from 'svelte/reactivity';
import type { Event, EventPage } from '#shared/event.ts';
import { PAGE_SIZE, type ListRequest } from '#lib/events-api.ts';
import type { Connection } from './connection/connection.svelte.ts';
import type { EventStore } from './event-store.svelte.ts';

/**
 * The shown page of the event list, kept up to date without moving its cards: a shown event changes in place, a new
 * event is only counted until the reader asks for it.
 */
export class EventList {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #events: EventStore;
  readonly #nowMs: () => number;
  readonly #newIds = new SvelteSet<string>();
  #shown: { request: ListRequest; ids: Set<string>; last: Event | undefined } | null = null;

  constructor(connection: Connection, events: EventStore, nowMs: () => number) {
    this.#connection = connection;
    this.#events = events;
    this.#nowMs = nowMs;
    connection.on('eventChanged', (event) => void this.#eventChanged(event));
    connection.onConnected(() => void this.#refresh());
  }

  /** The number of events that belong on this page and are not shown on it. */
  get newCount(): number {
    return this.#newIds.size;
  }

  /** Sets the shown page, what it was asked by, and its events; the count of new events starts again at 0. */
  show(request: ListRequest, page: EventPage): void {
    for (const event of page.events) this.#events.take(event);
    this.#shown = { request, ids: new Set(page.events.map((event) => event.id)), last: page.events.at(-1) };
    this.#newIds.clear();
  }

  /** Ends the updates: no list is shown. */
  hide(): void {
    this.#shown = null;
    this.#newIds.clear();
  }

  async #refresh(): Promise<void> {
    const shown = this.#shown;
    if (shown === null) return;
    const reply = await this.#connection.call('listEvents', shown.request);
    if (!reply.ok || this.#shown !== shown) return;
    const arrived = new Set(reply.data.events.map((event) => event.id));
    for (const event of reply.data.events) this.#events.take(event);
    for (const id of arrived) if (!shown.ids.has(id)) this.#newIds.add(id);
    // An event that no longer belongs on the page keeps its card; its state is loaded apart.
    for (const id of shown.ids) if (!arrived.has(id)) void this.#events.refresh(id);
  }

  /**
   * The rules of the list are loaded when they are needed: most readers see no new event. A page that loses its network
   * meanwhile reads the list again once it has it.
   */
  async #eventChanged(event: Event): Promise<void> {
    const shown = this.#shown;
    if (shown === null || shown.ids.has(event.id)) return;
    const { isListed } = await import('./is-listed.ts').catch(() => ({ isListed: null }));
    if (isListed === null || this.#shown !== shown || this.#events.of(event) !== event) return;
    if (isListed(event, shown.request, this.#nowMs()) && this.#isOnPage(event)) this.#newIds.add(event.id);
    else this.#newIds.delete(event.id);
  }

  /** Whether an event has its place on this page: events are sorted by start, and a page holds `PAGE_SIZE` of them. */
  #isOnPage(event: Event): boolean {
    const { ids, last } = this.#shown ?? {};
    return ids === undefined || last === undefined || ids.size < PAGE_SIZE || event.startsAt < last.startsAt;
  }
}
