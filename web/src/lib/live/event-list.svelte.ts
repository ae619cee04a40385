import { SvelteSet } from 'svelte/reactivity';
import type { Event, EventPage } from '#shared/event.ts';
import { PAGE_SIZE, type ListInputs } from '#lib/events-api.ts';
import type { Connection } from './connection/connection.svelte.ts';
import type { EventStore } from './event-store.svelte.ts';

/**
 * Keeps a list page fresh without moving it: what is shown changes in place, and events that would belong on it wait
 * until the reader asks for them.
 */
export class EventList {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #events: EventStore;
  readonly #nowMs: () => number;
  readonly #waiting = new SvelteSet<string>();
  #shown: { inputs: ListInputs; ids: Set<string>; last: Event | undefined } | null = null;

  constructor(connection: Connection, events: EventStore, nowMs: () => number) {
    this.#connection = connection;
    this.#events = events;
    this.#nowMs = nowMs;
    connection.on('eventChanged', (event) => this.#consider(event));
    connection.onConnected(() => void this.#refresh());
  }

  /** How many events wait to be shown. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Says what is on the page now. */
  show(inputs: ListInputs, page: EventPage): void {
    for (const event of page.events) this.#events.take(event);
    this.#shown = { inputs, ids: new Set(page.events.map((event) => event.id)), last: page.events.at(-1) };
    this.#waiting.clear();
  }

  /** Says that no list is shown any more. */
  hide(): void {
    this.#shown = null;
    this.#waiting.clear();
  }

  async #refresh(): Promise<void> {
    const shown = this.#shown;
    if (shown === null) return;
    const { page, query, when } = shown.inputs;
    const reply = await this.#connection.call('listEvents', { page, when, limit: PAGE_SIZE, ...(query && { query }) });
    if (!reply.ok || this.#shown !== shown) return;
    const arrived = new Set(reply.data.events.map((event) => event.id));
    for (const event of reply.data.events) this.#events.take(event);
    for (const id of arrived) if (!shown.ids.has(id)) this.#waiting.add(id);
    // What fell off the page meanwhile stays in place, in its present state.
    for (const id of shown.ids) if (!arrived.has(id)) void this.#events.refresh(id);
  }

  #consider(event: Event): void {
    const shown = this.#shown;
    if (shown === null || shown.ids.has(event.id)) return;
    if (belongs(event, shown.inputs, this.#nowMs()) && this.#isOnPage(event)) this.#waiting.add(event.id);
    else this.#waiting.delete(event.id);
  }

  /** Soonest first: an event is on this page if it comes before its last, or the page has room. */
  #isOnPage(event: Event): boolean {
    const { ids, last } = this.#shown ?? {};
    return ids === undefined || last === undefined || ids.size < PAGE_SIZE || event.startsAt < last.startsAt;
  }
}

/** Whether an event matches what a list page asks for. */
export function belongs(event: Event, inputs: ListInputs, nowMs: number): boolean {
  if (event.status !== 'published') return false;
  const isPast = Date.parse(event.endsAt ?? event.startsAt) < nowMs;
  if (isPast !== (inputs.when === 'past')) return false;
  return inputs.query === '' || folded(`${event.title}\n${event.venue}`).includes(folded(inputs.query));
}

/** Text without regard to case and accents. */
function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
