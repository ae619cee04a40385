import type { OpenCheckout } from '#server/booking/rules/payments/command.ts';

/** A command to open a checkout at the demo provider, like one from a buyer's client. */
export function checkoutCommand(named: Pick<OpenCheckout, 'bookingId' | 'actor' | 'paymentId'>): OpenCheckout {
  return {
    type: 'checkout',
    ...named,
    provider: 'demo',
    locale: 'en',
    email: 'a@example.org',
    returnUrl: 'https://example.org/paid',
  };
}
