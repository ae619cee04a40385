import { untrack } from 'svelte';
import type { Booking, BookingStatus } from '#shared/booking.ts';
import type { EventBooking, EventBookingPage } from '#shared/organiser.ts';
import type { Connection, Reply } from '../connection/connection.svelte.ts';
import { followSales, type FollowOptions } from './follow-sales.ts';
import { newerVersion } from '../versions.ts';

const PAGE_SIZE = 20;

export interface AttendeeSearch {
  query: string;
  status: BookingStatus | null;
  page: number;
}

/**
 * One page of an event's bookings. What is shown changes in place; bookings that come and go are offered, so that no line
 * moves away from under a finger.
 */
export class Attendees {
  readonly #connection: Pick<Connection, 'call' | 'on' | 'onConnected'>;
  readonly #eventId: string;
  readonly #options: FollowOptions;
  #search: AttendeeSearch = $state.raw({ query: '', status: null, page: 1 });
  #shown: EventBookingPage | null = $state.raw(null);
  #news: EventBookingPage | null = $state.raw(null);
  #hasFailed = $state(false);
  /** Counts the questions, so that a late answer to an earlier one is dropped. */
  #asked = 0;
  /** Questions for a page that somebody asked for. */
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

  /** Whether other bookings belong on this page by now. */
  get hasNews(): boolean {
    return this.#news !== null;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  get pages(): number {
    return Math.max(1, Math.ceil((this.#shown?.total ?? 0) / PAGE_SIZE));
  }

  /** Asks, and follows what is pushed; returns how to stop. */
  start(): () => void {
    return followSales(
      this.#connection,
      this.#options,
      // Whoever starts it in an effect does not start it again with every answer.
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

  showNews(): void {
    if (this.#news !== null) this.#put(this.#news);
  }

  /** What became of a booking that is shown. */
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
    // Somebody waits for another page: what comes is as new as this would be.
    if (this.#showing > 0) return;
    if (this.#shown === null) return this.show(this.#search);
    const reply = await this.#ask();
    if (!reply?.ok || this.#shown === null) return;
    for (const booking of reply.data.bookings) this.take(booking);
    const isSame = idsOf(reply.data) === idsOf(this.#shown);
    if (isSame) this.#put({ ...reply.data, bookings: this.#shown.bookings });
    else this.#news = reply.data;
  }

  /** Null where another question was asked meanwhile. */
  async #ask(): Promise<Reply<EventBookingPage> | null> {
    this.#asked += 1;
    const asked = this.#asked;
    const { query, status, page } = this.#search;
    const reply = await this.#connection.call('listEventBookings', {
      eventId: this.#eventId,
      page,
      limit: PAGE_SIZE,
      ...(status !== null && { status }),
      ...(query !== '' && { query }),
    });
    if (asked !== this.#asked) return null;
    // Without a connection the whole page says so, and asks again with the next one.
    this.#hasFailed = !reply.ok && reply.error.code !== 'CONNECTION_LOST';
    return reply;
  }
}

function idsOf({ bookings }: EventBookingPage): string {
  return bookings.map(({ id }) => id).join();
}
