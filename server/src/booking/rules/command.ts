import type { Refusal } from '#shared/errors.ts';
import type { EventSettings } from '#shared/event.ts';
import type { Money } from '#shared/primitives.ts';
import type { BookingState } from './booking-state.ts';
import type { EventState } from './event-state.ts';

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

/** `seats`: only that many of a confirmed booking. */
export interface Cancel {
  type: 'cancel';
  bookingId: string;
  actor: string;
  by: 'buyer' | 'organiser';
  seats: number | null;
}

/** The clock ends a hold. */
export interface Expire {
  type: 'expire';
  bookingId: string;
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

export type Command = Book | Cancel | Expire | Edit;

/** Exactly one per command. */
export type Outcome =
  | { ok: true; booking: BookingState }
  /** An edit: the event itself is what changed. */
  | { ok: true; booking: null }
  | { ok: false; error: Refusal };

/** An outcome together with its event as the batch left it; no event: there is none of that id. */
export interface Settled {
  outcome: Outcome;
  event: EventState | null;
}

export type EntryKind = 'capacity' | 'booked' | 'held' | 'cancelled' | 'released' | 'expired';

/** One line of the ledger: what happened to seats, by whom and why. */
export interface Entry {
  kind: EntryKind;
  available: number;
  held: number;
  sold: number;
  booking: BookingState | null;
  actor: string;
  reason: string | null;
}

/** What a batch comes to: an outcome for each command, and all that has to be written. */
export interface Decision {
  outcomes: Outcome[];
  /** The event after the batch. */
  event: EventState;
  /** Whether text or settings changed. */
  edited: boolean;
  entries: Entry[];
  created: BookingState[];
  /** With the version each had before the batch. */
  changed: { booking: BookingState; from: number }[];
  /** Seats gained or given back per user; empty unless `maxSeatsPerUser` is set. */
  seatsByUser: ReadonlyMap<string, number>;
}
