import type { Refusal } from '#shared/protocol/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { ImageCaption } from '#shared/images/event-image.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import type { BookingState, HoldChange, PersonalTicketId, Requested } from './state/booking-state.ts';
import type { LedgerEntry } from './state/ledger-entry.ts';
import type { EventState, StoredImage, TicketTypeState } from './state/event-state.ts';
import type { Attempt } from './payments/attempt.ts';
import type { PaymentCommand } from './payments/command.ts';
import type { PersonalTicketCommand } from './tickets/personal-command.ts';
import type { ChangedVoucher } from './vouchers/voucher-state.ts';
import type { JoinRequested, WaitlistEntryState } from './waitlist/entry-state.ts';

// In all commands: `actor` is a user's id, or `system`; ids are 24 hexadecimal digits, amounts are minor units.

/** A buyer books tickets; `bookingId` and `code` are for the booking if it is made. */
export type Book = Requested & {
  type: 'book';
  userId: string;
  requestId: string;
  bookingId: string;
  code: string;
  /** The buyer is a provisional account, whose address is not known yet. */
  isProvisional?: true;
};

/** A provisional account's hold gets its owner; ids of accounts. */
export interface AdoptHold {
  type: 'adoptHold';
  bookingId: string;
  /** The provisional account that made the hold. */
  from: string;
  /** The account whose address was proved; the same id where the provisional account has become it. */
  userId: string;
}

/** A hold gets other tickets, with the same end. */
export type ChangeHold = HoldChange & {
  type: 'changeHold';
  bookingId: string;
  actor: string;
};

/** The buyer confirms a hold that owes nothing. */
export interface Confirm {
  type: 'confirm';
  bookingId: string;
  actor: string;
}

/** A booking is cancelled, or a hold released. */
export interface Cancel {
  type: 'cancel';
  bookingId: string;
  actor: string;
  by: 'buyer' | 'organiser' | 'event';
  /** Null: a repeat with a number of seats or tickets cancels as many again. */
  requestId: string | null;
  /** How many seats of a confirmed booking; null: all of them, or `tickets`. */
  seats: number | null;
  /** Which tickets of a confirmed booking; absent: by `seats`. */
  tickets?: readonly TicketCount[];
  reason: string | null;
}

/** Attendees of a booking enter the venue. */
export interface CheckIn {
  type: 'checkIn';
  bookingId: string;
  actor: string;
  /** Null: a repeat with a number of seats checks in as many again. */
  requestId: string | null;
  /** Null: all seats that are not checked in yet. */
  seats: number | null;
  /** The seat whose own ticket was scanned; absent for the ticket of the whole booking. */
  personal?: PersonalTicketId;
}

/** A hold ends by the clock; nothing changes if its time is not up. */
export interface Expire {
  type: 'expire';
  bookingId: string;
}

/** A user joins the waiting list, or changes the tickets there; `entryId` is for the entry if it is made. */
export type Join = JoinRequested & {
  type: 'join';
  userId: string;
  requestId: string;
  entryId: string;
};

/** A user leaves the waiting list; an offer that stands is declined by this. */
export interface Leave {
  type: 'leave';
  userId: string;
}

/** Free seats are offered to the waiting list. */
interface Offer {
  type: 'offer';
  /** Sort key (`place`) of the entry to continue behind; 0: from the head of the list. */
  after: number;
}

/** The waiting list ends, as far as one batch can load it: sales are over, or the event is cancelled. */
export interface CloseWaitlist {
  type: 'closeWaitlist';
}

/** A ticket type as an organiser sets it; `id` names an existing one. */
export type TicketTypeSettings = Omit<TicketTypeState, 'id' | 'archived' | 'held' | 'sold' | 'booked'> & {
  id?: string;
};

/**
 * New settings; absent ones stay. `totalSeats` is the capacity, `ticketTypes` the whole list, `price` that of the only
 * ticket type.
 */
export type SettingsChanges = Partial<EventSettings> & {
  totalSeats?: number;
  ticketTypes?: readonly TicketTypeSettings[];
};

/** An organiser edits an event that is at `revision`. */
export interface Edit {
  type: 'edit';
  actor: string;
  revision: number;
  changes: SettingsChanges;
  /**
   * Set only by the server when it re-dates a sample event: the event's version at which no visitor had booked it. The
   * edit is refused if that version has changed; it may move the event into the past, because one sample is running.
   */
  ofSample?: { version: number };
}

/** An organiser gives the event an image, or another caption to the one that it has, or takes it away. */
export interface ChangeImage {
  type: 'changeImage';
  actor: string;
  /** Null: no image. Without the stored one: a caption for the present image. */
  image: (ImageCaption & Partial<StoredImage>) | null;
}

/** An organiser cancels the event: sales end at once, a job cancels the bookings one batch after the other. */
export interface CancelEvent {
  type: 'cancelEvent';
  actor: string;
  reason: string;
}

/** The buyer has seen that the event moved, up to the move at this time. */
export interface AcknowledgeMove {
  type: 'acknowledgeMove';
  bookingId: string;
  actor: string;
  at: Date;
}

/** The counters are rewritten from the ledger, which the load of this batch has counted. */
export interface Recount {
  type: 'recount';
}

export type Command =
  | Book
  | AdoptHold
  | ChangeHold
  | Confirm
  | PaymentCommand
  | Cancel
  | CheckIn
  | PersonalTicketCommand
  | Expire
  | Join
  | Leave
  | Offer
  | CloseWaitlist
  | Edit
  | ChangeImage
  | CancelEvent
  | AcknowledgeMove
  | Recount;

/** What a command came to: exactly one per command. */
export type Outcome =
  /** `repeated`: the booking was like this before, and nothing has changed. */
  | { ok: true; booking: BookingState; repeated?: boolean; attempt?: Attempt }
  | { ok: true; waitlistEntry: WaitlistEntryState }
  /** The event itself, or its waiting list, is what changed. */
  | { ok: true; event: true }
  | { ok: false; error: Refusal };

/** An outcome, and the event as the batch left it; null if no event has the id. */
export interface CommandResult {
  outcome: Outcome;
  event: EventState | null;
}

/** Work that must follow the commit, stored once per key: with it, or after it (`isAddedAfterCommit`). */
export interface NewJob {
  key: string;
  kind: string;
  payload: Record<string, unknown>;
}

/** The result of a batch: one outcome for each command that was decided, in order, and all that has to be written. */
export interface Decision {
  outcomes: Outcome[];
  /** The event after the batch. */
  event: EventState;
  /** Whether text or settings changed. */
  edited: boolean;
  /** Whether the counters were rewritten from the ledger. */
  recounted: boolean;
  ledgerEntries: LedgerEntry[];
  newBookings: BookingState[];
  /** With the version before the batch. */
  changedBookings: { booking: BookingState; fromVersion: number }[];
  newWaitlistEntries: WaitlistEntryState[];
  /** With the version before the batch. */
  changedWaitlistEntries: { entry: WaitlistEntryState; fromVersion: number }[];
  /** New and changed attempts to pay, with the version before the batch: 0 for a new one. */
  changedAttempts: { attempt: Attempt; fromVersion: number }[];
  /** Vouchers whose counts of uses have changed. */
  changedVouchers: ChangedVoucher[];
  jobs: NewJob[];
  /**
   * If the waiting list is longer than one batch can serve: the sort key (`place`) to continue behind, before any sale.
   */
  offerAfter: number | null;
}
