import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import { FIRST_TYPE } from '#server/booking/rules/state/event-state.ts';
import type { JoinRequest } from '#server/booking/rules/waitlist/entry-state.ts';
import type { TicketCount } from '#shared/tickets/ticket-type.ts';
import { fillDefaults } from './defaults.ts';

/** An entry of the waiting list of one event. */
export interface WaitlistEntryDoc {
  _id: Types.ObjectId;
  version: number;
  eventId: Types.ObjectId;
  userId: Types.ObjectId;
  /** What the tickets take together. */
  seats: number;
  /** The wanted tickets; a document from before version 2 has `seats` alone. */
  tickets: TicketCount[];
  /** Orders the list. The position of an entry is derived from it and never stored. */
  place: number;
  status: 'waiting' | 'offered' | 'fulfilled' | 'left' | 'missed' | 'closed';
  /** Whether the entry waits or has an offer; a user has at most one active entry per event. */
  active: boolean;
  bookingId: Types.ObjectId | null;
  offerExpiresAt: Date | null;
  requests: JoinRequest[];
  createdAt: Date;
  updatedAt: Date;
}

export const waitlistEntrySchema = new Schema<WaitlistEntryDoc>(
  {
    version: { type: Number, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    seats: { type: Number, required: true },
    tickets: { type: Schema.Types.Mixed, default: undefined },
    place: { type: Number, required: true },
    status: { type: String, required: true },
    active: { type: Boolean, required: true },
    bookingId: { type: Schema.Types.ObjectId, default: null },
    offerExpiresAt: { type: Date, default: null },
    requests: { type: Schema.Types.Mixed, required: true, default: [] },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'waitlist', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Completes an entry that was stored by an earlier version. */
export const completeWaitlistEntry = fillDefaults(waitlistEntrySchema, {
  tickets: ({ seats }) => [{ type: FIRST_TYPE, count: seats }],
});

waitlistEntrySchema.index({ eventId: 1, userId: 1 }, { unique: true, partialFilterExpression: { active: true } });
// First come, first fitting: with `seats` before `place`, the entries of each party size are in the order of the list.
waitlistEntrySchema.index({ eventId: 1, status: 1, seats: 1, place: 1 });
// The list in order. Contains `userId`, so that positions are counted from the index alone.
waitlistEntrySchema.index({ eventId: 1, status: 1, place: 1, userId: 1, _id: 1 });
waitlistEntrySchema.index({ userId: 1, _id: -1 });
waitlistEntrySchema.index({ userId: 1, 'requests.requestId': 1 }, { unique: true });
// The entry whose offer became this booking.
waitlistEntrySchema.index({ bookingId: 1 }, { partialFilterExpression: { bookingId: { $type: 'objectId' } } });
