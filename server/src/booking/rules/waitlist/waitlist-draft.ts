import { requestKey } from '../state/booking-state.ts';
import type { Decision } from '../command.ts';
import type { BatchState, WaitlistState } from '../state/event-state.ts';
import type { WaitlistEntryState } from './entry-state.ts';
import { isActiveEntry } from './entry-state.ts';

/** A sort key is the commit's version times this, plus a number within the batch: one order for all servers. */
const SORT_KEYS_PER_BATCH = 1_024;

/**
 * The waiting list being decided: the loaded entries, and over them the changes of the batch's commands decided so far.
 */
export class WaitlistDraft {
  readonly #loaded: WaitlistState;
  readonly #version: number;
  readonly #stored: ReadonlyMap<string, WaitlistEntryState>;
  readonly #changed = new Map<string, WaitlistEntryState>();
  readonly #requests: Map<string, WaitlistEntryState>;
  readonly #idByUser = new Map<string, string>();
  readonly #newestByUser = new Map<string, WaitlistEntryState>();
  readonly #idByOffer = new Map<string, string>();
  #sortKeysUsed = 0;
  #offersMade = 0;

  constructor({ event, waitlist }: Pick<BatchState, 'event' | 'waitlist'>) {
    this.#loaded = waitlist;
    this.#version = event.version + 1;
    this.#requests = new Map(waitlist.requests);
    this.#stored = new Map([...waitlist.named, ...waitlist.candidates.map((entry) => [entry.id, entry] as const)]);
    for (const entry of this.#stored.values()) this.#index(entry);
  }

  get isChanged(): boolean {
    return this.#changed.size > 0;
  }

  entry(id: string | undefined): WaitlistEntryState | undefined {
    return id === undefined ? undefined : (this.#changed.get(id) ?? this.#stored.get(id));
  }

  /** The user's entry that waits or has an offer. */
  activeEntryOf(userId: string): WaitlistEntryState | undefined {
    const entry = this.entry(this.#idByUser.get(userId));
    return entry && isActiveEntry(entry) ? entry : undefined;
  }

  /** The user's last entry, active or ended, if a command of the batch is a leave of this user. */
  newestEntryOf(userId: string): WaitlistEntryState | undefined {
    return this.entry(this.#newestByUser.get(userId)?.id);
  }

  /** The entry whose offer this booking is. */
  entryOfOffer(bookingId: string): WaitlistEntryState | undefined {
    return this.entry(this.#idByOffer.get(bookingId));
  }

  /** The entry that a join with this `requestKey` made or changed, on any event. */
  entryOfRequest(key: string): WaitlistEntryState | undefined {
    return this.#requests.get(key);
  }

  /**
   * Waiting entries in the order of the list: the loaded candidates, and entries that this batch added or moved. While
   * more entries are stored than were loaded, entries behind the last candidate are left out.
   */
  waitingEntries(): WaitlistEntryState[] {
    const { candidates, hasMore } = this.#loaded;
    const end = hasMore ? (candidates.at(-1)?.place ?? 0) : Infinity;
    const ids = new Set([...candidates.map(({ id }) => id), ...this.#changed.keys()]);
    return [...ids]
      .map((id) => this.entry(id))
      .filter((entry) => entry !== undefined)
      .filter((entry) => entry.status === 'waiting' && entry.place <= end)
      .sort((a, b) => a.place - b.place);
  }

  /** Id and code for the next offer's booking; undefined once all that were loaded are used up. */
  nextOfferIds(): { bookingId: string; code: string } | undefined {
    this.#offersMade += 1;
    return this.#loaded.offerIds[this.#offersMade - 1];
  }

  /** The next sort key at the end of the list. */
  nextSortKey(): number {
    this.#sortKeysUsed += 1;
    return this.#version * SORT_KEYS_PER_BATCH + this.#sortKeysUsed;
  }

  /** Stores a new or changed entry in the draft. */
  put(entry: WaitlistEntryState): void {
    this.#changed.set(entry.id, entry);
    this.#index(entry);
    for (const { requestId } of entry.requests) this.#requests.set(requestKey(entry.userId, requestId), entry);
  }

  /** What has to be written. */
  changes(): Pick<Decision, 'newWaitlistEntries' | 'changedWaitlistEntries'> {
    const [stored, added] = [this.#stored, [...this.#changed.values()]];
    return {
      newWaitlistEntries: added.filter(({ id }) => !stored.has(id)),
      changedWaitlistEntries: added.flatMap((entry) => {
        const before = stored.get(entry.id);
        return before ? [{ entry, fromVersion: before.version }] : [];
      }),
    };
  }

  #index(entry: WaitlistEntryState): void {
    if (isActiveEntry(entry)) this.#idByUser.set(entry.userId, entry.id);
    const newest = this.#newestByUser.get(entry.userId);
    if (!newest || newest.place <= entry.place) this.#newestByUser.set(entry.userId, entry);
    if (entry.bookingId) this.#idByOffer.set(entry.bookingId, entry.id);
  }
}
