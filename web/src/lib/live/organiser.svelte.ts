import type { CommandRequest } from '#shared/commands.ts';
import type { Event, EventChanges } from '#shared/event.ts';
import type { Connection, Reply } from './connection.svelte.ts';
import type { EventStore } from './events.svelte.ts';

const LIST_LIMIT = 100;

/** What organisers do with events. */
export class Organiser {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #events: EventStore;
  #list: Event[] | null = $state.raw(null);

  constructor(connection: Pick<Connection, 'call' | 'on'>, events: EventStore) {
    this.#connection = connection;
    this.#events = events;
    connection.on('eventChanged', (event) => this.#add(event));
  }

  /** All events, drafts included, as far as they were asked for; null before. */
  get list(): Event[] | null {
    return this.#list;
  }

  async load(): Promise<void> {
    const reply = await this.#connection.call('listEvents', { when: 'all', limit: LIST_LIMIT });
    if (!reply.ok) return;
    for (const event of reply.data.events) this.#events.take(event);
    this.#list = reply.data.events;
  }

  async create(input: CommandRequest<'createEvent'>): Promise<Reply<Event>> {
    return this.#taken(await this.#connection.call('createEvent', input));
  }

  async update(eventId: string, revision: number, changes: EventChanges): Promise<Reply<Event>> {
    return this.#taken(await this.#connection.call('updateEvent', { eventId, revision, changes }));
  }

  #taken(reply: Reply<Event>): Reply<Event> {
    if (reply.ok) this.#events.take(reply.data);
    return reply;
  }

  #add(event: Event): void {
    if (this.#list === null || this.#list.some((one) => one.id === event.id)) return;
    this.#list = [...this.#list, event].sort((one, other) => one.startsAt.localeCompare(other.startsAt));
  }
}
