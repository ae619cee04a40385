import { createContext, onDestroy } from 'svelte';
import { Account, type EndedSession } from './account/account.svelte.ts';
import { BookingStore } from './buying/booking-store.svelte.ts';
import { Connection, type ConnectionOptions, type Reply } from './connection/connection.svelte.ts';
import { EventList } from './event-list.svelte.ts';
import { EventStore } from './event-store.svelte.ts';
import { KeptTickets } from './buying/kept-tickets.svelte.ts';
import { Organiser } from './organiser/organiser.svelte.ts';
import { PushChoice, type PushBrowser } from './account/push-choice.svelte.ts';
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
import type { CloseAccountInput, Locale, Role } from '#shared/account.ts';
import type { Booking } from '#shared/booking.ts';
import { isComing } from '#lib/seats/bookings.ts';

/** Shown data is stale after this many milliseconds without a connection. */
const STALE_AFTER_MS = 5_000;
/** The cookie of a sign-in may come this long after the end of the session before it, in milliseconds. */
const SIGN_IN_MS = 500;
/** The assumed length of a session, in milliseconds, until the server has said when it ends. */
const SESSION_MS: Record<Role, number> = { user: 30 * 86_400_000, admin: 12 * 3_600_000 };

interface LiveOptions extends ConnectionOptions, ActionDependencies {
  /** Calls back several times a second until the returned function is called. */
  tick: (callback: () => void) => () => void;
  fetch: typeof globalThis.fetch;
  locale: () => Locale;
  storage: TextStorage;
  /** Null if the browser cannot receive push messages. */
  pushBrowser: PushBrowser | null;
}

/**
 * The live state of one page in one browser: the connection and the stores that follow it. `start` connects; before it
 * nothing asks the server.
 */
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
    this.push = new PushChoice(options.fetch, options.pushBrowser);
    this.bookings = new BookingStore(this.connection, (bookings) => this.#keepTicketsAmong(bookings));
    this.waitlist = new WaitlistStore(this.connection);
    this.account = new Account(options.fetch, options.locale);
    this.organiser = new Organiser(this.connection, this.events);
    this.#followSession();
  }

  /** This browser's storage. */
  get storage(): TextStorage {
    return this.#options.storage;
  }

  /**
   * When the server was last heard, in milliseconds by this device's clock, once that is 5 seconds ago or more; null
   * before that and while connected.
   */
  get staleAsOfMs(): number | null {
    if (this.connection.state === 'live') return null;
    const asOfMs = this.connection.lastHeardMs ?? this.#startedMs;
    return this.clock.ms - this.clock.offsetMs - asOfMs >= STALE_AFTER_MS ? asOfMs : null;
  }

  /** The running offers of waiting lists to this user, the one that ends first in front. */
  get offers(): Booking[] {
    const isRunning = ({ holdExpiresAt }: Booking) =>
      holdExpiresAt !== null && this.clock.ms < Date.parse(holdExpiresAt);
    return this.bookings.held.filter((booking) => booking.source === 'waitlist' && isRunning(booking));
  }

  /** Loads the account and connects: to `/booking` with a session, else to `/public`. Never rejects. */
  async start(): Promise<void> {
    await this.account.load();
    this.#claimTickets();
    this.#openForAccount();
  }

  /** Closes the connection. */
  stop(): void {
    this.connection.close();
  }

  /** Ends this session, or all sessions of the account, and connects again as a signed-out visitor. */
  async signOut(everywhere: boolean): Promise<void> {
    await this.account.logout(everywhere);
    if (this.account.user === null) this.#forgetUser();
    this.accountChanged();
  }

  /**
   * Deletes this account; on success this browser forgets its data. Fails with the refusal of `DELETE /api/auth/me`.
   */
  async deleteAccount(proof: CloseAccountInput): Promise<Reply<unknown>> {
    const reply = await this.account.remove(proof);
    if (!reply.ok) return reply;
    this.#forgetUser();
    this.accountChanged();
    return reply;
  }

  /**
   * Opens an account that may hold seats before an address is known. False if the server has none for this visitor: then
   * the address is asked for first.
   */
  async holdFirst(): Promise<boolean> {
    await this.account.openProvisional();
    if (this.account.buyerId === null) return false;
    this.accountChanged();
    return true;
  }

  /** Connects again after the account changed. Of the previous account's data what was taken over stays. */
  accountChanged(): void {
    this.bookings.clear();
    this.waitlist.clear();
    for (const booking of this.account.takenOver.adopted) this.bookings.take(booking);
    const { user, sessionEndsAt } = this.account;
    if (user) this.tickets.claim(user.id, sessionEndsAt);
    this.#openForAccount();
  }

  /**
   * Creates an action for the component that calls this during its set-up. When the component goes, the attempts end;
   * the answer to the present attempt still counts.
   */
  action<I, T>(send: SendOnce<I, T>, options?: ActionOptions<I, T>): RetryableAction<I, T> {
    const action = new RetryableAction(this.#options, send, options);
    onDestroy(() => action.leave());
    return action;
  }

  /** Keeps tickets of this user in this browser, so that they can be shown without a network. */
  keepTickets(tickets: Booking[]): void {
    const { user, sessionEndsAt } = this.account;
    if (!user || tickets.length === 0) return;
    this.tickets.keep(user.id, tickets);
    this.tickets.claim(user.id, sessionEndsAt ?? new Date(this.#options.now() + SESSION_MS[user.role]).toISOString());
  }

  /** Keeps the tickets of coming events; a past one is kept only once it has been opened. */
  #keepTicketsAmong(bookings: Booking[]): void {
    const nowMs = this.clock.readMs();
    this.tickets.update(bookings);
    this.keepTickets(bookings.filter((booking) => booking.status === 'confirmed' && isComing(booking, nowMs)));
  }

  /** Drops kept tickets of another user, and those of a session that ended before its time. */
  #claimTickets(): void {
    const { user, sessionEndsAt } = this.account;
    if (user) this.tickets.claim(user.id, sessionEndsAt);
    else if (user === null) this.tickets.sessionGone();
  }

  #forgetUser(): void {
    this.tickets.clear();
    void this.push.forget();
  }

  #openForAccount(): void {
    this.connection.open(this.account.buyerId !== null ? '/booking' : '/public');
  }

  #followSession(): void {
    const { connection, account } = this;
    connection.on('welcome', ({ user }) => {
      if (user !== null) account.confirmed(user);
    });
    connection.onConnected(() => void this.#refresh());
    connection.onRefused(() => {
      if (account.provisional !== null) return void this.#reloadAccount(account.provisional.id);
      this.tickets.sessionGone();
      this.#endSession('expired');
    });
    connection.on('sessionEnded', ({ reason }) => {
      // With these two reasons the session goes on: the transport closes and the connection comes back by itself.
      if (reason === 'role_changed' || reason === 'server_closing') return;
      if (account.provisional !== null) void this.#reloadAccount(account.provisional.id);
      else if (!account.isLeaving) this.#endSession(reason);
    });
  }

  #endSession(reason: EndedSession): void {
    this.account.ended(reason);
    if (reason !== 'expired') this.#forgetUser();
    this.accountChanged();
  }

  async #refresh(): Promise<void> {
    if (this.account.user === undefined) return this.#loadAccount();
    const own = this.connection.namespace === '/booking' ? [this.bookings.load()] : [];
    // Only users wait for seats.
    if (own.length > 0 && this.account.user) own.push(this.waitlist.load());
    await Promise.all([this.#syncClock(), ...own]);
  }

  /** A provisional session has ended: its hold has, or this tab or another one is signing in. */
  async #reloadAccount(provisionalId: string): Promise<void> {
    await this.#options.sleepOrAbort(SIGN_IN_MS, new AbortController().signal);
    if (this.account.provisional?.id !== provisionalId) return;
    await this.account.load();
    if (this.account.provisional?.id === provisionalId) this.account.ended('expired');
    this.accountChanged();
  }

  /** Loads the account of a page that opened without a network. */
  async #loadAccount(): Promise<void> {
    await this.account.load();
    this.#claimTickets();
    if (this.account.buyerId !== null) this.#openForAccount();
    else await this.#syncClock();
  }

  async #syncClock(): Promise<void> {
    const askedMs = this.#options.now();
    const reply = await this.connection.call('clock', {});
    if (reply.ok) this.clock.adjust(askedMs, this.#options.now(), reply.data.serverTime);
  }
}

/** The live state in Svelte's context: set by the root layout, read by components. */
export const [getLive, setLive] = createContext<Live>();
