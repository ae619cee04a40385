import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';

/** The user's own waitlist entries, the newest of each event, kept up to date by `waitlistChanged`. */
export class WaitlistStore {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #byEvent = new SvelteMap<string, WaitlistEntry>();
  #isLoaded = $state(false);
  #hasFailed = $state(false);
  /** Counts the changes of user, so that an answer for a previous user is dropped. */
  #owner = 0;

  constructor(connection: Pick<Connection, 'call' | 'on'>) {
    this.#connection = connection;
    connection.on('waitlistChanged', (entry) => this.take(entry));
  }

  /** Whether the entries were loaded: before that, no known entry does not mean no entry. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Whether the last load failed and none before it succeeded. */
  get hasFailed(): boolean {
    return this.#hasFailed && !this.#isLoaded;
  }

  ofEvent(eventId: string): WaitlistEntry | undefined {
    return this.#byEvent.get(eventId);
  }

  get all(): WaitlistEntry[] {
    return [...this.#byEvent.values()];
  }

  /** The entries that wait for seats, the oldest in front. */
  get waiting(): WaitlistEntry[] {
    const waiting = this.all.filter(({ status }) => status === 'waiting');
    return waiting.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
  }

  /**
   * Keeps an entry from a push, a reply or a list; an older entry, or an older version of the known one, is ignored.
   */
  take(arrived: WaitlistEntry): void {
    const known = untrack(() => this.#byEvent.get(arrived.eventId));
    const isOlderEntry = known !== undefined && known.id !== arrived.id && arrived.createdAt < known.createdAt;
    if (isOlderEntry) return;
    if (known?.id !== arrived.id || newerVersion(known, arrived) === arrived)
      this.#byEvent.set(arrived.eventId, arrived);
  }

  /** Loads all entries. Never rejects. */
  async load(): Promise<void> {
    const owner = this.#owner;
    const reply = await this.#connection.call('listWaitlist', {});
    if (owner !== this.#owner) return;
    this.#hasFailed = !reply.ok;
    if (!reply.ok) return;
    for (const entry of reply.data.entries) this.take(entry);
    this.#isLoaded = true;
  }

  /** Joins an event's waiting list, or changes the party size of the entry on it. */
  async join(input: CommandRequest<'joinWaitlist'>): Promise<Reply<WaitlistEntry>> {
    return this.#takeReply(await this.#connection.call('joinWaitlist', input));
  }

  /** Leaves an event's waiting list; declines a running offer, which goes to the next entry. */
  async leave(eventId: string): Promise<Reply<WaitlistEntry>> {
    return this.#takeReply(await this.#connection.call('leaveWaitlist', { eventId }));
  }

  /** Forgets all entries, because the next user of this browser may be another person. */
  clear(): void {
    this.#owner += 1;
    this.#byEvent.clear();
    this.#isLoaded = false;
    this.#hasFailed = false;
  }

  #takeReply(reply: Reply<WaitlistEntry>): Reply<WaitlistEntry> {
    if (reply.ok) this.take(reply.data);
    return reply;
  }
}
