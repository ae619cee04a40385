import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Booking } from '#shared/booking.ts';
import type { Checkout } from '#shared/checkout.ts';
import type { Event } from '#shared/event.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Connection, Failure, Reply } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';

const PAGE_SIZE = 50;

type State = 'idle' | 'loading' | 'ready' | 'failed';

/** One's own bookings, kept live by `bookingChanged`; asked again after every connect. */
export class BookingStore {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #byId = new SvelteMap<string, Booking>();
  #state: State = $state('idle');
  #loadedPages = $state(0);
  #total = $state(0);
  /** Counts whose bookings these are, so that an answer for someone else is dropped. */
  #owner = 0;
  readonly #taken: (booking: Booking) => void;

  /** `taken` hears of every state that is new here. */
  constructor(connection: Pick<Connection, 'call' | 'on'>, taken: (booking: Booking) => void = () => undefined) {
    this.#connection = connection;
    this.#taken = taken;
    connection.on('bookingChanged', (booking) => this.take(booking));
    connection.on('eventChanged', (event) => this.#eventChanged(event));
  }

  get state(): State {
    return this.#state;
  }

  /** Whether there are older ones that were not loaded. */
  get hasMore(): boolean {
    return this.#loadedPages * PAGE_SIZE < this.#total;
  }

  /** All known bookings, newest first. */
  get all(): Booking[] {
    return [...this.#byId.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  }

  /** Those held for this person, the one that ends first in front. */
  get held(): Booking[] {
    const held = this.all.filter((booking) => booking.status === 'held');
    return held.sort((one, other) => (one.holdExpiresAt ?? '').localeCompare(other.holdExpiresAt ?? ''));
  }

  byId(bookingId: string): Booking | undefined {
    return this.#byId.get(bookingId);
  }

  ofEvent(eventId: string): Booking[] {
    return this.all.filter((booking) => booking.eventId === eventId);
  }

  take(arrived: Booking): void {
    const known = untrack(() => this.#byId.get(arrived.id));
    if (newerVersion(known, arrived) !== arrived) return;
    this.#byId.set(arrived.id, arrived);
    this.#taken(arrived);
  }

  /** Asks for the newest bookings again; of those known, what is not among them stays. */
  async load(): Promise<void> {
    if (this.#state !== 'ready') this.#state = 'loading';
    const failure = await this.#loadPage(1);
    this.#state = failure === null ? 'ready' : this.#state === 'ready' ? 'ready' : 'failed';
    this.#loadedPages = Math.max(this.#loadedPages, failure === null ? 1 : 0);
  }

  async loadMore(): Promise<void> {
    if ((await this.#loadPage(this.#loadedPages + 1)) === null) this.#loadedPages += 1;
  }

  /** Forgets everything: someone else may sit here next. */
  clear(): void {
    this.#owner += 1;
    this.#byId.clear();
    this.#state = 'idle';
    this.#loadedPages = 0;
    this.#total = 0;
  }

  /** Asks for one booking, which may be older than those that were loaded, or somebody else's where an admin asks. */
  async ask(bookingId: string): Promise<Reply<Booking>> {
    return this.#connection.call('getBooking', { bookingId });
  }

  /** Books seats: held while money is owed, else confirmed. */
  async book(input: CommandRequest<'book'>): Promise<Reply<Booking>> {
    return this.#takenFrom(await this.#connection.call('book', input));
  }

  /** Cancels a booking, or so many seats of it, or releases a hold. */
  async cancel(bookingId: string, seats?: number): Promise<Reply<Booking>> {
    const input = seats === undefined ? { bookingId } : { bookingId, seats };
    return this.#takenFrom(await this.#connection.call('cancelBooking', input));
  }

  /** Gives a held booking another party size; its end stays. */
  async changeHold(bookingId: string, seats: number): Promise<Reply<Booking>> {
    return this.#takenFrom(await this.#connection.call('changeHold', { bookingId, seats }));
  }

  /** Confirms a held booking that owes nothing. */
  async confirm(bookingId: string): Promise<Reply<Booking>> {
    return this.#takenFrom(await this.#connection.call('confirmBooking', { bookingId }));
  }

  /** Where a hold is paid for: the same page again while it is open, else a new one. */
  async checkout(bookingId: string): Promise<Reply<Checkout>> {
    return this.#connection.call('checkout', { bookingId });
  }

  /** Asks for one of one's own bookings and takes it. */
  async fetch(bookingId: string): Promise<Reply<Booking>> {
    return this.#takenFrom(await this.ask(bookingId));
  }

  #takenFrom(reply: Reply<Booking>): Reply<Booking> {
    if (reply.ok) this.take(reply.data);
    return reply;
  }

  /** An event that moved, or was called off, is so on its bookings at once. */
  #eventChanged(event: Event): void {
    for (const booking of this.#byId.values()) {
      if (booking.eventId === event.id) this.take({ ...booking, event: asOnBookings(event) });
    }
  }

  async #loadPage(page: number): Promise<Failure | null> {
    const owner = this.#owner;
    const reply = await this.#connection.call('listBookings', { page, limit: PAGE_SIZE });
    if (owner !== this.#owner) return null;
    if (!reply.ok) return reply.error;
    this.#total = reply.data.total;
    for (const booking of reply.data.bookings) this.take(booking);
    return null;
  }
}

function asOnBookings(event: Event): Booking['event'] {
  const { title, venue, timeZone, startsAt, endsAt, status, cancelReason } = event;
  return { title, venue, timeZone, startsAt, endsAt, status, cancelReason };
}
