import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { RefundCause } from '#shared/checkout.ts';
import type { InvoiceAddress, Receipt } from '#shared/receipts/receipt.ts';
import { fillDefaults } from '../defaults.ts';
import type { ReceiptNumber } from './receipt-number.ts';

/**
 * Tickets of one type and price on a receipt, or an amount. `seat`: seats of an event without ticket types; `amount`: part
 * of a price; `difference`: what the tickets above it cost beyond what is given back for them.
 */
export interface ReceiptLine {
  kind: 'ticket' | 'seat' | 'amount' | 'difference';
  /** Of the ticket type; empty for the other kinds. */
  name: string;
  count: number;
  /** What each cost, in minor units; negative for a difference. */
  amount: number;
  /** What the voucher took off each. */
  discount: number;
}

/** Who sells, as the settings said when the receipt was issued. */
interface SellerFacts {
  name: string;
  address: string;
  taxId: string;
}

/**
 * A receipt: what was printed on it, kept as it was. It is never changed and never deleted: a refund, or another address,
 * is a receipt with a number of its own. Amounts are minor units, and positive also where they are given back.
 */
export interface ReceiptDoc extends ReceiptNumber {
  _id: Types.ObjectId;
  kind: Receipt['kind'];
  /** What it states, by which nothing is stated twice: a payment, a refund of it, or a change of its address. */
  fact: string;
  paymentId: Types.ObjectId;
  bookingId: Types.ObjectId;
  eventId: Types.ObjectId;
  userId: Types.ObjectId;
  issuedAt: Date;
  /** When the money was taken, or given back. */
  paidAt: Date;
  /** Of a cancellation: the receipt that it takes back, or a part of it. */
  cancels: (ReceiptNumber & { issuedAt: Date }) | null;
  /** Of a cancellation: why; `address`: the receipt is replaced by one with another address. */
  cause: RefundCause | 'address' | null;
  /** The booking's. */
  code: string;
  event: { title: string; venue: string; timeZone: string; startsAt: Date };
  seller: SellerFacts | null;
  /** A sentence of the seller's, such as why there is no tax; null without one. */
  note: string | null;
  /** Empty texts where the account was deleted before. */
  buyer: { name: string; email: string; address: InvoiceAddress | null };
  /** The language that the buyer paid in. */
  locale: Locale;
  lines: ReceiptLine[];
  gross: number;
  /** Contained in `gross`; null if the event had no tax rate. */
  tax: number | null;
  /** In per cent. */
  taxRate: number | null;
  currency: string;
}

export const receiptSchema = new Schema<ReceiptDoc>(
  {
    series: { type: String, required: true },
    number: { type: Number, required: true },
    kind: { type: String, required: true },
    fact: { type: String, required: true },
    paymentId: { type: Schema.Types.ObjectId, required: true },
    bookingId: { type: Schema.Types.ObjectId, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    issuedAt: { type: Date, required: true },
    paidAt: { type: Date, required: true },
    cancels: { type: Schema.Types.Mixed, default: null },
    cause: { type: String, default: null },
    code: { type: String, required: true },
    event: { type: Schema.Types.Mixed, required: true },
    seller: { type: Schema.Types.Mixed, default: null },
    note: { type: String, default: null },
    buyer: { type: Schema.Types.Mixed, required: true },
    locale: { type: String, required: true },
    lines: { type: Schema.Types.Mixed, required: true },
    gross: { type: Number, required: true },
    tax: { type: Number, default: null },
    taxRate: { type: Number, default: null },
    currency: { type: String, required: true },
  },
  { collection: 'receipts', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Completes a receipt that was stored by an earlier version. */
export const completeReceipt = fillDefaults(receiptSchema);

receiptSchema.index({ series: 1, number: 1 }, { unique: true });
receiptSchema.index({ fact: 1 }, { unique: true });
receiptSchema.index({ paymentId: 1 });
// A booking's receipts, and those of an account for its export.
receiptSchema.index({ bookingId: 1 });
receiptSchema.index({ userId: 1 });
// The receipts of an event, or of a time, in the order in which they were issued.
receiptSchema.index({ eventId: 1, issuedAt: 1, series: 1, number: 1 });
receiptSchema.index({ issuedAt: 1, series: 1, number: 1 });

export const receiptValidator = {
  $jsonSchema: {
    required: ['series', 'number', 'kind', 'fact', 'gross', 'currency'],
    properties: {
      number: { bsonType: ['int', 'long', 'double'], minimum: 1 },
      kind: { enum: ['receipt', 'cancellation'] },
      gross: { bsonType: ['int', 'long', 'double'], minimum: 1 },
    },
  },
};

/** The last number that a series of receipts has given, and when. */
export interface ReceiptSeriesDoc {
  /** The series. */
  _id: string;
  last: number;
  /** Null before the first one. A receipt is never dated before the one with the number before it. */
  lastAt: Date | null;
}

export const receiptSeriesSchema = new Schema<ReceiptSeriesDoc>(
  {
    _id: { type: String, required: true },
    last: { type: Number, required: true },
    lastAt: { type: Date, default: null },
  },
  { collection: 'receiptSeries', versionKey: false, autoIndex: false, autoCreate: false },
);
