import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { LedgerEntryKind } from '#server/booking/rules/state/ledger-entry.ts';
import type { TicketTypeState } from '#server/booking/rules/state/event-state.ts';
import type { TicketTypeCount } from '#server/booking/rules/tickets/counts.ts';
import type { BookingDoc } from './booking.ts';
import { ticketsBefore } from './booking.ts';
import type { EventDoc } from './event.ts';

/** The rules' kinds of entries, and `created`, the first entry of an event. */
export type LedgerKind = 'created' | LedgerEntryKind;

/** Fields that most bookings lack. Left out of the ledger, because every booking passes through the database in it. */
const ABSENT = {
  holdExpiresAt: null,
  settling: false,
  payment: null,
  ended: null,
  checkedInSeats: 0,
  requested: null,
} as const satisfies Partial<BookingDoc>;

type Absent = keyof typeof ABSENT;

/**
 * A booking in the ledger: without `eventId`, which the document holds, and without absent fields. Entries from before
 * version 2 have `price`, a seat's, instead of `tickets`: read them by `fromLedgerBooking`.
 */
export type LedgerBooking = Omit<BookingDoc, Absent | 'eventId'> & Partial<Pick<BookingDoc, Absent>>;

/** One change: its kind, the deltas of the counters, the booking after it, the actor and the reason. */
export interface LedgerEntryDoc {
  kind: LedgerKind;
  /** Deltas of the event's counters. */
  available: number;
  held: number;
  sold: number;
  /** The booking after the change; `null` for a change of capacity. */
  booking: LedgerBooking | null;
  /** A user's id, or `system`. */
  actor: Types.ObjectId | 'system';
  reason: string | null;
}

/** The fields of the event that the feed needs to push a booking without reading the event. */
export type LedgerEvent = Pick<
  EventDoc,
  | 'title'
  | 'venue'
  | 'timeZone'
  | 'startsAt'
  | 'endsAt'
  | 'status'
  | 'cancelReason'
  | 'cancelBeforeHours'
  | 'movedAt'
  | 'moves'
  | 'sample'
> &
  Partial<Pick<EventDoc, 'address' | 'doorsAt' | 'minAge' | 'accessInfo' | 'image'>> & {
    /** For the names of a booking's line items; documents from before version 2 lack them. */
    ticketTypes?: readonly Pick<TicketTypeState, 'id' | 'name'>[];
  };

/** The counters after the batch, as in `Availability`. */
export type LedgerAvailability = Pick<
  EventDoc,
  'totalSeats' | 'availableSeats' | 'heldSeats' | 'soldSeats' | 'waitingCount' | 'holdsUntil'
> & {
  /** Of each ticket type in stored order; absent where the event has one type, without a limit. */
  tickets?: TicketTypeCount[];
};

/** One document per committed batch: the immutable audit trail, and the source of every push of seats. */
export interface LedgerDoc {
  _id: Types.ObjectId;
  eventId: Types.ObjectId;
  /** The event's version after this batch. */
  seq: number;
  at: Date;
  availability: LedgerAvailability;
  event: LedgerEvent;
  entries: LedgerEntryDoc[];
}

export const ledgerSchema = new Schema<LedgerDoc>(
  {
    eventId: { type: Schema.Types.ObjectId, required: true },
    seq: { type: Number, required: true },
    at: { type: Date, required: true },
    availability: { type: Schema.Types.Mixed, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    entries: { type: Schema.Types.Mixed, required: true },
  },
  { collection: 'ledger', versionKey: false, autoIndex: false, autoCreate: false },
);

ledgerSchema.index({ eventId: 1, seq: 1 }, { unique: true });

const MAY_BE_ABSENT = Object.keys(ABSENT).filter((name) => name !== 'requested') as Exclude<Absent, 'requested'>[];

/** Only adds fields: V8 makes an object with a deleted property slow, and every booking passes here. */
export function toLedgerBooking(doc: BookingDoc): LedgerBooking {
  const { _id, version, code, userId, seats, tickets, status, source, requestId, createdAt, updatedAt } = doc;
  const kept: LedgerBooking = {
    _id,
    version,
    code,
    userId,
    seats,
    tickets,
    status,
    source,
    requestId,
    createdAt,
    updatedAt,
  };
  for (const name of MAY_BE_ABSENT) if (doc[name] !== ABSENT[name]) Object.assign(kept, { [name]: doc[name] });
  if (doc.movesSeenAt) kept.movesSeenAt = doc.movesSeenAt;
  if (doc.reasons) kept.reasons = doc.reasons;
  if (doc.cancelledParts) kept.cancelledParts = doc.cancelledParts;
  if (doc.checkedInAt) kept.checkedInAt = doc.checkedInAt;
  if (doc.personalTickets) kept.personalTickets = doc.personalTickets;
  if (doc.voucher) kept.voucher = doc.voucher;
  if (doc.provisional) kept.provisional = doc.provisional;
  if (doc.adoptedFrom) kept.adoptedFrom = doc.adoptedFrom;
  return kept;
}

/** The booking without `requested`, which the ledger does not hold. */
export function fromLedgerBooking(eventId: Types.ObjectId, booking: LedgerBooking): BookingDoc {
  const doc = { ...ABSENT, ...booking, eventId };
  // Mongoose's own type of the field is never absent, that of an old ledger entry is.
  doc.tickets ??= ticketsBefore(booking);
  return doc;
}
