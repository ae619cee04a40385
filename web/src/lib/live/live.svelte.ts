import { createContext, onDestroy } from 'svelte';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import { Account, type EndedSession } from './account/account.svelte.ts';
import { BookingStore } from './buying/booking-store.svelte.ts';
import { Connection, type ConnectionOptions, type Reply } from './connection/connection.svelte.ts';
import { EventMoves } from './buying/event-moves.svelte.ts';
import { EventList } from './event-list.svelte.ts';
import { EventStore } from './event-store.svelte.ts';
import { KeptTickets } from './buying/kept-tickets.svelte.ts';
import { Organiser } from './organiser/organiser.svelte.ts';
import { PushChoice, type PushBrowser } from './account/push-choice.svelte.ts';
import { StoredSlot, type SeatsRequest } from './pending-request.ts';
import {
  RetryableAction,
  type ActionDependencies,
  type ActionOptions,
  type SendOnce,
} from './retryable-action.svelte.ts';
import { SeatStore } from './seat-store.svelte.ts';
import { ServerClock } from './connection/server-clock.svelte.ts';
import type { TextStorage } from './text-storage.ts';
import { WaitlistStore } from './buying/waitlist-store.svelte.ts';
import type { Locale } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';

const STALE_AFTER_MS = 5_000;
/** How long a session lasts, where the server has not said when this one ends. */
const SESSION_MS = 12 * 3_600_000;

export interface LiveOptions extends ConnectionOptions, ActionDependencies {
  tick: (callback: () => void) => () => void;
  fetch: typeof globalThis.fetch;
  locale: () => Locale;
  storage: TextStorage;
  /** Null where a browser takes no messages while its pages are closed. */
  pushBrowser: PushBrowser | null;
}

/** Everything live of one page in one browser, wired from top to bottom. Nothing connects before `start`. */
export class Live {
  readonly clock: ServerClock;
  readonly connection: Connection;
  readonly seats: SeatStore;
  readonly events: EventStore;
  readonly list: EventList;
  readonly bookings: BookingStore;
  readonly waitlist: WaitlistStore;
  readonly account: Account;
  readonly organiser: Organiser;
  readonly tickets: KeptTickets;
  readonly moves: EventMoves;
  readonly push: PushChoice;
  readonly #options: LiveOptions;
  readonly #startedMs: number;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#startedMs = options.now();
    this.clock = new ServerClock({ now: options.now, tick: options.tick });
    this.connection = new Connection(options);
    this.seats = new SeatStore(this.connection);
    this.events = new EventStore(this.connection, this.seats);
    this.list = new EventList(this.connection, this.events, () => this.clock.readMs());
    this.tickets = new KeptTickets(options.storage, options.now);
    this.moves = new EventMoves(options.storage);
    this.push = new PushChoice(options.fetch, options.pushBrowser);
    this.bookings = new BookingStore(this.connection, (booking) => {
      this.tickets.update(booking);
      this.moves.note(booking);
    });
    this.waitlist = new WaitlistStore(this.connection);
    this.account = new Account(options.fetch, options.locale);
    this.organiser = new Organiser(this.connection, this.events);
    this.#followSession();
  }

  /** The local time as of which everything shown is, once that is older than five seconds; null while live. */
  get staleAsOfMs(): number | null {
    if (this.connection.state === 'live') return null;
    const asOfMs = this.connection.lastHeardMs ?? this.#startedMs;
    return this.clock.ms - this.clock.offsetMs - asOfMs >= STALE_AFTER_MS ? asOfMs : null;
  }

  /** What is offered to this person from waiting lists now, the one that ends first in front. */
  get offers(): Booking[] {
    const isRunning = ({ holdExpiresAt }: Booking) =>
      holdExpiresAt !== null && this.clock.ms < Date.parse(holdExpiresAt);
    return this.bookings.held.filter((booking) => booking.source === 'waitlist' && isRunning(booking));
  }

  /** Asks who is here and connects accordingly. */
  async start(): Promise<void> {
    await this.account.load();
    this.#settleTickets();
    this.#openForAccount();
  }

  stop(): void {
    this.connection.close();
  }

  /** Ends this session, or all of this account's, and goes on as a guest. */
  async signOut(everywhere: boolean): Promise<void> {
    await this.account.logout(everywhere);
    if (this.account.user === null) this.#forgetPerson();
    this.accountChanged();
  }

  /** Deletes this account; on success this browser forgets all of it. */
  async deleteAccount(password: string): Promise<Reply<unknown>> {
    const reply = await this.account.remove(password);
    if (!reply.ok) return reply;
    this.#forgetPerson();
    this.accountChanged();
    return reply;
  }

  /** Connects anew after signing in or out; what belonged to the last account is forgotten. */
  accountChanged(): void {
    this.bookings.clear();
    this.waitlist.clear();
    const { user, sessionEndsAt } = this.account;
    if (user) this.tickets.claim(user.id, sessionEndsAt);
    this.#openForAccount();
  }

  /**
   * A command of the component that calls this while it is set up. When the component goes, attempts end; an attempt
   * under way is still answered.
   */
  action<I, T>(send: SendOnce<I, T>, options?: ActionOptions<I, T>): RetryableAction<I, T> {
    const action = new RetryableAction(this.#options, send, options);
    onDestroy(() => action.leave());
    return action;
  }

  /** Books seats of one event. Its pending request outlives a reload. */
  purchaseAction(userId: string, eventId: string): RetryableAction<SeatsRequest, Booking> {
    const send: SendOnce<SeatsRequest, Booking> = ({ seats, price }, requestId) =>
      this.bookings.book({ requestId, eventId, seats, price });
    return this.action(send, {
      slot: new StoredSlot({ storage: this.#options.storage, kind: 'book', userId, eventId }),
      isOutcome: (booking, { requestId }) => booking.requestId === requestId,
    });
  }

  /** Joins one event's waiting list, or changes the party size on it. Its pending request outlives a reload. */
  waitlistAction(userId: string, eventId: string): RetryableAction<SeatsRequest, WaitlistEntry> {
    const send: SendOnce<SeatsRequest, WaitlistEntry> = ({ seats }, requestId) =>
      this.waitlist.join({ requestId, eventId, seats });
    return this.action(send, {
      slot: new StoredSlot({ storage: this.#options.storage, kind: 'join', userId, eventId }),
      isOutcome: (entry, { input }) =>
        entry.eventId === eventId &&
        entry.seats === input.seats &&
        (entry.status === 'waiting' || entry.status === 'offered'),
    });
  }

  /** Keeps a ticket that was opened, so that it can be read without a network. */
  keepTicket(ticket: Booking): void {
    const { user, sessionEndsAt } = this.account;
    if (!user) return;
    this.tickets.keep(user.id, ticket);
    this.tickets.claim(user.id, sessionEndsAt ?? new Date(this.#options.now() + SESSION_MS).toISOString());
  }

  /** What this browser keeps of a person goes with the session, unless that ran out by itself. */
  #settleTickets(): void {
    const { user, sessionEndsAt } = this.account;
    if (user) this.tickets.claim(user.id, sessionEndsAt);
    else if (user === null) this.tickets.sessionGone();
  }

  #forgetPerson(): void {
    this.tickets.clear();
    this.moves.clear();
    void this.push.forget();
  }

  #openForAccount(): void {
    this.connection.open(this.account.user ? '/booking' : '/public');
  }

  #followSession(): void {
    const { connection, account } = this;
    connection.on('welcome', ({ user }) => {
      if (user !== null) account.confirmed(user);
    });
    connection.onConnected(() => void this.#askAgain());
    connection.onRefused(() => {
      this.tickets.sessionGone();
      this.#sessionOver('expired');
    });
    connection.on('sessionEnded', ({ reason }) => {
      // The other reasons close the transport, and the connection comes back by itself.
      if (reason === 'role_changed' || reason === 'server_closing') return;
      if (!account.isLeaving) this.#sessionOver(reason);
    });
  }

  #sessionOver(reason: EndedSession): void {
    this.account.ended(reason);
    if (reason !== 'expired') this.#forgetPerson();
    this.accountChanged();
  }

  async #askAgain(): Promise<void> {
    if (this.account.user === undefined) return this.#askWho();
    const own = this.connection.namespace === '/booking' ? [this.bookings.load(), this.waitlist.load()] : [];
    await Promise.all([this.#askTime(), ...own]);
  }

  /** The page opened without a network: who is here is asked once there is one. */
  async #askWho(): Promise<void> {
    await this.account.load();
    this.#settleTickets();
    if (this.account.user) this.#openForAccount();
    else await this.#askTime();
  }

  async #askTime(): Promise<void> {
    const askedMs = this.#options.now();
    const reply = await this.connection.call('clock', {});
    if (reply.ok) this.clock.adjust(askedMs, this.#options.now(), reply.data.serverTime);
  }
}

/** The live state of this page, for its components. */
export const [getLive, setLive] = createContext<Live>();
