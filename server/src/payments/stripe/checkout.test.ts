import { describe, expect, test } from 'vitest';
import { checkoutRequest } from '../../../test/support/stripe/checkout-request.ts';
import { ProviderRefused } from '../provider.ts';
import { sessionParams } from './checkout.ts';

const heldUntil = new Date('2026-10-14T18:14:00.000Z');

describe('the parameters of a Stripe checkout', () => {
  test('request one card payment of exactly the total that names the booking', () => {
    const request = checkoutRequest();
    expect(sessionParams(request)).toMatchObject({
      mode: 'payment',
      payment_method_types: ['card'],
      line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 4000 } }],
      client_reference_id: request.bookingId,
      metadata: { bookingId: request.bookingId, key: request.key },
      payment_intent_data: { metadata: { bookingId: request.bookingId, key: request.key } },
      customer_email: 'alice@example.org',
      success_url: request.returnUrl,
      cancel_url: request.returnUrl,
    });
  });

  test.each([
    ['en', 'Mon, 14 Dec 2026, 20:00, Alte Schlosserei'],
    ['de', 'Mo., 14. Dez. 2026, 20:00, Alte Schlosserei'],
  ] as const)('name event, seats, day and venue in %s', (locale, description) => {
    const params = sessionParams(checkoutRequest({ locale }));
    const product = params.line_items?.[0]?.price_data?.product_data;
    expect(product).toEqual({ name: '2 × Jazz im Hinterhof', description });
  });

  test('have a line for each ticket type and price, which add up to the total', () => {
    const lines = [
      { name: 'Adult', count: 2, amount: 2000 },
      { name: 'Child', count: 1, amount: 1250 },
      { name: 'Companion', count: 1, amount: 0 },
    ];
    const params = sessionParams(checkoutRequest({ amount: { amount: 5250, currency: 'EUR' }, lines }));
    const description = 'Jazz im Hinterhof, Mon, 14 Dec 2026, 20:00, Alte Schlosserei';
    expect(params.line_items).toEqual(
      lines.map(({ name, count, amount }) => ({
        quantity: count,
        price_data: { currency: 'eur', unit_amount: amount, product_data: { name, description } },
      })),
    );
  });

  test.each([
    ['en', 'Jazz im Hinterhof, Mon, 14 Dec 2026, 20:00, Alte Schlosserei, Voucher: €6.60 off each'],
    ['de', 'Jazz im Hinterhof, Mo., 14. Dez. 2026, 20:00, Alte Schlosserei, Gutschein: je 6,60\u00a0€ Nachlass'],
  ] as const)('say in %s what a voucher took off each ticket, where it took something off', (locale, description) => {
    const lines = [
      { name: 'Adult', count: 2, amount: 1340, discount: 660 },
      { name: 'Parking', count: 1, amount: 500 },
    ];
    const request = checkoutRequest({ locale, amount: { amount: 3180, currency: 'EUR' }, lines });
    const [reduced, full] = sessionParams(request).line_items ?? [];
    expect(reduced).toMatchObject({ quantity: 2, price_data: { unit_amount: 1340, product_data: { description } } });
    expect(full?.price_data?.product_data?.description).not.toMatch(/Voucher|Gutschein/);
  });

  test('have one line for all tickets if Stripe cannot charge a price by itself', () => {
    const lines = [{ name: 'Adult', count: 2, amount: 5125 }];
    const params = sessionParams(checkoutRequest({ amount: { amount: 10_250, currency: 'KWD' }, lines }));
    expect(params.line_items).toMatchObject([{ quantity: 1, price_data: { unit_amount: 10_250 } }]);
  });

  test('expire at the requested time, in whole seconds', () => {
    const expiresAt = new Date('2026-10-14T18:45:00.999Z');
    expect(sessionParams(checkoutRequest({ expiresAt })).expires_at).toBe(Date.parse('2026-10-14T18:45:00Z') / 1000);
  });

  test('are the same to the byte for the same request', () => {
    const request = checkoutRequest();
    expect(JSON.stringify(sessionParams({ ...request }))).toBe(JSON.stringify(sessionParams(request)));
  });

  test.each([
    ['en', 'Europe/Berlin', 'Seats held until 20:14 CEST'],
    ['de', 'Europe/Berlin', 'Plätze bis 20:14 MESZ reserviert'],
    ['en', 'America/New_York', 'Seats held until 14:14 Eastern Daylight Time'],
    ['de', 'Asia/Kolkata', 'Plätze bis 23:44 Indische Normalzeit reserviert'],
  ] as const)('show the end of the hold in %s for %s: %s', (locale, timeZone, message) => {
    const params = sessionParams(checkoutRequest({ locale, timeZone, heldUntil }));
    expect(params.locale).toBe(locale);
    expect(params.custom_text).toEqual({ submit: { message } });
  });

  test.each([
    ['JPY', 9800, 9800],
    ['ISK', 12_000, 1_200_000],
    ['KWD', 15_250, 15_250],
  ])('write %s %d in the decimals of Stripe', (currency, amount, unit_amount) => {
    const params = sessionParams(checkoutRequest({ amount: { amount, currency } }));
    expect(params.line_items?.[0]?.price_data).toMatchObject({ currency: currency.toLowerCase(), unit_amount });
  });

  test('are refused if Stripe cannot charge exactly the amount', () => {
    const request = checkoutRequest({ amount: { amount: 5124, currency: 'KWD' } });
    expect(() => sessionParams(request)).toThrow(ProviderRefused);
  });
});
