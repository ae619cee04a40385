import { randomBytes } from 'node:crypto';
import type { CheckoutRequest } from '#server/payments/provider.ts';
import { createStripe } from '#server/payments/stripe/stripe.ts';
import { SECRET_KEY, type StandIn } from './stand-in.ts';

export const WEBHOOK_SECRET = 'whsec_test_secret';

/** Frontrow's Stripe provider, connected to the stand-in. */
export function stripeAt({ url }: Pick<StandIn, 'url'>, more: { timeoutMs?: number; secretKey?: string } = {}) {
  const now = () => new Date();
  return createStripe({ secretKey: SECRET_KEY, apiBase: url, webhookSecret: WEBHOOK_SECRET, now, ...more });
}

/** A request for the checkout of two seats that are held for ten minutes. */
export function checkoutRequest(more: Partial<CheckoutRequest> = {}): CheckoutRequest {
  const bookingId = randomBytes(12).toString('hex');
  const heldUntil = new Date(Date.now() + 10 * 60_000);
  return {
    key: `${bookingId}-1`,
    bookingId,
    attempt: 1,
    amount: { amount: 4000, currency: 'EUR' },
    seats: 2,
    title: 'Jazz im Hinterhof',
    venue: 'Alte Schlosserei',
    startsAt: new Date('2026-12-14T19:00:00.000Z'),
    locale: 'en',
    email: 'alice@example.org',
    heldUntil,
    timeZone: 'Europe/Berlin',
    expiresAt: new Date(heldUntil.getTime() + 31 * 60_000),
    returnUrl: `http://localhost:5000/payment/${bookingId}?sign=abc`,
    ...more,
  };
}
