import type { IncomingHttpHeaders } from 'node:http';
import type { ProviderName } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** One attempt to pay for one booking. The same order sent twice opens one checkout. */
export interface CheckoutRequest {
  /** Booking and attempt; the provider answers the same key with the same checkout. */
  key: string;
  bookingId: string;
  attempt: number;
  amount: Money;
  seats: number;
  /** The event as the buyer reads it. */
  title: string;
  venue: string;
  startsAt: Date;
  locale: 'en' | 'de';
  email: string;
  /** Said on the provider's page, in the venue's zone. */
  heldUntil: Date;
  timeZone: string;
  /** Then the provider ends the checkout by itself. Stored with the attempt, so that a retry sends the same. */
  expiresAt: Date;
  /** Where the buyer comes back to, having paid or not. It has a query already. */
  returnUrl: string;
}

export interface OpenedCheckout {
  /** The provider's name of the checkout. */
  reference: string;
  url: string;
}

/**
 * What the provider says of a checkout. `processing`: being paid, it can neither be cancelled nor counted on yet.
 * `charge` names the money, for refunds. `ended`: never paid, and never can be.
 */
export type CheckoutState =
  | { status: 'open' }
  | { status: 'processing' }
  | { status: 'paid'; charge: string; amount: Money }
  | { status: 'ended' };

/** Money back. The same key twice is one refund. */
export interface RefundRequest {
  key: string;
  charge: string;
  amount: Money;
}

/** `refused`: not now and not later; anything that may pass is thrown. */
export type RefundState =
  | { status: 'pending'; reference: string }
  | { status: 'done'; reference: string }
  | { status: 'refused'; reason: string };

/**
 * What a webhook tells. `id` is the provider's own of the event, the same for each delivery. What its checkout or refund
 * is now is looked up, so that order and repetition do not matter.
 */
export interface ProviderEvent {
  id: string;
  /** The checkout or refund; null where the provider tells only the key, as Stripe does of a declined card. */
  reference: string | null;
  /** The order's, where the provider gives it back: an event may come before the answer that tells the reference. */
  key: string | null;
  /** `declined`: a card was refused, the checkout stays open. `other`: proven, and nothing to us. */
  kind: 'changed' | 'declined' | 'refund' | 'other';
  at: Date;
}

/** Refused by the provider for good: the same call can never succeed. Anything else thrown may pass on a retry. */
export class ProviderRefused extends Error {}

/**
 * Someone who takes money. Every call may take long or fail, so none is made inside a transaction or while an event's
 * queue waits. A caller stops waiting after ten seconds and calls again with the same key.
 */
export interface PaymentProvider {
  name: ProviderName;
  openCheckout(order: CheckoutRequest): Promise<OpenedCheckout>;
  /** Ends an open checkout; answers the state it is in after that, which is `paid` where money was faster. */
  cancelCheckout(reference: string): Promise<CheckoutState>;
  lookUp(reference: string): Promise<CheckoutState>;
  refund(order: RefundRequest): Promise<RefundState>;
  lookUpRefund(reference: string): Promise<RefundState>;
  /** The event that a webhook's very bytes prove; null for a wrong or old signature. */
  verifyWebhook(body: Buffer, headers: IncomingHttpHeaders): ProviderEvent | null;
}
