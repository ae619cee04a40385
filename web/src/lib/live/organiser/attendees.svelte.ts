import { untrack } from 'svelte';
import type { Booking, BookingStatus } from '#shared/booking.ts';
import type { EventBooking, EventBookingPage } from '#shared/organiser.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';
import { newerVersion } from '../versions.ts';

const PAGE_SIZE = 20;

/** The shown page: free text, status and ticket type (null: all) and page number from 1. */
export interface AttendeeSearch {
  query: string;
  status: BookingStatus | null;
  ticketType: string | null;
  page: number;
}

/**
 * One page of an event's bookings with their attendees. Shown bookings change in place. Bookings that join or leave the
 * page are shown on a press only, so that no row moves while it is being pressed.
 */
export class Attendees {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string;
  readonly #options: FollowOptions;
  #search: AttendeeSearch = $state.raw({ query: '', status: null, ticketType: null, page: 1 });
  #shown: EventBookingPage | null = $state.raw(null);
  #news: EventBookingPage | null = $state.raw(null);
  #hasFailed = $state(false);
  /** Counts the requests, so that a late answer to an earlier one is dropped. */
  #asked = 0;
  /** The number of `show` calls without an answer. */
  #showing = 0;

  constructor(connection: Pick<Connection, 'call' | 'on' | 'onConnected'>, eventId: string, options: FollowOptions) {
    this.#connection = connection;
    this.#eventId = eventId;
    this.#options = options;
  }

  get search(): AttendeeSearch {
    return this.#search;
  }

  get shown(): EventBookingPage | null {
    return this.#shown;
  }

  /** Whether the server's page has other bookings than the shown one. */
  get hasNews(): boolean {
    return this.#news !== null;
  }

  /** Whether the last request was refused. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** The number of pages, at least 1. */
  get pages(): number {
    return Math.max(1, Math.ceil((this.#shown?.total ?? 0) / PAGE_SIZE));
  }

  /** Loads the page, and again after sales; returns the function that ends this. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      // An effect that calls `start` must not run again with every answer.
      () => untrack(() => void this.#refresh()),
      (changes) => changes.some(({ eventId }) => eventId === this.#eventId),
    );
  }

  /** Shows another page, search or status. */
  async show(search: AttendeeSearch): Promise<void> {
    this.#search = search;
    this.#showing += 1;
    const reply = await this.#ask();
    this.#showing -= 1;
    if (reply?.ok) this.#put(reply.data);
  }

  /** Shows the server's page instead of the shown one. */
  showNews(): void {
    if (this.#news !== null) this.#put(this.#news);
  }

  /** Updates a shown booking to a newer state; other bookings are ignored. */
  take(booking: Booking): void {
    if (this.#shown === null) return;
    const bookings = this.#shown.bookings.map((one) =>
      one.id === booking.id ? { ...one, ...newerVersion(one, booking) } : one,
    );
    this.#shown = { ...this.#shown, bookings: bookings as EventBooking[] };
  }

  #put(page: EventBookingPage): void {
    this.#shown = page;
    this.#news = null;
  }

  async #refresh(): Promise<void> {
    // The answer to a running `show` is as new as this one would be.
    if (this.#showing > 0) return;
    if (this.#shown === null) return this.show(this.#search);
    const reply = await this.#ask();
    if (!reply?.ok || this.#shown === null) return;
    for (const booking of reply.data.bookings) this.take(booking);
    const isSame = idsOf(reply.data) === idsOf(this.#shown);
    if (isSame) this.#put({ ...reply.data, bookings: this.#shown.bookings });
    else this.#news = reply.data;
  }

  /** Loads the searched page; null if another request was sent meanwhile. */
  async #ask(): Promise<Reply<EventBookingPage> | null> {
    this.#asked += 1;
    const asked = this.#asked;
    const { query, status, ticketType, page } = this.#search;
    const reply = await this.#connection.call('listEventBookings', {
      eventId: this.#eventId,
      page,
      limit: PAGE_SIZE,
      ...(status !== null && { status }),
      ...(ticketType !== null && { ticketType }),
      ...(query !== '' && { query }),
    });
    if (asked !== this.#asked) return null;
    // A lost connection is shown elsewhere on the page, and the next connection loads again.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    return reply;
  }
}

function idsOf({ bookings }: EventBookingPage): string {
  return bookings.map(({ id }) => id).join();
}
