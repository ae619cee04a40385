import { Schema } from 'mongoose';
import type { CheckoutLine } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** A checkout as the demo provider stores it; a real provider would keep it on its own machines. */
export interface DemoCheckoutDoc {
  _id: string;
  key: string;
  bookingId: string;
  seats: number;
  /** Absent for seats of one price without a voucher. */
  lines?: readonly CheckoutLine[];
  amount: number;
  currency: string;
  title: string;
  venue: string;
  timeZone: string;
  startsAt: Date;
  locale: 'en' | 'de';
  heldUntil: Date;
  expiresAt: Date;
  returnUrl: string;
  status: 'open' | 'processing' | 'paid' | 'ended';
  /** When a delayed payment arrives; `null` if none is under way. */
  paysAt: Date | null;
  charge: string;
  paid: Money | null;
  declined: boolean;
  /** Keys of the accepted refunds. */
  refundKeys: string[];
  /** Sum of the accepted refunds, in minor units. */
  refunded: number;
  createdAt: Date;
  paidAt: Date | null;
}

const common = { versionKey: false, autoIndex: false, autoCreate: false } as const;
const text = { type: String, required: true } as const;
const whole = { type: Number, required: true } as const;
const time = { type: Date, required: true } as const;

export const demoCheckoutSchema = new Schema<DemoCheckoutDoc>(
  {
    _id: text,
    key: text,
    bookingId: text,
    seats: whole,
    lines: { type: Schema.Types.Mixed, default: undefined },
    amount: whole,
    currency: text,
    title: text,
    venue: text,
    timeZone: text,
    startsAt: time,
    locale: text,
    heldUntil: time,
    expiresAt: time,
    returnUrl: text,
    status: text,
    paysAt: { type: Date, default: null },
    charge: text,
    paid: { type: Schema.Types.Mixed, default: null },
    declined: { type: Boolean, default: false },
    refundKeys: { type: [String], default: [] },
    refunded: { type: Number, default: 0 },
    createdAt: time,
    paidAt: { type: Date, default: null },
  },
  { collection: 'demoCheckouts', ...common },
);
demoCheckoutSchema.index({ key: 1 }, { unique: true });
demoCheckoutSchema.index({ charge: 1 }, { unique: true });
// How long they are kept is a setting; counted from the start of the event.
demoCheckoutSchema.index({ startsAt: 1 }, { expireAfterSeconds: 365 * 86_400, name: 'expiry' });
demoCheckoutSchema.index({ paysAt: 1 }, { partialFilterExpression: { paysAt: { $type: 'date' } } });

/** A refund as the demo provider stores it. */
export interface DemoRefundDoc {
  _id: string;
  key: string;
  charge: string;
  amount: number;
  status: 'pending' | 'done';
  /** When the refund completes. */
  dueAt: Date;
}

export const demoRefundSchema = new Schema<DemoRefundDoc>(
  { _id: text, key: text, charge: text, amount: whole, status: text, dueAt: time },
  { collection: 'demoRefunds', ...common },
);
demoRefundSchema.index({ key: 1 }, { unique: true });
demoRefundSchema.index({ dueAt: 1 }, { expireAfterSeconds: 365 * 86_400, name: 'expiry' });
demoRefundSchema.index({ dueAt: 1 }, { partialFilterExpression: { status: 'pending' } });

/** A webhook that is still to be delivered; deleted after an answer of 200, or after too many tries. */
export interface DemoWebhookDoc {
  _id: string;
  kind: 'changed' | 'declined' | 'refund';
  reference: string;
  key: string | null;
  at: Date;
  nextAt: Date;
  tries: number;
}

export const demoWebhookSchema = new Schema<DemoWebhookDoc>(
  {
    _id: text,
    kind: text,
    reference: text,
    key: { type: String, default: null },
    at: time,
    nextAt: time,
    tries: whole,
  },
  { collection: 'demoWebhooks', ...common },
);
demoWebhookSchema.index({ nextAt: 1 });
