import type { ProviderName } from '#shared/checkout.ts';
import type { EventSettings } from '#shared/event.ts';
import type { BookingState } from './booking-state.ts';
import { requestKey } from './booking-state.ts';
import type { Decision, NewJob, Outcome } from '../command.ts';
import type { Cause, LedgerEntry } from './ledger-entry.ts';
import { withMove } from './event-moves.ts';
import type { BatchState, EventState, Recounted, TimeAndVenue } from './event-state.ts';
import { countedTypes, provisionalSeatsIn, seatsTaken } from './seats-taken.ts';
import { AttemptsDraft } from '../payments/attempts-draft.ts';
import { notificationJobs } from '../notify.ts';
import { VouchersDraft } from '../vouchers/vouchers-draft.ts';
import type { WaitlistEntryState } from '../waitlist/entry-state.ts';
import { WaitlistDraft } from '../waitlist/waitlist-draft.ts';

const NO_TICKETS = { held: 0, sold: 0 };

type SeatChange = Pick<LedgerEntry, 'available' | 'held' | 'sold'>;

/**
 * The state being decided: the loaded state, and over it the changes of the batch's commands decided so far. The loaded
 * state is never written to, so that a replay of the batch decides from the same state.
 */
export class BatchDraft {
  readonly now: Date;
  readonly provider: ProviderName | null;
  readonly state: BatchState;
  /** By `requestKey`: the booking that each request made, this batch included. */
  readonly requests: Map<string, BookingState>;
  /** By `changeRequestKey`: the booking that each request changed, this batch included. */
  readonly changeRequests: Map<string, BookingState>;
  /** By user: the id of the user's live hold, this batch included. */
  readonly liveHolds: Map<string, string>;
  /** Payment attempts, changes of this batch included. */
  readonly attempts: AttemptsDraft;
  /** The waiting list, changes of this batch included. */
  readonly waitlist: WaitlistDraft;
  /** The vouchers with their uses, changes of this batch included. */
  readonly vouchers: VouchersDraft;
  event: EventState;
  /** Seats that provisional accounts hold, changes of this batch included. */
  provisionalSeats: number;
  readonly #bookings = new Map<string, BookingState>();
  readonly #newBookingIds = new Set<string>();
  readonly #ledgerEntries: LedgerEntry[] = [];
  readonly #seatsByUser = new Map<string, number>();
  readonly #jobs: NewJob[] = [];
  #edited = false;
  #recounted = false;

  constructor(state: BatchState, now: Date, provider: ProviderName | null = null) {
    this.state = state;
    this.now = now;
    this.provider = provider;
    this.event = state.event;
    this.provisionalSeats = state.provisionalSeats;
    this.requests = new Map(state.requests);
    this.changeRequests = new Map(state.changeRequests);
    this.liveHolds = new Map(state.liveHolds);
    this.attempts = new AttemptsDraft(state);
    this.waitlist = new WaitlistDraft(state);
    this.vouchers = new VouchersDraft(state.vouchers);
  }

  /** Whether a booking was ever made on the event, this batch included. */
  get everBooked(): boolean {
    return this.state.everBooked || this.#newBookingIds.size > 0;
  }

  /** Whether this batch has set a limit of seats per user where there was none. */
  get isUserLimitNew(): boolean {
    return this.state.event.settings.maxSeatsPerUser === null && this.event.settings.maxSeatsPerUser !== null;
  }

  /** A booking that the batch's commands name, changes of this batch included. */
  booking(id: string): BookingState | undefined {
    return this.#bookings.get(id) ?? this.state.bookings.get(id);
  }

  /**
   * Held and confirmed seats of a user, changes of this batch included; 0 for all where the event has no limit per
   * user.
   */
  seatsOf(userId: string): number {
    return (this.state.seatsByUser.get(userId) ?? 0) + (this.#seatsByUser.get(userId) ?? 0);
  }

  addBooking(booking: BookingState, cause: Cause): void {
    this.#newBookingIds.add(booking.id);
    this.#putBooking(null, booking, cause);
  }

  changeBooking(before: BookingState, after: BookingState, cause: Cause): void {
    this.#putBooking(before, after, cause);
  }

  addWaitlistEntry(entry: WaitlistEntryState): void {
    this.#putWaitlistEntry(null, entry);
  }

  /** The changed waitlist entry, one version on. */
  changeWaitlistEntry(before: WaitlistEntryState, changes: Partial<WaitlistEntryState>): WaitlistEntryState {
    const after = { ...before, ...changes, version: before.version + 1, updatedAt: this.now };
    this.#putWaitlistEntry(before, after);
    return after;
  }

  /** New settings, one revision on; `more` are fields of the event beside its settings. */
  editSettings(settings: EventSettings, more: Partial<EventState>): void {
    this.#edited = true;
    this.event = { ...this.event, settings, ...more, revision: this.event.revision + 1 };
  }

  /** Adds a move to the event: `before` is what its buyers knew until now. */
  noteMove(before: TimeAndVenue): void {
    this.event = { ...this.event, moves: withMove(this.event.moves, before, this.now) };
  }

  changeCapacity(totalSeats: number, actor: string): void {
    const available = totalSeats - this.event.counters.totalSeats;
    if (available !== 0) this.#addLedgerEntry({ kind: 'capacity', actor }, { available, held: 0, sold: 0 }, null);
  }

  addJob(job: NewJob): void {
    this.#jobs.push(job);
  }

  /** Counters as the ledger has them; the version continues from the ledger's last number, whatever the event says. */
  replaceCounters({ counters, tickets, vouchers, seq, waitingCount }: Recounted, reason: string): void {
    this.#recounted = true;
    this.vouchers.replace(vouchers);
    const ticketTypes = this.event.ticketTypes.map((type) => ({ ...type, ...(tickets.get(type.id) ?? NO_TICKETS) }));
    this.event = { ...this.event, counters, ticketTypes, waitingCount, version: seq };
    this.#addLedgerEntry({ kind: 'recounted', actor: 'system', reason }, { available: 0, held: 0, sold: 0 }, null);
  }

  finish(outcomes: Outcome[], offerAfter: number | null): Decision {
    const bookings = [...this.#bookings.values()];
    const { newWaitlistEntries, changedWaitlistEntries } = this.waitlist.changes();
    // An entry that is added and leaves in one batch counts too: its sort key belongs to this version alone.
    const isCounted = this.#ledgerEntries.length > 0 || this.waitlist.isChanged;
    const version = this.event.version + (isCounted ? 1 : 0);
    return {
      outcomes,
      offerAfter,
      event: { ...this.event, version, holdsUntil: isCounted ? this.#holdsUntil() : this.event.holdsUntil },
      edited: this.#edited,
      recounted: this.#recounted,
      ledgerEntries: this.#ledgerEntries,
      newBookings: bookings.filter(({ id }) => this.#newBookingIds.has(id)),
      changedBookings: bookings
        .filter(({ id }) => !this.#newBookingIds.has(id))
        .map((booking) => ({ booking, fromVersion: this.state.bookings.get(booking.id)?.version ?? 0 })),
      newWaitlistEntries,
      changedWaitlistEntries,
      changedAttempts: this.attempts.changed(),
      changedVouchers: this.vouchers.changed(),
      jobs: [...this.#jobs, ...notificationJobs(this.event.id, version, this.#ledgerEntries)],
    };
  }

  #putWaitlistEntry(before: WaitlistEntryState | null, after: WaitlistEntryState): void {
    this.waitlist.put(after);
    const change = Number(after.status === 'waiting') - Number(before?.status === 'waiting');
    this.event = { ...this.event, waitingCount: this.event.waitingCount + change };
  }

  #putBooking(before: BookingState | null, after: BookingState, cause: Cause): void {
    const was = seatsTaken(before);
    const is = seatsTaken(after);
    const [held, sold] = [is.held - was.held, is.sold - was.sold];
    this.#bookings.set(after.id, after);
    for (const { key } of after.changeRequests) this.changeRequests.set(key, after);
    if (before?.status === 'held') this.liveHolds.delete(before.userId);
    if (after.status === 'held') this.liveHolds.set(after.userId, after.id);
    if (before) this.#countUserSeats(before.userId, -(was.held + was.sold));
    this.#countUserSeats(after.userId, is.held + is.sold);
    this.provisionalSeats += provisionalSeatsIn(after) - provisionalSeatsIn(before);
    if (after.requestId) this.requests.set(requestKey(after.userId, after.requestId), after);
    this.event = { ...this.event, ticketTypes: countedTypes(this.event.ticketTypes, before, after) };
    this.vouchers.countBooking(before, after);
    this.#addLedgerEntry(cause, { available: 0 - (held + sold), held, sold }, after);
  }

  #countUserSeats(userId: string, seats: number): void {
    if (this.event.settings.maxSeatsPerUser === null || seats === 0) return;
    this.#seatsByUser.set(userId, (this.#seatsByUser.get(userId) ?? 0) + seats);
  }

  #addLedgerEntry(cause: Cause, change: SeatChange, booking: BookingState | null): void {
    const { counters } = this.event;
    this.#ledgerEntries.push({
      kind: cause.kind,
      actor: cause.actor,
      reason: cause.reason ?? null,
      ...change,
      booking,
    });
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
