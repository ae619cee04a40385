import type { Locale } from '#shared/account.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';
import type { HoldChange } from '../state/booking-state.ts';

/** A buyer opens the checkout of a hold; `paymentId` and the fields after it are for the attempt if one is made. */
export interface OpenCheckout {
  type: 'checkout';
  bookingId: string;
  actor: string;
  paymentId: string;
  provider: ProviderName;
  locale: Locale;
  email: string;
  returnUrl: string;
}

/** The live checkout of a hold has to end, since the hold is to have other tickets, or its page another language. */
export interface CancelCheckout {
  type: 'cancelCheckout';
  bookingId: string;
  /** What the hold shall be; null: what it is. */
  change: HoldChange | null;
}

/** The provider says that a checkout was paid: the payment confirms a hold, or revives an expired one. */
export interface Settle {
  type: 'settle';
  bookingId: string;
  paymentId: string;
  /** The provider's id of the payment. */
  charge: string;
  /** What was paid. */
  amount: Money;
}

/** The provider says that a checkout is over and was not paid. */
export interface EndCheckout {
  type: 'endCheckout';
  bookingId: string;
  paymentId: string;
}

/** The provider says that a card was declined; the checkout stays open. */
export interface DeclineCard {
  type: 'declineCard';
  bookingId: string;
  paymentId: string;
  /** By the provider's clock. */
  at: Date;
}

/** The provider says whether a payment of an open checkout is under way. */
export interface NoteProcessing {
  type: 'noteProcessing';
  bookingId: string;
  paymentId: string;
  processing: boolean;
}

/** An organiser refunds part of the price; the seats stay. */
export interface RefundPart {
  type: 'refundPart';
  bookingId: string;
  actor: string;
  requestId: string;
  /** In minor units. */
  amount: number;
  reason: string;
}

/** The provider says how far a refund has come. */
export interface UpdateRefund {
  type: 'updateRefund';
  bookingId: string;
  paymentId: string;
  refundKey: string;
  /** Which try of the refund this is about. */
  tries: number;
  state: { status: 'pending' | 'done'; reference: string } | { status: 'refused'; reason: string };
}

/** An organiser tries a refused refund again; `refundKey` null: refunds a payment whose amount did not match. */
export interface RetryRefund {
  type: 'retryRefund';
  bookingId: string;
  paymentId: string;
  refundKey: string | null;
  actor: string;
}

/** A refund or dispute of a charge, as the provider lists it. */
export interface ListedReversal {
  /** The provider's id of the refund or dispute. */
  reference: string;
  kind: 'refund' | 'dispute';
  /** The key of the refund request if this server made it; null for a refund that was made at the provider. */
  key: string | null;
  /** In minor units of the paid currency. */
  amount: number;
  /** Of a dispute: not decided, lost, won. */
  status: 'pending' | 'done' | 'failed';
}

/** The provider lists all refunds and disputes of a charge. */
export interface NoteReversals {
  type: 'noteReversals';
  bookingId: string;
  paymentId: string;
  reversals: readonly ListedReversal[];
}

/** An organiser decides that a booking stays valid although its money went back, or is disputed. */
export interface AcceptReversal {
  type: 'acceptReversal';
  bookingId: string;
  paymentId: string;
  refundKey: string;
  actor: string;
}

export type PaymentCommand =
  | OpenCheckout
  | CancelCheckout
  | Settle
  | EndCheckout
  | DeclineCard
  | NoteProcessing
  | RefundPart
  | UpdateRefund
  | RetryRefund
  | NoteReversals
  | AcceptReversal;
