import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { BookingStatus } from '#shared/booking.ts';
import type {
  CancelledPart,
  ChangeRequest,
  LineItem,
  PersonalTicketState,
  Requested,
  StatedReason,
  UsedVoucher,
} from '#server/booking/rules/state/booking-state.ts';
import { FIRST_TYPE } from '#server/booking/rules/state/event-state.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { fillDefaults } from './defaults.ts';

/** A booking in its current state; each change raises `version`. */
export interface BookingDoc {
  _id: Types.ObjectId;
  version: number;
  code: string;
  eventId: Types.ObjectId;
  userId: Types.ObjectId;
  /** The sum of the line items' seats. */
  seats: number;
  /** What was booked, a line for each ticket type; a document from before version 2 has `price`, a seat's, instead. */
  tickets: LineItem[];
  /** Absent without one. */
  voucher?: UsedVoucher;
  /** Held by an account without a proved address; absent for all others, and once an account has taken it over. */
  provisional?: true;
  /** The provisional account that made a hold which another account has taken over; absent for all others. */
  adoptedFrom?: Types.ObjectId;
  status: BookingStatus;
  source: 'direct' | 'waitlist';
  /** Set while the booking is held; an expired booking keeps it. */
  holdExpiresAt: Date | null;
  /** Whether a payment is being settled; the hold does not expire meanwhile. */
  settling: boolean;
  payment: {
    status: 'pending' | 'succeeded' | 'failed' | 'refunding' | 'refunded';
    provider: string;
    amount: number;
    refundedAmount: number;
    currency: string;
    processing?: true;
    disputed?: true;
  } | null;
  ended: { by: 'buyer' | 'organiser' | 'event' | 'time'; reason: string | null; at: Date } | null;
  checkedInSeats: number;
  /** When seats were last checked in; absent if none were, or by a version that did not note it. */
  checkedInAt?: Date;
  /** Of the seats whose own ticket was sent, revoked or scanned; absent if none was. */
  personalTickets?: PersonalTicketState[];
  /** `null` for an offer from the waiting list. */
  requestId: string | null;
  /** The input of the first request, which distinguishes a repeat from a reuse of its request id. */
  requested: Requested | null;
  /** Requests that cancelled seats or checked some in, by which a repeat is recognised; absent if there are none. */
  changeRequests?: ChangeRequest[];
  /** The time up to which the buyer has seen the event's moves; absent if none were. */
  movesSeenAt?: Date;
  /** Why organisers refunded or cancelled a part; absent if none did. */
  reasons?: StatedReason[];
  /** What was cancelled while other tickets stayed, oldest first; absent if nothing was. */
  cancelledParts?: CancelledPart[];
  createdAt: Date;
  updatedAt: Date;
}

export const bookingSchema = new Schema<BookingDoc>(
  {
    version: { type: Number, required: true },
    code: { type: String, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    seats: { type: Number, required: true },
    tickets: { type: Schema.Types.Mixed, default: undefined },
    voucher: { type: Schema.Types.Mixed, default: undefined },
    provisional: { type: Boolean, default: undefined },
    adoptedFrom: { type: Schema.Types.ObjectId, default: undefined },
    status: { type: String, required: true },
    source: { type: String, required: true, default: 'direct' },
    holdExpiresAt: { type: Date, default: null },
    settling: { type: Boolean, default: false },
    payment: { type: Schema.Types.Mixed, default: null },
    ended: { type: Schema.Types.Mixed, default: null },
    checkedInSeats: { type: Number, default: 0 },
    checkedInAt: { type: Date, default: undefined },
    personalTickets: { type: Schema.Types.Mixed, default: undefined },
    requestId: { type: String, default: null },
    requested: { type: Schema.Types.Mixed, default: null },
    movesSeenAt: { type: Date, default: undefined },
    reasons: { type: Schema.Types.Mixed, default: undefined },
    cancelledParts: { type: Schema.Types.Mixed, default: undefined },
    changeRequests: { type: Schema.Types.Mixed, default: undefined },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'bookings', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Completes a booking that was stored by an earlier version. */
export const completeBooking = fillDefaults(bookingSchema, { tickets: ticketsBefore });

/** The one line item of a booking from before version 2. */
export function ticketsBefore({ seats, price }: { seats: number; price?: Money }): LineItem[] {
  return price ? [{ type: FIRST_TYPE, count: seats, price, seats: 1 }] : [];
}

// Idempotency. `requestId` comes first, so that `$in` over a batch's request ids costs one seek each.
bookingSchema.index(
  { requestId: 1, userId: 1 },
  { unique: true, partialFilterExpression: { requestId: { $type: 'string' } } },
);
bookingSchema.index(
  { 'changeRequests.key': 1 },
  { unique: true, partialFilterExpression: { 'changeRequests.key': { $type: 'string' } } },
);
bookingSchema.index({ code: 1 }, { unique: true });
// A user's bookings, newest first: `_id` begins with its creation time.
bookingSchema.index({ userId: 1, _id: -1 });
// An event's bookings of one status, newest first; or of all statuses, if the query names each.
bookingSchema.index({ eventId: 1, status: 1, _id: -1 });
// Live holds only: the buyers who hold seats of an event, and the next hold to expire.
bookingSchema.index({ eventId: 1, userId: 1 }, { partialFilterExpression: { status: 'held' }, name: 'live_holds' });
bookingSchema.index(
  { eventId: 1, holdExpiresAt: -1 },
  { partialFilterExpression: { status: 'held' }, name: 'latest_hold' },
);
bookingSchema.index({ holdExpiresAt: 1 }, { partialFilterExpression: { status: 'held' }, name: 'next_expiry' });

/** The name of the index of holds by provisional accounts: few, as they may hold a tenth of an event. */
export const PROVISIONAL_HOLDS = 'provisional_holds';
bookingSchema.index(
  { eventId: 1 },
  { partialFilterExpression: { status: 'held', provisional: true }, name: PROVISIONAL_HOLDS },
);

/** The seats that were checked in by their own tickets. */
const PERSONALLY_INSIDE = {
  $size: {
    $filter: {
      input: { $ifNull: ['$personalTickets', []] },
      cond: { $eq: [{ $type: '$$this.checkedInAt' }, 'date'] },
    },
  },
};

/** The database refuses more people inside than a booking has seats, even if our code is wrong. */
export const bookingValidator = {
  $jsonSchema: {
    required: ['version', 'code', 'eventId', 'userId', 'seats', 'status'],
    properties: {
      // None where an organiser has left an extra alone.
      seats: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      status: { enum: ['held', 'confirmed', 'cancelled', 'expired'] },
    },
  },
  $expr: {
    $and: [
      { $lte: [{ $ifNull: ['$checkedInSeats', 0] }, '$seats'] },
      { $lte: [PERSONALLY_INSIDE, { $ifNull: ['$checkedInSeats', 0] }] },
    ],
  },
};
