import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { CheckoutTerms, Refund } from '#server/booking/rules/payments/attempt.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import { fillDefaults } from './defaults.ts';

/** One attempt to pay for one booking, stored before the provider is asked. */
export interface PaymentDoc {
  _id: Types.ObjectId;
  /** Counts the decisions about this payment in its event's queue. */
  version: number;
  bookingId: Types.ObjectId;
  eventId: Types.ObjectId;
  userId: Types.ObjectId;
  /** 1 for the booking's first attempt. */
  attempt: number;
  provider: ProviderName;
  /** The requested amount, in minor units. */
  amount: number;
  currency: string;
  seats: number;
  terms: CheckoutTerms;
  /** `cancelling`: decided here, and not confirmed by the provider yet. */
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  /** The provider's id of the checkout; `null` until the provider has answered. */
  reference: string | null;
  /** The provider's payment page. */
  url: string | null;
  cancellingSince: Date | null;
  /** Whether the provider says that a payment is under way; absent in payments stored before this field existed. */
  processing?: boolean;
  /** Whether the last card was declined, and no other was tried since. */
  declined: boolean;
  /** When a card was last declined, by the provider's clock; absent in payments stored before this field existed. */
  declinedAt?: Date | null;
  /** Whether this payment has extended its hold by five minutes. */
  extended: boolean;
  /** The provider's id of the charge. */
  charge: string | null;
  /** The amount that arrived. */
  paid: Money | null;
  paidAt: Date | null;
  /** Whether this payment bought the booking. */
  bought: boolean;
  /** Whether the paid amount or currency differs from the requested one. */
  mismatch: boolean;
  refunds: Refund[];
  /** Whether a refund by hand or a dispute waits for an organiser; absent in payments without any. */
  isReversed?: boolean;
  /** Whether the provider refused the checkout because its amount is too small; absent otherwise. */
  isTooSmall?: boolean;
  /** Of a payment that bought its booking: whether it has changed since its receipts were issued; absent counts as true. */
  isReceiptDue?: boolean;
  /** "actor:requestId" of each requested refund; absent if there is none. */
  refundRequests?: string[];
  /** When the poller asks the provider next; `null` if nothing is awaited. */
  lookAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The name of an index. */
export const PAYER_ADDRESS = 'payer_address';

/** The name of an index. */
export const RECEIPTS_DUE = 'receipts_due';

/** Payments of a wrong amount of which something is kept: an organiser refunds it. */
export const UNRESOLVED_MISMATCH = {
  mismatch: true,
  $expr: { $gt: ['$paid.amount', { $sum: '$refunds.amount' }] },
};

export const paymentSchema = new Schema<PaymentDoc>(
  {
    version: { type: Number, required: true },
    bookingId: { type: Schema.Types.ObjectId, required: true },
    eventId: { type: Schema.Types.ObjectId, required: true },
    userId: { type: Schema.Types.ObjectId, required: true },
    attempt: { type: Number, required: true },
    provider: { type: String, required: true },
    amount: { type: Number, required: true },
    currency: { type: String, required: true },
    seats: { type: Number, required: true },
    terms: { type: Schema.Types.Mixed, required: true },
    status: { type: String, required: true },
    reference: { type: String, default: null },
    url: { type: String, default: null },
    cancellingSince: { type: Date, default: null },
    processing: { type: Boolean, default: false },
    declined: { type: Boolean, default: false },
    declinedAt: { type: Date, default: null },
    extended: { type: Boolean, default: false },
    charge: { type: String, default: null },
    paid: { type: Schema.Types.Mixed, default: null },
    paidAt: { type: Date, default: null },
    bought: { type: Boolean, default: false },
    mismatch: { type: Boolean, default: false },
    refunds: { type: Schema.Types.Mixed, default: [] },
    isReversed: { type: Boolean, default: undefined },
    isTooSmall: { type: Boolean, default: undefined },
    isReceiptDue: { type: Boolean, default: undefined },
    refundRequests: { type: [String], default: undefined },
    lookAt: { type: Date, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'payments', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Completes a payment that was stored by an earlier version. */
export const completePayment = fillDefaults(paymentSchema);

paymentSchema.index({ bookingId: 1, attempt: 1 }, { unique: true });
paymentSchema.index(
  { provider: 1, reference: 1 },
  { unique: true, partialFilterExpression: { reference: { $type: 'string' } } },
);
// Each refund is requested once. Partial: an empty array counts as one value, which only one payment could have.
paymentSchema.index(
  { refundRequests: 1 },
  { unique: true, partialFilterExpression: { 'refundRequests.0': { $exists: true } } },
);
// A user's payments, for the export and the closing of the account.
paymentSchema.index({ userId: 1 });
// Payments that the poller asks about.
paymentSchema.index({ lookAt: 1 }, { partialFilterExpression: { lookAt: { $type: 'date' } } });
// Payment issues: refused refunds here, mismatched amounts below.
paymentSchema.index({ 'refunds.status': 1, eventId: 1 });
// The payment whose refund a webhook names.
paymentSchema.index(
  { 'refunds.reference': 1 },
  { partialFilterExpression: { 'refunds.reference': { $type: 'string' } } },
);
// The payment whose charge a webhook names.
paymentSchema.index({ charge: 1 }, { partialFilterExpression: { charge: { $type: 'string' } } });
// Payment issues: refunds by hand and disputes.
paymentSchema.index({ isReversed: 1 }, { partialFilterExpression: { isReversed: true } });
// Payment issues: prices that the provider does not take.
paymentSchema.index({ isTooSmall: 1 }, { partialFilterExpression: { isTooSmall: true } });
paymentSchema.index({ mismatch: 1 }, { partialFilterExpression: { mismatch: true } });
// Payments that still hold the address of their buyer, which is removed after a time.
paymentSchema.index({ updatedAt: 1 }, { partialFilterExpression: { 'terms.email': { $gt: '' } }, name: PAYER_ADDRESS });
// Payments whose receipts are to be issued, in the order in which they were paid.
paymentSchema.index({ isReceiptDue: 1, paidAt: 1 }, { partialFilterExpression: { bought: true }, name: RECEIPTS_DUE });
// All payments of an event.
paymentSchema.index({ eventId: 1, bookingId: 1 });

export const paymentValidator = {
  $jsonSchema: {
    required: ['bookingId', 'eventId', 'attempt', 'provider', 'amount', 'currency', 'status', 'refunds'],
    properties: {
      amount: { bsonType: ['int', 'long', 'double'], minimum: 1 },
      attempt: { bsonType: ['int', 'long', 'double'], minimum: 1 },
      status: { enum: ['open', 'cancelling', 'ended', 'paid'] },
    },
  },
};

/** A webhook that was processed; the provider's own id of it reveals a second delivery. */
export interface WebhookDoc {
  /** "provider:id". */
  _id: string;
  reference: string | null;
  kind: string;
  /** The effect of the webhook, in one word. */
  effect: string;
  at: Date;
  receivedAt: Date;
}

export const webhookSchema = new Schema<WebhookDoc>(
  {
    _id: { type: String, required: true },
    reference: { type: String, default: null },
    kind: { type: String, required: true },
    effect: { type: String, required: true },
    at: { type: Date, required: true },
    receivedAt: { type: Date, required: true },
  },
  { collection: 'webhooks', versionKey: false, autoIndex: false, autoCreate: false },
);
// Longer than any provider repeats a webhook; later repeats have no effect on the state of the payment.
webhookSchema.index({ receivedAt: 1 }, { expireAfterSeconds: 90 * 86_400 });
