import type { EventSettings } from '#shared/event.ts';
import type { BookingState } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Decision, Entry, EntryKind, JobOrder, Outcome } from '../command.ts';
import type { EventState, Recounted, State } from './event-state.ts';
import { Attempts } from '../payments/attempts.ts';
import { tellBatch } from '../notify.ts';
import type { WaitingState } from '../waitlist/entry-state.ts';
import { isActive } from '../waitlist/entry-state.ts';

/** Places are the version of the commit and a number within its batch: one order for every server. */
const PLACES_PER_BATCH = 1_024;

/** Why a line stands in the ledger. */
export interface Cause {
  kind: EntryKind;
  actor: string;
  reason?: string | null;
}

/** What a live booking takes from the free seats, and under which counter. */
function taken(booking: BookingState | null): { held: number; sold: number } {
  if (booking?.status === 'held') return { held: booking.seats, sold: 0 };
  if (booking?.status === 'confirmed') return { held: 0, sold: booking.seats };
  return { held: 0, sold: 0 };
}

/**
 * A batch in the making: the state with the changes of the commands decided so far laid over it.
 * The state itself is never written to, so a replay decides from the same ground.
 */
export class Work {
  readonly now: Date;
  readonly state: State;
  readonly requests: Map<string, BookingState>;
  readonly liveHolds: Map<string, string>;
  /** By `requestKey`: what joins have made. */
  readonly joins: Map<string, WaitingState>;
  /** Attempts to pay, changes of this batch included. */
  readonly money: Attempts;
  event: EventState;
  readonly #bookings = new Map<string, BookingState>();
  readonly #created = new Set<string>();
  readonly #parties = new Map<string, WaitingState>();
  readonly #joined = new Set<string>();
  readonly #stored: ReadonlyMap<string, WaitingState>;
  /** Ids of entries, by the user who waits and by the booking that is their offer. */
  readonly #byUser = new Map<string, string>();
  readonly #byBooking = new Map<string, string>();
  readonly #entries: Entry[] = [];
  readonly #seatsByUser = new Map<string, number>();
  readonly #jobs: JobOrder[] = [];
  #edited = false;
  #recounted = false;
  #places = 0;
  #offers = 0;

  constructor(state: State, now: Date) {
    this.state = state;
    this.now = now;
    this.event = state.event;
    this.requests = new Map(state.requests);
    this.liveHolds = new Map(state.liveHolds);
    this.money = new Attempts(state);
    this.joins = new Map(state.waiting.requests);
    const { named, candidates } = state.waiting;
    this.#stored = new Map([...named, ...candidates.map((entry) => [entry.id, entry] as const)]);
    for (const entry of this.#stored.values()) this.#index(entry);
  }

  /** Whether a booking was ever made, this batch included. */
  get everBooked(): boolean {
    return this.state.everBooked || this.#created.size > 0;
  }

  /** Whether this batch has set a limit of seats per user where there was none. */
  get limitIsNew(): boolean {
    return this.state.event.settings.maxSeatsPerUser === null && this.event.settings.maxSeatsPerUser !== null;
  }

  booking(id: string): BookingState | undefined {
    return this.#bookings.get(id) ?? this.state.bookings.get(id);
  }

  /** Held and confirmed seats of a user, changes of this batch included. */
  seatsOf(userId: string): number {
    return (this.state.seatsByUser.get(userId) ?? 0) + (this.#seatsByUser.get(userId) ?? 0);
  }

  create(booking: BookingState, cause: Cause): void {
    this.#created.add(booking.id);
    if (booking.requestId) this.requests.set(requestKey(booking.userId, booking.requestId), booking);
    this.#apply(null, booking, cause);
  }

  replace(before: BookingState, after: BookingState, cause: Cause): void {
    this.#apply(before, after, cause);
  }

  /** A party as it is now, changes of this batch included. */
  party(id: string | undefined): WaitingState | undefined {
    return id === undefined ? undefined : (this.#parties.get(id) ?? this.#stored.get(id));
  }

  /** The active entry of a user. */
  activeParty(userId: string): WaitingState | undefined {
    const entry = this.party(this.#byUser.get(userId));
    return entry && isActive(entry) ? entry : undefined;
  }

  /** The party whose offer this booking is. */
  partyOf(bookingId: string): WaitingState | undefined {
    return this.party(this.#byBooking.get(bookingId));
  }

  /**
   * The parties that wait, in the order of the list: the candidates, and those whom this batch put on it or moved.
   * Where the list goes on behind the candidates, only those who are not behind them.
   */
  line(): WaitingState[] {
    const { candidates, more } = this.state.waiting;
    const end = more ? (candidates.at(-1)?.place ?? 0) : Infinity;
    const ids = new Set([...candidates.map(({ id }) => id), ...this.#parties.keys()]);
    return [...ids]
      .map((id) => this.party(id))
      .filter((entry) => entry !== undefined)
      .filter((entry) => entry.status === 'waiting' && entry.place <= end)
      .sort((a, b) => a.place - b.place);
  }

  /** The id and code of the next offer's booking. */
  nextFresh(): { bookingId: string; code: string } | undefined {
    this.#offers += 1;
    return this.state.waiting.fresh[this.#offers - 1];
  }

  /** The next place at the end of the list. */
  nextPlace(): number {
    this.#places += 1;
    return (this.state.event.version + 1) * PLACES_PER_BATCH + this.#places;
  }

  join(entry: WaitingState): void {
    this.#joined.add(entry.id);
    this.#seat(null, entry);
  }

  move(before: WaitingState, after: Partial<WaitingState>): WaitingState {
    const moved = { ...before, ...after, version: before.version + 1, updatedAt: this.now };
    this.#seat(before, moved);
    return moved;
  }

  edit(settings: EventSettings, more: Partial<EventState>): void {
    this.#edited = true;
    this.event = { ...this.event, settings, ...more, revision: this.event.revision + 1 };
  }

  resize(totalSeats: number, actor: string): void {
    const available = totalSeats - this.event.counters.totalSeats;
    if (available !== 0) this.#record({ kind: 'capacity', actor }, { available, held: 0, sold: 0 }, null);
  }

  order(job: JobOrder): void {
    this.#jobs.push(job);
  }

  /** The version goes on from the ledger's last number, whatever it was. */
  recount({ counters, seq, waitingCount }: Recounted, reason: string): void {
    this.#recounted = true;
    this.event = { ...this.event, counters, waitingCount, version: seq };
    this.#record({ kind: 'recounted', actor: 'system', reason }, { available: 0, held: 0, sold: 0 }, null);
  }

  finish(outcomes: Outcome[], offerAfter: number | null): Decision {
    const changed = [...this.#bookings.values()].filter((booking) => !this.#created.has(booking.id));
    const moved = [...this.#parties.values()].filter((entry) => !this.#joined.has(entry.id));
    // A party that comes and goes in one batch counts too: its place belongs to this version alone.
    const counted = this.#entries.length > 0 || this.#parties.size > 0;
    const version = this.event.version + (counted ? 1 : 0);
    return {
      outcomes,
      offerAfter,
      event: { ...this.event, version, holdsUntil: counted ? this.#holdsUntil() : this.event.holdsUntil },
      edited: this.#edited,
      recounted: this.#recounted,
      entries: this.#entries,
      created: [...this.#bookings.values()].filter((booking) => this.#created.has(booking.id)),
      changed: changed.map((booking) => ({ booking, from: this.state.bookings.get(booking.id)?.version ?? 0 })),
      joined: [...this.#parties.values()].filter((entry) => this.#joined.has(entry.id)),
      moved: moved.map((entry) => ({ entry, from: this.#stored.get(entry.id)?.version ?? 0 })),
      attempts: this.money.changed(),
      seatsByUser: this.#seatsByUser,
      jobs: [...this.#jobs, ...tellBatch(this.event.id, version, this.#entries)],
    };
  }

  #index(entry: WaitingState): void {
    if (isActive(entry)) this.#byUser.set(entry.userId, entry.id);
    if (entry.bookingId) this.#byBooking.set(entry.bookingId, entry.id);
  }

  #seat(before: WaitingState | null, after: WaitingState): void {
    this.#parties.set(after.id, after);
    this.#index(after);
    for (const { requestId } of after.requests) this.joins.set(requestKey(after.userId, requestId), after);
    const change = Number(after.status === 'waiting') - Number(before?.status === 'waiting');
    this.event = { ...this.event, waitingCount: this.event.waitingCount + change };
  }

  #apply(before: BookingState | null, after: BookingState, cause: Cause): void {
    const was = taken(before);
    const is = taken(after);
    const [held, sold] = [is.held - was.held, is.sold - was.sold];
    this.#bookings.set(after.id, after);
    if (after.status === 'held') this.liveHolds.set(after.userId, after.id);
    else if (before?.status === 'held') this.liveHolds.delete(after.userId);
    this.#countSeats(after.userId, held + sold);
    this.#record(cause, { available: 0 - (held + sold), held, sold }, after);
  }

  #countSeats(userId: string, seats: number): void {
    if (this.event.settings.maxSeatsPerUser === null || seats === 0) return;
    this.#seatsByUser.set(userId, (this.#seatsByUser.get(userId) ?? 0) + seats);
  }

  #record(cause: Cause, change: Pick<Entry, 'available' | 'held' | 'sold'>, booking: BookingState | null): void {
    const { counters } = this.event;
    this.#entries.push({ kind: cause.kind, actor: cause.actor, reason: cause.reason ?? null, ...change, booking });
    this.event = {
      ...this.event,
      counters: {
        totalSeats: counters.totalSeats + (change.available + change.held + change.sold),
        availableSeats: counters.availableSeats + change.available,
        heldSeats: counters.heldSeats + change.held,
        soldSeats: counters.soldSeats + change.sold,
      },
    };
  }

  /** The latest end of a live hold after the batch. */
  #holdsUntil(): Date | null {
    let latest = this.state.otherHoldsUntil;
    for (const id of new Set([...this.state.bookings.keys(), ...this.#bookings.keys()])) {
      const booking = this.booking(id);
      if (booking?.status === 'held' && (!latest || booking.holdExpiresAt > latest)) latest = booking.holdExpiresAt;
    }
    return latest;
  }
}
