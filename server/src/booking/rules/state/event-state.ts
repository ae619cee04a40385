import type { Cancellation, EventSettings, SeatCounters } from '#shared/event.ts';
import type { BookingState } from './booking-state.ts';
import type { Attempt, Refund } from '../payments/attempt.ts';
import type { WaitlistEntryState } from '../waitlist/entry-state.ts';

/** An event as the rules see it: settings, counters and how often each has changed. */
export interface EventState {
  id: string;
  settings: EventSettings;
  counters: SeatCounters;
  /** Counts inventory commits. */
  version: number;
  /** Counts edits of text and settings. */
  revision: number;
  waitingCount: number;
  /** The latest end of a live hold. */
  holdsUntil: Date | null;
  cancelReason: string | null;
  /** The last change of time or venue. */
  movedAt: Date | null;
}

/** Parties that wait, as far as a batch needs them. */
export interface WaitlistState {
  /** By id: those that a command or a named booking is about. */
  named: ReadonlyMap<string, WaitlistEntryState>;
  /** By `requestKey`: what the batch's joins have already made, on any event. */
  requests: ReadonlyMap<string, WaitlistEntryState>;
  /** Waiting parties that may fit the seats of this batch, in the order of the list. */
  candidates: readonly WaitlistEntryState[];
  /** Whether the list goes on behind the last candidate. */
  hasMore: boolean;
  /** Whether the list was just offered what was free, to its end: nobody is before the commands any more. */
  isServed: boolean;
  /** Ids and codes for the bookings that offers make: one for each candidate and each join. */
  offerIds: readonly { bookingId: string; code: string }[];
}

export const EMPTY_WAITLIST: WaitlistState = {
  named: new Map(),
  requests: new Map(),
  candidates: [],
  hasMore: false,
  isServed: false,
  offerIds: [],
};

/** What an event's counters have to be, counted anew. */
export interface Recounted {
  /** The sums of the ledger. */
  counters: SeatCounters;
  /** The last number of the ledger, from which the version goes on. */
  seq: number;
  waitingCount: number;
}

/** Everything `decide` may look at: the event, and of its bookings only what the commands of the batch name. */
export interface BatchState {
  event: EventState;
  /** By id: those that a command names. */
  bookings: ReadonlyMap<string, BookingState>;
  /** By `requestKey`: what the batch's requests have already made, on any event. */
  requests: ReadonlyMap<string, BookingState>;
  /** By user: the live hold of each of the batch's buyers and candidates. */
  liveHolds: ReadonlyMap<string, string>;
  /** By user: held and confirmed seats; filled only where `maxSeatsPerUser` is set. */
  seatsByUser: ReadonlyMap<string, number>;
  /** By booking, first to last: the attempts to pay for those that are in `bookings`. */
  attempts: ReadonlyMap<string, readonly Attempt[]>;
  /** By `refundRequest`: what the batch's organisers have asked for before, on any event. */
  refundRequests: ReadonlyMap<string, { attempt: Attempt; refund: Refund }>;
  /** The latest end among live holds that are not in `bookings`. */
  otherHoldsUntil: Date | null;
  /** Whether a booking was ever made; known only when the batch holds an edit. */
  everBooked: boolean;
  /** What calling the event off takes back; known only when the batch holds that. */
  cancellation?: Cancellation;
  /** Known only when the batch holds a recount, and the ledger is whole. */
  recounted?: Recounted;
  waitlist: WaitlistState;
}

/** When sales close: an unset time follows the start. */
export function salesCloseAt(settings: EventSettings): Date {
  return settings.salesCloseAt ?? settings.startsAt;
}
