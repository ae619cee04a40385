import type { EventSettings } from '#shared/event.ts';
import type { BookingState } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Decision, Entry, EntryKind, Outcome } from './command.ts';
import type { EventState, State } from './event-state.ts';

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
  readonly requests: Map<string, BookingState>;
  readonly liveHolds: Map<string, string>;
  event: EventState;
  readonly #state: State;
  readonly #touched = new Map<string, BookingState>();
  readonly #created = new Set<string>();
  readonly #entries: Entry[] = [];
  readonly #seatsByUser = new Map<string, number>();
  #edited = false;

  constructor(state: State, now: Date) {
    this.#state = state;
    this.now = now;
    this.event = state.event;
    this.requests = new Map(state.requests);
    this.liveHolds = new Map(state.liveHolds);
  }

  /** Whether a booking was ever made, this batch included. */
  get everBooked(): boolean {
    return this.#state.everBooked || this.#created.size > 0;
  }

  booking(id: string): BookingState | undefined {
    return this.#touched.get(id) ?? this.#state.bookings.get(id);
  }

  /** Held and confirmed seats of a user, changes of this batch included. */
  seatsOf(userId: string): number {
    return (this.#state.seatsByUser.get(userId) ?? 0) + (this.#seatsByUser.get(userId) ?? 0);
  }

  create(booking: BookingState, actor: string): void {
    this.#created.add(booking.id);
    if (booking.requestId) this.requests.set(requestKey(booking.userId, booking.requestId), booking);
    this.#apply(null, booking, { kind: booking.status === 'held' ? 'held' : 'booked', actor });
  }

  replace(before: BookingState, after: BookingState, entry: { kind: EntryKind; actor: string }): void {
    this.#apply(before, after, entry);
  }

  edit(settings: EventSettings, moved: boolean): void {
    this.#edited = true;
    const movedAt = moved ? this.now : this.event.movedAt;
    this.event = { ...this.event, settings, movedAt, revision: this.event.revision + 1 };
  }

  resize(totalSeats: number, actor: string): void {
    const available = totalSeats - this.event.counters.totalSeats;
    if (available !== 0) this.#record({ kind: 'capacity', available, held: 0, sold: 0, booking: null, actor });
  }

  finish(outcomes: Outcome[]): Decision {
    const changed = [...this.#touched.values()].filter((booking) => !this.#created.has(booking.id));
    const moved = this.#entries.length > 0;
    const version = this.event.version + (moved ? 1 : 0);
    return {
      outcomes,
      event: { ...this.event, version, holdsUntil: moved ? this.#holdsUntil() : this.event.holdsUntil },
      edited: this.#edited,
      entries: this.#entries,
      created: [...this.#touched.values()].filter((booking) => this.#created.has(booking.id)),
      changed: changed.map((booking) => ({ booking, from: this.#state.bookings.get(booking.id)?.version ?? 0 })),
      seatsByUser: this.#seatsByUser,
    };
  }

  #apply(before: BookingState | null, after: BookingState, entry: { kind: EntryKind; actor: string }): void {
    const was = taken(before);
    const is = taken(after);
    const [held, sold] = [is.held - was.held, is.sold - was.sold];
    this.#touched.set(after.id, after);
    if (after.status === 'held') this.liveHolds.set(after.userId, after.id);
    else if (before?.status === 'held') this.liveHolds.delete(after.userId);
    this.#countSeats(after.userId, held + sold);
    this.#record({ ...entry, available: -(held + sold), held, sold, booking: after });
  }

  #countSeats(userId: string, seats: number): void {
    if (this.event.settings.maxSeatsPerUser === null || seats === 0) return;
    this.#seatsByUser.set(userId, (this.#seatsByUser.get(userId) ?? 0) + seats);
  }

  #record(entry: Omit<Entry, 'reason'>): void {
    const { counters } = this.event;
    this.#entries.push({ ...entry, reason: null });
    this.event = {
      ...this.event,
      counters: {
        totalSeats: counters.totalSeats + (entry.available + entry.held + entry.sold),
        availableSeats: counters.availableSeats + entry.available,
        heldSeats: counters.heldSeats + entry.held,
        soldSeats: counters.soldSeats + entry.sold,
      },
    };
  }

  /** The latest end of a live hold after the batch. */
  #holdsUntil(): Date | null {
    let latest = this.#state.otherHoldsUntil;
    for (const id of new Set([...this.#state.bookings.keys(), ...this.#touched.keys()])) {
      const booking = this.booking(id);
      if (booking?.status === 'held' && (!latest || booking.holdExpiresAt > latest)) latest = booking.holdExpiresAt;
    }
    return latest;
  }
}
