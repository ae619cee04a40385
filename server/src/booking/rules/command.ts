import type { Refusal } from '#shared/protocol/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { BookingState } from './state/booking-state.ts';
import type { EventState } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import type { PaymentCommand } from './payments/command.ts';
import type { WaitlistEntryState } from './waitlist/entry-state.ts';

/** A buyer asks for seats; `bookingId` and `code` are what the booking will have if it is made. */
export interface Book {
  type: 'book';
  userId: string;
  requestId: string;
  seats: number;
  /** A seat's price as the buyer saw it. */
  price: Money | null;
  bookingId: string;
  code: string;
}

/** Another party size for a hold, with the same end. */
export interface ChangeHold {
  type: 'changeHold';
  bookingId: string;
  actor: string;
  seats: number;
}

/** The buyer takes a hold that owes nothing. */
export interface Confirm {
  type: 'confirm';
  bookingId: string;
  actor: string;
}

/** `seats`: only that many of a confirmed booking. */
export interface Cancel {
  type: 'cancel';
  bookingId: string;
  actor: string;
  by: 'buyer' | 'organiser' | 'event';
  seats: number | null;
  reason: string | null;
}

/** A party comes in at the door; `seats`: all that are not in yet unless said. */
export interface CheckIn {
  type: 'checkIn';
  bookingId: string;
  actor: string;
  seats: number | null;
}

/** The clock ends a hold. */
export interface Expire {
  type: 'expire';
  bookingId: string;
}

/** A party joins the waiting list, or changes its size there. */
export interface Join {
  type: 'join';
  userId: string;
  requestId: string;
  seats: number;
  entryId: string;
}

/** A party leaves the list; while an offer stands this declines it. */
export interface Leave {
  type: 'leave';
  userId: string;
}

/** Seats that are free go to those who wait; nothing else happens in this batch. `after`: the place to go on behind. */
export interface Offer {
  type: 'offer';
  after: number;
}

/** The waiting list ends, as far as the batch has it in hand: sales are over, or the event is cancelled. */
export interface CloseWaitlist {
  type: 'closeWaitlist';
}

/** Settings to change, with instants as dates; absent ones stay. */
export type SettingsChanges = Partial<EventSettings> & { totalSeats?: number };

/** An organiser edits settings; `totalSeats` is the capacity. */
export interface Edit {
  type: 'edit';
  actor: string;
  revision: number;
  changes: SettingsChanges;
}

/** The event is called off: no sales from here on; bookings are cancelled one batch after the other. */
export interface CancelEvent {
  type: 'cancelEvent';
  actor: string;
  reason: string;
}

/** The counters are written anew from the ledger, which was counted for it; nothing else changes. */
export interface Recount {
  type: 'recount';
}

export type Command =
  | Book
  | ChangeHold
  | Confirm
  | PaymentCommand
  | Cancel
  | CheckIn
  | Expire
  | Join
  | Leave
  | Offer
  | CloseWaitlist
  | Edit
  | CancelEvent
  | Recount;

/** Exactly one per command. */
export type Outcome =
  /** `repeated`: it was so before, and nothing has changed. */
  | { ok: true; booking: BookingState; repeated?: boolean; attempt?: Attempt }
  | { ok: true; waitlistEntry: WaitlistEntryState }
  /** The event itself, or its list, is what changed. */
  | { ok: true; event: true }
  | { ok: false; error: Refusal };

/** An outcome together with its event as the batch left it; no event: there is none of that id. */
export interface CommandResult {
  outcome: Outcome;
  event: EventState | null;
}

export type LedgerEntryKind =
  | 'capacity'
  | 'booked'
  | 'held'
  | 'offered'
  | 'confirmed'
  | 'resized'
  | 'revived'
  | 'cancelled'
  | 'checkedIn'
  | 'released'
  | 'expired'
  // About money alone: no seats move.
  | 'paying'
  | 'declined'
  | 'unpaid'
  | 'settling'
  | 'mismatch'
  | 'refunding'
  | 'refunded'
  | 'recounted';

/** One line of the ledger: what happened to seats, by whom and why. */
export interface LedgerEntry {
  kind: LedgerEntryKind;
  available: number;
  held: number;
  sold: number;
  booking: BookingState | null;
  actor: string;
  reason: string | null;
}

/** Work that has to follow the commit, ordered in its transaction. What has the same key is ordered once. */
export interface NewJob {
  key: string;
  kind: string;
  payload: Record<string, unknown>;
}

/** What a batch comes to: an outcome for each command that was decided, in order, and all that has to be written. */
export interface Decision {
  outcomes: Outcome[];
  /** The event after the batch. */
  event: EventState;
  /** Whether text or settings changed. */
  edited: boolean;
  /** Whether the counters were written anew. */
  recounted: boolean;
  ledgerEntries: LedgerEntry[];
  newBookings: BookingState[];
  /** With the version each had before the batch. */
  changedBookings: { booking: BookingState; fromVersion: number }[];
  newWaitlistEntries: WaitlistEntryState[];
  /** With the version each had before the batch. */
  changedWaitlistEntries: { entry: WaitlistEntryState; fromVersion: number }[];
  /** Attempts to pay that are new or changed, with the version each had before: 0 for a new one. */
  changedAttempts: { attempt: Attempt; fromVersion: number }[];
  /** Seats gained or given back per user; empty unless `maxSeatsPerUser` is set. */
  seatsByUser: ReadonlyMap<string, number>;
  jobs: NewJob[];
  /** The list was longer than one batch can serve: go on behind this place before anything is sold. */
  offerAfter: number | null;
}
