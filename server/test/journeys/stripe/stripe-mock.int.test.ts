import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, type TestContext } from 'vitest';
import type { CheckoutRequest } from '#server/payments/provider.ts';
import { checkoutRequest, stripeAt } from '../../support/stripe/checkout-request.ts';
import { SECRET_KEY, startStandIn, type Recorded, type StandIn } from '../../support/stripe/stand-in.ts';
import { BUILD_TIMEOUT_MS, startStripeMock, type StripeMock } from '../../support/stripe/stripe-mock.ts';

let started: StripeMock | string;
let standIn: StandIn;
// Start stripe-mock outside the tests' time limits, because the first run compiles it.
beforeAll(async () => {
  started = await startStripeMock();
}, BUILD_TIMEOUT_MS);
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(async () => {
  await standIn.close();
  if (typeof started !== 'string') await started.stop();
});

function mockOf(t: TestContext): StripeMock {
  if (typeof started === 'string') return t.skip(started);
  return started;
}

/** Repeats a recorded request at Stripe's own mock. */
async function repeat(
  mock: StripeMock,
  { method, url, body, headers }: Recorded,
): Promise<{ status: number; text: string }> {
  const kept = ['content-type', 'stripe-version', 'idempotency-key'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const response = await fetch(mock.url + url, {
    method,
    headers: { ...Object.fromEntries(kept), authorization: `Bearer ${SECRET_KEY}` },
    ...(method === 'POST' ? { body } : {}),
  });
  return { status: response.status, text: await response.text() };
}

/** Every kind of request that the provider makes: each of its calls, with the faults that cause further requests. */
async function everyRequest(): Promise<Recorded[]> {
  const provider = stripeAt(standIn);
  const requests: Partial<CheckoutRequest>[] = [{}, { locale: 'de' }, { amount: { amount: 9800, currency: 'JPY' } }];
  for (const request of requests) {
    const { reference } = await provider.openCheckout(checkoutRequest(request));
    await provider.lookUp(reference);
    await provider.cancelCheckout(reference);
    await provider.cancelCheckout(reference);
  }
  const { reference } = await provider.openCheckout(checkoutRequest());
  standIn.books.pay(reference);
  const state = await provider.lookUp(reference);
  const charge = state.status === 'paid' ? state.charge : expect.fail(state.status);
  const refund = { key: randomUUID(), charge, amount: { amount: 4000, currency: 'EUR' } };
  const refunded = await provider.refund(refund);
  standIn.forgetKeys();
  await provider.refund(refund);
  await provider.lookUpRefund('reference' in refunded ? refunded.reference : '');
  await provider.listReversals(charge);
  standIn.books.dispute(charge);
  for (let cursor: string | null = null; ;) {
    cursor = (await provider.listReversalsSince(new Date(0), cursor)).next;
    if (cursor === null) return standIn.requests;
  }
}

describe("Stripe's own mock", () => {
  test('accepts every request that the provider makes', async (t) => {
    const mock = mockOf(t);
    const requests = await everyRequest();
    for (const request of requests) {
      const { status, text } = await repeat(mock, request);
      expect(status, `${request.route}: ${text}`).toBe(200);
    }
    expect(new Set(requests.map(({ route }) => route))).toEqual(
      new Set([
        'POST /v1/checkout/sessions',
        'GET /v1/checkout/sessions/:id',
        'POST /v1/checkout/sessions/:id/expire',
        'POST /v1/refunds',
        'GET /v1/refunds/:id',
        'GET /v1/refunds',
        'GET /v1/disputes',
      ]),
    );
  });

  test('accepts a checkout and a refund of the provider', async (t) => {
    const provider = stripeAt(mockOf(t));
    const { reference, url } = await provider.openCheckout(checkoutRequest());
    expect(reference).toMatch(/^cs_/);
    expect(URL.canParse(url)).toBe(true);
    for (const state of [await provider.lookUp(reference), await provider.cancelCheckout(reference)])
      expect(['open', 'processing', 'paid', 'ended']).toContain(state.status);
    const refund = { key: randomUUID(), charge: 'pi_1', amount: { amount: 4000, currency: 'EUR' } };
    expect(['pending', 'done']).toContain((await provider.refund(refund)).status);
    expect(['pending', 'done']).toContain((await provider.lookUpRefund('re_1')).status);
  });

  test('refuses an unknown parameter or version', async (t) => {
    const mock = mockOf(t);
    await stripeAt(standIn).openCheckout(checkoutRequest());
    const request = standIn.requests.at(-1) ?? expect.fail('Nothing was asked');
    expect(await repeat(mock, { ...request, body: `${request.body}&seats=2` })).toMatchObject({ status: 400 });
    const headers = { ...request.headers, 'stripe-version': '2020-08-27' };
    expect(await repeat(mock, { ...request, headers })).toMatchObject({ status: 400 });
  });
});
