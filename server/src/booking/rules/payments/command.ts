import type { Locale } from '#shared/account.ts';
import type { ProviderName } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** The buyer wants to pay; `paymentId` and what follows is what the attempt will have if it is made. */
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

/** The open checkout has to end, for the hold is to have another size. */
export interface CancelCheckout {
  type: 'cancelCheckout';
  bookingId: string;
  seats: number;
}

/** The price was paid: confirms a hold, and revives an expired one where its seats are free. */
export interface Settle {
  type: 'settle';
  bookingId: string;
  paymentId: string;
  /** The provider's name of the money, and how much came. */
  charge: string;
  amount: Money;
}

/** A checkout is over and was not paid. */
export interface Unpaid {
  type: 'unpaid';
  bookingId: string;
  paymentId: string;
}

/** A card was refused, at that time. */
export interface Declined {
  type: 'declined';
  bookingId: string;
  paymentId: string;
  at: Date;
}

/** An organiser gives part of the price back. */
export interface RefundPart {
  type: 'refundPart';
  bookingId: string;
  actor: string;
  requestId: string;
  amount: number;
  reason: string;
}

/** What the provider says of a refund. */
export interface RefundMoved {
  type: 'refundMoved';
  bookingId: string;
  paymentId: string;
  refundKey: string;
  tries: number;
  state: { status: 'pending' | 'done'; reference: string } | { status: 'refused'; reason: string };
}

/** A refund that was refused is tried again; `null`: money that did not match goes back. */
export interface RefundAgain {
  type: 'refundAgain';
  bookingId: string;
  paymentId: string;
  refundKey: string | null;
  actor: string;
}

export type PaymentCommand =
  OpenCheckout | CancelCheckout | Settle | Unpaid | Declined | RefundPart | RefundMoved | RefundAgain;
