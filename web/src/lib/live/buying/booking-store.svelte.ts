import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Locale } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import type { Checkout } from '#shared/checkout.ts';
import type { Event } from '#shared/event.ts';
import type { ReadBooking } from '#shared/organiser.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Connection, Failure, Reply } from '../connection/connection.svelte.ts';
import { newerVersion } from '../versions.ts';

const PAGE_SIZE = 50;
/** At most this many pages of tickets are loaded beside the newest bookings, each of the largest size. */
const MOST_TICKET_PAGES = 10;
const TICKET_PAGE_SIZE = 100;

type LoadState = 'idle' | 'loading' | 'ready' | 'failed';

/** The user's own bookings, kept up to date by `bookingChanged` and loaded again after every connect. */
export class BookingStore {
  readonly #connection: Pick<Connection, 'call'>;
  readonly #byId = new SvelteMap<string, Booking>();
  #state: LoadState = $state('idle');
  #loadedPages = $state(0);
  #total = $state(0);
  /** Counts the changes of user, so that an answer for a previous user is dropped. */
  #owner = 0;
  readonly #onArrival: (bookings: Booking[]) => void;

  /** `onArrival` is called with the bookings that the server sent, as the store knows them now. */
  constructor(connection: Pick<Connection, 'call' | 'on'>, onArrival: (bookings: Booking[]) => void = () => undefined) {
    this.#connection = connection;
    this.#onArrival = onArrival;
    connection.on('bookingChanged', (booking) => this.take(booking));
    connection.on('eventChanged', (event) => this.#eventChanged(event));
  }

  /** The state of the first load; a later failure leaves it `ready`. */
  get state(): LoadState {
    return this.#state;
  }

  /** Whether the server has older bookings that were not loaded. */
  get hasMore(): boolean {
    return this.#loadedPages * PAGE_SIZE < this.#total;
  }

  /** All known bookings, newest first. */
  get all(): Booking[] {
    return [...this.#byId.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  }

  /** The user's holds and offers, the one that ends first in front. */
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

  /** Keeps a booking from a push, a reply or a list; an older version than the known one is ignored. */
  take(arrived: Booking): void {
    this.#takeAll([arrived]);
  }

  /**
   * Loads the newest 50 bookings, and the tickets among the older ones; known bookings that are not among them stay.
   * Never rejects.
   */
  async load(): Promise<void> {
    if (this.#state !== 'ready') this.#state = 'loading';
    const failure = await this.#loadPage(1);
    this.#state = failure === null ? 'ready' : this.#state === 'ready' ? 'ready' : 'failed';
    this.#loadedPages = Math.max(this.#loadedPages, failure === null ? 1 : 0);
    if (failure === null && this.#total > PAGE_SIZE) await this.#loadTickets();
  }

  /** Loads the next 50 older bookings. Never rejects. */
  async loadMore(): Promise<void> {
    if ((await this.#loadPage(this.#loadedPages + 1)) === null) this.#loadedPages += 1;
  }

  /** Forgets all bookings, because the next user of this browser may be another person. */
  clear(): void {
    this.#owner += 1;
    this.#byId.clear();
    this.#state = 'idle';
    this.#loadedPages = 0;
    this.#total = 0;
  }

  /** Gets one booking without keeping it: of the user, however old, or of anybody if an admin asks. */
  async ask(bookingId: string): Promise<Reply<ReadBooking>> {
    return this.#connection.call('getBooking', { bookingId });
  }

  /** Books seats: the booking is held if money is owed, else confirmed. */
  async book(input: CommandRequest<'book'>): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('book', input));
  }

  /** Cancels a booking, or some of its seats or tickets; releases a hold. */
  async cancel(input: CommandRequest<'cancelBooking'>): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('cancelBooking', input));
  }

  /** Releases a hold that was made before the sign-in and is not the user's: it is not kept. */
  async releaseOther(bookingId: string): Promise<Reply<Booking>> {
    return this.#connection.call('cancelBooking', { bookingId });
  }

  /** Changes the party size or the tickets of a hold; its end stays. */
  async changeHold(input: CommandRequest<'changeHold'>): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('changeHold', input));
  }

  /** Confirms a hold that owes nothing. */
  async confirm(bookingId: string): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('confirmBooking', { bookingId }));
  }

  /** Notes, for all devices, that the buyer has seen the moves of the event up to the one at this time. */
  async acknowledgeMove(bookingId: string, at: string): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('acknowledgeMove', { bookingId, at }));
  }

  /** Notes, for all devices, that the link of one seat's own ticket was sent. */
  async shareTicket(input: CommandRequest<'shareTicket'>): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('shareTicket', input));
  }

  /** Revokes one seat's own ticket: its link and code are void, and the seat gets another link. */
  async revokeTicket(input: CommandRequest<'revokeTicket'>): Promise<Reply<Booking>> {
    return this.#takeReply(await this.#connection.call('revokeTicket', input));
  }

  /** Gets the payment page of a hold in the page's language: the open one, else a new one. */
  async checkout(bookingId: string, locale: Locale): Promise<Reply<Checkout>> {
    return this.#connection.call('checkout', { bookingId, locale });
  }

  /** Gets one of the user's own bookings and keeps it. */
  async fetch(bookingId: string): Promise<Reply<Booking>> {
    return this.#takeReply(await this.ask(bookingId));
  }

  #takeReply(reply: Reply<Booking>): Reply<Booking> {
    if (reply.ok) this.take(reply.data);
    return reply;
  }

  /** Copies a changed event to its bookings, so that a move or a cancellation shows on them at once. */
  #eventChanged(event: Event): void {
    for (const booking of this.#byId.values()) {
      if (booking.eventId === event.id) this.take({ ...booking, event: bookedEvent(event) });
    }
  }

  async #loadPage(page: number): Promise<Failure | null> {
    const owner = this.#owner;
    const reply = await this.#connection.call('listBookings', { page, limit: PAGE_SIZE });
    if (owner !== this.#owner) return null;
    if (!reply.ok) return reply.error;
    this.#total = reply.data.total;
    this.#takeAll(reply.data.bookings);
    return null;
  }

  /** Tickets may be older than the loaded bookings, and are kept for times without a network. */
  async #loadTickets(): Promise<void> {
    const owner = this.#owner;
    const tickets: Booking[] = [];
    for (let page = 1, total = 1; page <= MOST_TICKET_PAGES && tickets.length < total; page += 1) {
      const reply = await this.#connection.call('listBookings', { page, limit: TICKET_PAGE_SIZE, status: 'confirmed' });
      if (owner !== this.#owner) return;
      if (!reply.ok || reply.data.bookings.length === 0) break;
      tickets.push(...reply.data.bookings);
      ({ total } = reply.data);
    }
    // All at once, newest first: of too many to be kept the newest stay.
    this.#takeAll(tickets);
  }

  #takeAll(arrived: Booking[]): void {
    for (const booking of arrived) {
      const known = untrack(() => this.#byId.get(booking.id));
      if (newerVersion(known, booking) === booking) this.#byId.set(booking.id, booking);
    }
    this.#onArrival(arrived.flatMap(({ id }) => untrack(() => this.#byId.get(id)) ?? []));
  }
}

function bookedEvent(event: Event): Booking['event'] {
  const { title, venue, timeZone, startsAt, endsAt, status, cancelReason, sample } = event;
  const { address, doorsAt, minAge, accessInfo, image } = event;
  return {
    title,
    venue,
    timeZone,
    startsAt,
    endsAt,
    status,
    cancelReason,
    ...(address !== null && { address }),
    ...(doorsAt !== null && { doorsAt }),
    ...(minAge !== null && { minAge }),
    ...(accessInfo !== null && { accessInfo }),
    ...(image !== null && { image }),
    ...(sample && { sample }),
  };
}
