import type Stripe from 'stripe';
import { moneyText } from '#shared/money/money-text.ts';
import { venueTimeFormat } from '#shared/venue-time.ts';
import { ProviderRefused, type CheckoutRequest, type CheckoutState } from '../provider.ts';
import { fromStripeAmount, toStripeAmount } from './amounts.ts';

/** The text beside the button on Stripe's page. */
const HELD_UNTIL: Readonly<Record<CheckoutRequest['locale'], (value: string) => string>> = {
  en: (time) => `Seats held until ${time}`,
  de: (time) => `Plätze bis ${time} reserviert`,
};

/** What a voucher took off each ticket of a line. */
const VOUCHER: typeof HELD_UNTIL = {
  en: (amount) => `Voucher: ${amount} off each`,
  de: (amount) => `Gutschein: je ${amount} Nachlass`,
};

const REGION = { en: 'en-GB', de: 'de-DE' } as const;

/** Stored with the session at Stripe, so that every later event of Stripe names the booking and the key. */
interface CheckoutMetadata {
  bookingId: string;
  key: string;
}

/** `payment_method_types` belongs to the API version that every request names; the SDK's types are those of the newest. */
type SessionParams = Stripe.Checkout.SessionCreateParams & { payment_method_types: ['card'] };

/** Stripe's parameters of a checkout; the same request gives the same parameters to the byte. */
export function sessionParams(request: CheckoutRequest): SessionParams {
  const { bookingId, key, title, locale } = request;
  const metadata: CheckoutMetadata & Record<string, string> = { bookingId, key };
  return {
    mode: 'payment',
    payment_method_types: ['card'],
    // Link is a wallet of Stripe that could pay from a bank account as well.
    wallet_options: { link: { display: 'never' } },
    // Otherwise Stripe may charge another currency than the shop's page showed.
    adaptive_pricing: { enabled: false },
    line_items: lineItems(request),
    client_reference_id: bookingId,
    metadata,
    // Stripe reports a declined card with the payment intent, which does not name its session.
    payment_intent_data: { description: title, metadata },
    customer_email: request.email,
    locale,
    custom_text: { submit: { message: HELD_UNTIL[locale](endTime(request)) } },
    expires_at: Math.floor(request.expiresAt.getTime() / 1000),
    success_url: request.returnUrl,
    cancel_url: request.returnUrl,
  };
}

type StripeLine = Stripe.Checkout.SessionCreateParams.LineItem;
type Product = Stripe.Checkout.SessionCreateParams.LineItem.PriceData.ProductData;

/**
 * A line for each ticket type and price; one for all seats where the event has one type, or where a price is none that
 * Stripe can charge by itself. The total is the requested amount, never the sum of rounded prices.
 */
function lineItems(request: CheckoutRequest): StripeLine[] {
  const { amount, seats, title, lines = [], locale } = request;
  const { currency } = amount;
  const total = toStripeAmount(amount);
  if (total === null) throw new ProviderRefused(`Stripe cannot charge ${amount.amount} minor units ${currency}`);
  const units = lines.map((line) => toStripeAmount({ amount: line.amount, currency }));
  const item = (quantity: number, unit_amount: number, product_data: Product): StripeLine => ({
    quantity,
    price_data: { currency: currency.toLowerCase(), unit_amount, product_data },
  });
  const where = `${inVenueZone(request.startsAt, DAY, request)}, ${request.venue}`;
  if (lines.length === 0 || units.includes(null))
    return [item(1, total, { name: `${seats} × ${title}`, description: where })];
  return lines.map(({ name, count, discount }, index) => {
    const off = discount && VOUCHER[locale](moneyText({ amount: discount, currency }, REGION[locale]));
    const description = [title, where, ...(off ? [off] : [])].join(', ');
    return item(count, units[index] ?? 0, { name, description });
  });
}

/** With the time zone, because the shop's page showed the time on the buyer's own clock. */
function endTime({ heldUntil, timeZone, locale }: CheckoutRequest): string {
  return venueTimeFormat(locale, timeZone, TIME)(heldUntil);
}

const TIME = { hour: '2-digit', minute: '2-digit' } as const;
const DAY = { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', ...TIME } as const;

/** As the shop's pages write times: "Wed, 14 Oct 2026, 20:00". */
function inVenueZone(time: Date, parts: Intl.DateTimeFormatOptions, { timeZone, locale }: CheckoutRequest): string {
  return new Intl.DateTimeFormat(REGION[locale], { ...parts, timeZone }).format(time);
}

/** The state of a session, whose payment intent must be expanded. */
export function checkoutState(session: Stripe.Checkout.Session): CheckoutState {
  if (session.status === 'open') return { status: 'open' };
  if (session.status !== 'complete') return { status: 'ended' };
  const payment = paymentOf(session);
  if (payment === null) return { status: 'ended' };
  // The received amount decides, not the requested one.
  if (session.payment_status === 'paid')
    return { status: 'paid', charge: payment.id, amount: fromStripeAmount(payment.amount_received, payment.currency) };
  return { status: isUnderWay(payment) ? 'processing' : 'ended' };
}

/** A payment that fails after its checkout requires a card again, which a completed session cannot take. */
function isUnderWay({ status }: Stripe.PaymentIntent): boolean {
  return status !== 'requires_payment_method' && status !== 'canceled';
}

function paymentOf({ payment_intent: payment }: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  if (typeof payment === 'string') throw new Error(`The payment ${payment} was not expanded`);
  return payment;
}
