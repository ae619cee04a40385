import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';

/** One's own places on waiting lists, the newest of each event, kept live by `waitlistChanged`. */
export class WaitlistStore {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #byEvent = new SvelteMap<string, WaitlistEntry>();
  #isLoaded = $state(false);
  /** Counts whose places these are, so that an answer for someone else is dropped. */
  #owner = 0;

  constructor(connection: Pick<Connection, 'call' | 'on'>) {
    this.#connection = connection;
    connection.on('waitlistChanged', (entry) => this.take(entry));
  }

  /** Whether the server has been asked: before that, nothing known does not mean not waiting. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  ofEvent(eventId: string): WaitlistEntry | undefined {
    return this.#byEvent.get(eventId);
  }

  get all(): WaitlistEntry[] {
    return [...this.#byEvent.values()];
  }

  take(arrived: WaitlistEntry): void {
    const known = untrack(() => this.#byEvent.get(arrived.eventId));
    const isOlderEntry = known !== undefined && known.id !== arrived.id && arrived.createdAt < known.createdAt;
    if (isOlderEntry) return;
    if (known?.id !== arrived.id || newerVersion(known, arrived) === arrived)
      this.#byEvent.set(arrived.eventId, arrived);
  }

  /** Asks for all of them again. */
  async load(): Promise<void> {
    const owner = this.#owner;
    const reply = await this.#connection.call('listWaitlist', {});
    if (!reply.ok || owner !== this.#owner) return;
    for (const entry of reply.data.entries) this.take(entry);
    this.#isLoaded = true;
  }

  /** Joins an event's waiting list; on it already: changes the party size. */
  async join(input: CommandRequest<'joinWaitlist'>): Promise<Reply<WaitlistEntry>> {
    return this.#takenFrom(await this.#connection.call('joinWaitlist', input));
  }

  /** Leaves an event's list; while an offer stands that passes it on. */
  async leave(eventId: string): Promise<Reply<WaitlistEntry>> {
    return this.#takenFrom(await this.#connection.call('leaveWaitlist', { eventId }));
  }

  /** Forgets everything: someone else may sit here next. */
  clear(): void {
    this.#owner += 1;
    this.#byEvent.clear();
    this.#isLoaded = false;
  }

  #takenFrom(reply: Reply<WaitlistEntry>): Reply<WaitlistEntry> {
    if (reply.ok) this.take(reply.data);
    return reply;
  }
}
