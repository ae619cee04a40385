import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Money } from '#shared/protocol/primitives.ts';

/** A voucher of an event. Its bookings name it by id; what it takes off and what it opens never changes. */
export interface VoucherDoc {
  _id: Types.ObjectId;
  eventId: Types.ObjectId;
  /** As the organiser chose it, in capitals, or as it was made. */
  code: string;
  /** The code without hyphens, digits in place of the letters that look like them: codes are compared by it. */
  key: string;
  percentOff: number | null;
  amountOff: Money | null;
  /** Ids of hidden ticket types. */
  opens: string[];
  /** Ids of the ticket types that the discount is for; null: all. */
  ticketTypes: string[] | null;
  maxTickets: number | null;
  maxTicketsPerUser: number | null;
  validFrom: Date | null;
  validUntil: Date | null;
  note: string;
  disabled: boolean;
  /** Tickets of live holds and of confirmed bookings: changed by the event queue alone. */
  held: number;
  used: number;
  createdBy: Types.ObjectId;
  requestId: string;
  /** The place of the voucher among those of its request, from 0. */
  number: number;
  /** Digest of the request's input, which distinguishes a repeat from a reuse of its request id. */
  requestDigest: string;
  createdAt: Date;
}

export const voucherSchema = new Schema<VoucherDoc>(
  {
    eventId: { type: Schema.Types.ObjectId, required: true },
    code: { type: String, required: true },
    key: { type: String, required: true },
    percentOff: { type: Number, default: null },
    amountOff: { type: Schema.Types.Mixed, default: null },
    opens: { type: [String], required: true },
    ticketTypes: { type: Schema.Types.Mixed, default: null },
    maxTickets: { type: Number, default: null },
    maxTicketsPerUser: { type: Number, default: null },
    validFrom: { type: Date, default: null },
    validUntil: { type: Date, default: null },
    note: { type: String, default: '' },
    disabled: { type: Boolean, default: false },
    held: { type: Number, required: true },
    used: { type: Number, required: true },
    createdBy: { type: Schema.Types.ObjectId, required: true },
    requestId: { type: String, required: true },
    number: { type: Number, required: true },
    requestDigest: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { collection: 'vouchers', versionKey: false, autoIndex: false, autoCreate: false },
);

voucherSchema.index({ eventId: 1, key: 1 }, { unique: true });
// An event's vouchers, newest first.
voucherSchema.index({ eventId: 1, _id: -1 });
voucherSchema.index({ createdBy: 1, requestId: 1, number: 1 }, { unique: true });

/** The database refuses uses beyond the limit, even if our code is wrong. */
export const voucherValidator = {
  $jsonSchema: {
    required: ['eventId', 'code', 'key', 'held', 'used'],
    properties: {
      held: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      used: { bsonType: ['int', 'long', 'double'], minimum: 0 },
    },
  },
  $expr: { $lte: [{ $add: ['$held', '$used'] }, { $ifNull: ['$maxTickets', { $add: ['$held', '$used'] }] }] },
};
