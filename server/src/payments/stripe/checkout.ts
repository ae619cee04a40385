import type Stripe from 'stripe';
import { ProviderRefused, type CheckoutRequest, type CheckoutState } from '../provider.ts';
import { fromStripeAmount, toStripeAmount } from './amounts.ts';

/** Beside the button on Stripe's page. */
const HELD_UNTIL: Readonly<Record<CheckoutRequest['locale'], (time: string) => string>> = {
  en: (time) => `Seats held until ${time}`,
  de: (time) => `Plätze bis ${time} reserviert`,
};

/** What the session carries so that whatever Stripe tells of it later leads back to the booking. */
export interface CheckoutMetadata {
  bookingId: string;
  key: string;
}

/** `payment_method_types` is of the version that every request names; the SDK's types are of the newest. */
type SessionParams = Stripe.Checkout.SessionCreateParams & { payment_method_types: ['card'] };

/** The request that opens a checkout; the same order makes the same request to the byte. */
export function sessionParams(order: CheckoutRequest): SessionParams {
  const { bookingId, key, title, locale } = order;
  const metadata: CheckoutMetadata & Record<string, string> = { bookingId, key };
  return {
    mode: 'payment',
    payment_method_types: ['card'],
    // Link is a wallet of Stripe's own that would pay from a bank account as well.
    wallet_options: { link: { display: 'never' } },
    // Otherwise Stripe may ask for another currency than the page before did.
    adaptive_pricing: { enabled: false },
    line_items: [lineItem(order)],
    client_reference_id: bookingId,
    metadata,
    // A declined card is told of the payment, which does not name its session.
    payment_intent_data: { description: title, metadata },
    customer_email: order.email,
    locale,
    custom_text: { submit: { message: HELD_UNTIL[locale](inVenuesZone(order.heldUntil, END, order)) } },
    expires_at: Math.floor(order.expiresAt.getTime() / 1000),
    success_url: order.returnUrl,
    cancel_url: order.returnUrl,
  };
}

/** One line for all seats: their total is then the order's amount, whatever a share of it would be. */
function lineItem(order: CheckoutRequest): Stripe.Checkout.SessionCreateParams.LineItem {
  const { amount, seats, title, venue, startsAt } = order;
  const total = toStripeAmount(amount);
  if (total === null) throw new ProviderRefused(`Stripe cannot charge ${amount.amount} minor units ${amount.currency}`);
  return {
    quantity: 1,
    price_data: {
      currency: amount.currency.toLowerCase(),
      unit_amount: total,
      product_data: { name: `${seats} × ${title}`, description: `${inVenuesZone(startsAt, DAY, order)}, ${venue}` },
    },
  };
}

/** With its zone: the page before said it on the buyer's own clock. */
const END = { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' } as const;
const TIME = { hour: '2-digit', minute: '2-digit' } as const;
const DAY = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', ...TIME } as const;

/** "20:14 CEST", "Wed, 14 Oct 2026, 20:00": as the pages write it. */
function inVenuesZone(time: Date, parts: Intl.DateTimeFormatOptions, { timeZone, locale }: CheckoutRequest): string {
  return new Intl.DateTimeFormat(locale === 'de' ? 'de-DE' : 'en-GB', { ...parts, timeZone }).format(time);
}

/** What a session says of the money. The payment is expanded in it, once there is one. */
export function checkoutState(session: Stripe.Checkout.Session): CheckoutState {
  if (session.status === 'open') return { status: 'open' };
  if (session.status !== 'complete') return { status: 'ended' };
  const payment = paymentOf(session);
  if (payment === null) return { status: 'ended' };
  // What was received decides, not what was asked for.
  if (session.payment_status === 'paid')
    return { status: 'paid', charge: payment.id, amount: fromStripeAmount(payment.amount_received, payment.currency) };
  return { status: isUnderWay(payment) ? 'processing' : 'ended' };
}

/** A payment that fails after its checkout goes back to wanting a card, which nobody can give it any more. */
function isUnderWay({ status }: Stripe.PaymentIntent): boolean {
  return status !== 'requires_payment_method' && status !== 'canceled';
}

function paymentOf({ payment_intent: payment }: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  if (typeof payment === 'string') throw new Error(`The payment ${payment} was not expanded`);
  return payment;
}
