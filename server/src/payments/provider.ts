import type { IncomingHttpHeaders } from 'node:http';
import type { CheckoutLine, ProviderName } from '#shared/checkout.ts';
import type { Money } from '#shared/protocol/primitives.ts';

/** One attempt to pay for one booking. The same request sent twice opens one checkout. */
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
  /** Shown on the provider's page, in the time zone of the venue. */
  heldUntil: Date;
  timeZone: string;
  /** When the provider ends the checkout by itself. Stored with the attempt, so that a retry sends the same. */
  expiresAt: Date;
  /** The page to which the provider sends the buyer back, paid or not. The address has a query already. */
  returnUrl: string;
  /** What the amount is made of; absent where the event has one ticket type: then it is for that many seats. */
  lines?: readonly CheckoutLine[];
}

export interface OpenedCheckout {
  /** The provider's id of the checkout. */
  reference: string;
  url: string;
}

/**
 * The state of a checkout at its provider. `processing`: a payment is under way, which can neither be cancelled nor
 * relied on yet. `charge` is the provider's id of the payment, for refunds. `ended`: not paid, and cannot be any more.
 */
export type CheckoutState =
  | { status: 'open' }
  | { status: 'processing' }
  | { status: 'paid'; charge: string; amount: Money }
  | { status: 'ended' };

/** A refund of a charge, or of a part of it. The same key sent twice is one refund. */
export interface RefundRequest {
  key: string;
  charge: string;
  amount: Money;
}

/** `refused`: for good, with the provider's reason; a failure that may pass is thrown instead. */
export type RefundState =
  | { status: 'pending'; reference: string }
  | { status: 'done'; reference: string }
  | { status: 'refused'; reason: string };

/** A refund or dispute of a charge: money that goes back to the buyer, whoever decided it. */
export interface Reversal {
  /** The provider's id of the refund or dispute. */
  reference: string;
  charge: string;
  kind: 'refund' | 'dispute';
  /** The request's key; null: made at the provider by hand, or by the buyer's bank. */
  key: string | null;
  amount: Money;
  /** `failed`: no money goes back: a refund that was returned or withdrawn, a dispute that was won. */
  status: 'pending' | 'done' | 'failed';
}

/** Some of the reversals asked for; `next`: the cursor of the next page, null after the last. */
export interface ReversalPage {
  reversals: Reversal[];
  next: string | null;
}

/**
 * The event that a webhook reports. The state of its checkout or refund is looked up afterwards, so that order and
 * repetition of webhooks do not matter.
 */
export interface ProviderEvent {
  /** The provider's id of the event, the same for each delivery. */
  id: string;
  /** The checkout or refund; null if the provider reports only the key, as Stripe does for a declined card. */
  reference: string | null;
  /** The request's key, if the provider returns it: an event may arrive before the answer with the reference. */
  key: string | null;
  /** The charge; only of `reversal`. */
  charge: string | null;
  /**
   * `declined`: a card was refused, and the checkout stays open. `refund`: a refund that this server asked for.
   * `reversal`: money of a charge goes back, perhaps by hand or by a dispute. `other`: signed, but of no concern here.
   */
  kind: 'changed' | 'declined' | 'refund' | 'reversal' | 'other';
  at: Date;
}

/** Refused by the provider for good: the same call can never succeed. Any other thrown error may pass on a retry. */
export class ProviderRefused extends Error {}

/** The provider charges no amount as small as this: where it sets its minimum by the day's rate, none can be known. */
export class AmountTooSmall extends ProviderRefused {}

/**
 * A payment provider. Every call may take long or fail, so none is made inside a transaction or while an event's queue
 * waits. A caller gives up after eight seconds (`withTimeout`) and calls again with the same key.
 */
export interface PaymentProvider {
  name: ProviderName;
  openCheckout(request: CheckoutRequest): Promise<OpenedCheckout>;
  /** Ends an open checkout; resolves with the state after that, which is `paid` if the payment was faster. */
  cancelCheckout(reference: string): Promise<CheckoutState>;
  lookUp(reference: string): Promise<CheckoutState>;
  refund(request: RefundRequest): Promise<RefundState>;
  lookUpRefund(reference: string): Promise<RefundState>;
  /** All reversals of a charge. */
  listReversals(charge: string): Promise<Reversal[]>;
  /** A page of the reversals of all charges made since then, failed ones too; `cursor` null: the first page. */
  listReversalsSince(since: Date, cursor: string | null): Promise<ReversalPage>;
  /** The event that a webhook's exact bytes prove; null for a wrong or old signature. */
  verifyWebhook(body: Buffer, headers: IncomingHttpHeaders): ProviderEvent | null;
}

/** The providers of this server by name. Payments of a provider that was removed from the settings stay pending. */
export type Providers = Partial<Record<ProviderName, PaymentProvider>>;

/** Throws if this server has no such provider. */
export function providerOf(providers: Providers, name: ProviderName): PaymentProvider {
  const provider = providers[name];
  if (!provider) throw new Error(`Payments by ${name} are not set up on this server`);
  return provider;
}
