import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { Locale } from '#shared/account.ts';
import type { ProviderName, RefundCause } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** One decision to give money back; it is carried out once, however often its job runs. */
export interface RefundDoc {
  /** Payment and number; with `tries` the key sent to the provider. */
  key: string;
  amount: number;
  cause: RefundCause;
  reason: string | null;
  /** A user's id, or `system`. */
  actor: string;
  /** The organiser's own id of the request; `null` where nobody asked for it. */
  requestId: string | null;
  /** `ordered`: not known to the provider yet; `refused`: it says no, and a person has to look at it. */
  status: 'ordered' | 'pending' | 'done' | 'refused';
  /** The provider's name of the refund. */
  reference: string | null;
  error: string | null;
  /** How often it was ordered anew after the provider had refused it. */
  tries: number;
  at: Date;
  doneAt: Date | null;
}

/** What the provider is told, kept so that a retry sends the very same. */
export interface CheckoutTerms {
  title: string;
  venue: string;
  timeZone: string;
  startsAt: Date;
  locale: Locale;
  /** Empty once the buyer's account is gone. */
  email: string;
  heldUntil: Date;
  expiresAt: Date;
  returnUrl: string;
}

/** One attempt to pay for one booking, recorded before the provider hears of it. */
export interface PaymentDoc {
  _id: Types.ObjectId;
  /** Counts what was decided about it, in its event's queue. */
  version: number;
  bookingId: Types.ObjectId;
  eventId: Types.ObjectId;
  userId: Types.ObjectId;
  /** 1 for the booking's first. */
  attempt: number;
  provider: ProviderName;
  /** What was asked for. */
  amount: number;
  currency: string;
  seats: number;
  terms: CheckoutTerms;
  /** `cancelling`: the provider was told, or will be, and has not confirmed it yet. */
  status: 'open' | 'cancelling' | 'ended' | 'paid';
  /** The provider's name of the checkout and its page; `null` until it has answered. */
  reference: string | null;
  url: string | null;
  cancellingSince: Date | null;
  /** The last card was declined, and nothing was tried since. */
  declined: boolean;
  /** When a card was declined last, by the provider's clock; absent in payments from before that was kept. */
  declinedAt?: Date | null;
  /** It has given its hold five more minutes. */
  extended: boolean;
  /** The provider's name of the money, and what came. */
  charge: string | null;
  paid: Money | null;
  paidAt: Date | null;
  /** Whether its money bought the booking. */
  bought: boolean;
  /** Other money came than was asked for. */
  mismatch: boolean;
  refunds: RefundDoc[];
  /** "actor:requestId" of each refund that was asked for; absent where there is none. */
  refundRequests?: string[];
  /** When the poller asks the provider next; `null`: nothing is awaited. */
  lookAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

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
    declined: { type: Boolean, default: false },
    declinedAt: { type: Date, default: null },
    extended: { type: Boolean, default: false },
    charge: { type: String, default: null },
    paid: { type: Schema.Types.Mixed, default: null },
    paidAt: { type: Date, default: null },
    bought: { type: Boolean, default: false },
    mismatch: { type: Boolean, default: false },
    refunds: { type: Schema.Types.Mixed, default: [] },
    refundRequests: { type: [String], default: undefined },
    lookAt: { type: Date, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'payments', versionKey: false, autoIndex: false, autoCreate: false },
);

paymentSchema.index({ bookingId: 1, attempt: 1 }, { unique: true });
paymentSchema.index(
  { provider: 1, reference: 1 },
  { unique: true, partialFilterExpression: { reference: { $type: 'string' } } },
);
// A refund is asked for once. Partial: an empty array would count as one value, and be there once for all payments.
paymentSchema.index(
  { refundRequests: 1 },
  { unique: true, partialFilterExpression: { 'refundRequests.0': { $exists: true } } },
);
// What somebody has paid: theirs to read, and to be forgotten.
paymentSchema.index({ userId: 1 });
// What the poller asks about.
paymentSchema.index({ lookAt: 1 }, { partialFilterExpression: { lookAt: { $type: 'date' } } });
// Refunds that go wrong and money that does not match: what a person has to look at.
paymentSchema.index({ 'refunds.status': 1, eventId: 1 });
// Whose refund a webhook is about.
paymentSchema.index(
  { 'refunds.reference': 1 },
  { partialFilterExpression: { 'refunds.reference': { $type: 'string' } } },
);
paymentSchema.index({ mismatch: 1 }, { partialFilterExpression: { mismatch: true } });
// The books of an event.
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

/** A webhook that was taken in: the provider's own id of it makes a second delivery known. */
export interface WebhookDoc {
  /** "provider:id". */
  _id: string;
  reference: string | null;
  kind: string;
  /** What it led to, in a word. */
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
// Longer than any provider repeats itself; after that the state of the payment alone tells a repeat.
webhookSchema.index({ receivedAt: 1 }, { expireAfterSeconds: 90 * 86_400 });
