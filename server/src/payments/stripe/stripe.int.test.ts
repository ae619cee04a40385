import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textAt } from '../../../test/support/stripe/form.ts';
import { checkoutRequest, stripeAt } from '../../../test/support/stripe/checkout-request.ts';
import { startStandIn, type StandIn } from '../../../test/support/stripe/stand-in.ts';
import { ProviderRefused, type CheckoutRequest, type PaymentProvider } from '../provider.ts';

let standIn: StandIn;
let provider: PaymentProvider;
beforeAll(async () => {
  standIn = await startStandIn();
  provider = stripeAt(standIn);
});
afterAll(() => standIn.close());

const CREATE = 'POST /v1/checkout/sessions';
const sentFor = ({ key }: CheckoutRequest) =>
  standIn.requests.filter(({ route, headers }) => route === CREATE && headers['idempotency-key'] === key);
const madeFor = ({ key }: CheckoutRequest) =>
  [...standIn.books.sessions.values()].filter(({ metadata }) => metadata['key'] === key);

describe('a checkout at Stripe', () => {
  test('is opened once under the key of its request, however often it is sent', async () => {
    const request = checkoutRequest();
    const opened = await provider.openCheckout(request);
    expect(opened).toEqual({ reference: expect.stringMatching(/^cs_/), url: expect.stringContaining(standIn.url) });
    expect(await provider.openCheckout({ ...request })).toEqual(opened);
    expect(madeFor(request)).toHaveLength(1);
    expect(sentFor(request).map(({ body }) => body)).toEqual([sentFor(request)[0]?.body, sentFor(request)[0]?.body]);
  });

  test('names the version of the API, and sends no telemetry', async () => {
    const request = checkoutRequest();
    await provider.openCheckout(request);
    await provider.openCheckout(request);
    expect(sentFor(request)).toHaveLength(2);
    for (const { headers } of sentFor(request)) {
      expect(headers['stripe-version']).toBe('2026-08-26.dahlia');
      expect(headers['x-stripe-client-telemetry']).toBeUndefined();
    }
  });

  test('shows the end of the hold, and expires at the requested time', async () => {
    const request = checkoutRequest({ locale: 'de', heldUntil: new Date('2026-10-14T18:14:00.000Z') });
    await provider.openCheckout(request);
    const form = sentFor(request)[0]?.form;
    expect(textAt(form, 'custom_text', 'submit', 'message')).toBe('Plätze bis 20:14 MESZ reserviert');
    expect(Number(textAt(form, 'expires_at'))).toBe(Math.floor(request.expiresAt.getTime() / 1000));
  });

  test('goes from open to paid, with the received amount', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    expect(await provider.lookUp(reference)).toEqual({ status: 'open' });
    standIn.books.pay(reference);
    expect(await provider.lookUp(reference)).toEqual({
      status: 'paid',
      charge: expect.stringMatching(/^pi_/),
      amount: { amount: 4000, currency: 'EUR' },
    });
  });

  test('reports the received amount if it differs from the requested one', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    standIn.books.pay(reference, { received: 1000, currency: 'usd' });
    expect(await provider.lookUp(reference)).toMatchObject({ amount: { amount: 1000, currency: 'USD' } });
  });

  test.each([
    ['JPY', 9800],
    ['ISK', 12_000],
    ['UGX', 70_000],
    ['MGA', 4_000_000],
    ['KWD', 15_250],
  ])('is paid in %s to the last unit', async (currency, amount) => {
    const { reference } = await provider.openCheckout(checkoutRequest({ amount: { amount, currency } }));
    standIn.books.pay(reference);
    expect(await provider.lookUp(reference)).toMatchObject({ status: 'paid', amount: { amount, currency } });
  });

  test('stays open when a card is declined', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    standIn.books.decline(reference);
    expect(await provider.lookUp(reference)).toEqual({ status: 'open' });
  });

  test('is paid only when the money arrives, and ended if it never does', async () => {
    const { reference: one } = await provider.openCheckout(checkoutRequest());
    const { reference: other } = await provider.openCheckout(checkoutRequest());
    for (const reference of [one, other]) {
      standIn.books.payLater(reference);
      expect(await provider.lookUp(reference)).toEqual({ status: 'processing' });
    }
    standIn.books.arrive(one, 'succeeded');
    standIn.books.arrive(other, 'failed');
    expect(await provider.lookUp(one)).toMatchObject({ status: 'paid' });
    expect(await provider.lookUp(other)).toEqual({ status: 'ended' });
  });

  test('is ended once it is cancelled, also if it is cancelled twice', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    expect(await provider.cancelCheckout(reference)).toEqual({ status: 'ended' });
    expect(await provider.cancelCheckout(reference)).toEqual({ status: 'ended' });
  });

  test('[F14] is reported as paid if it was paid before it could be cancelled', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    standIn.books.pay(reference);
    expect(await provider.cancelCheckout(reference)).toMatchObject({ status: 'paid' });
  });

  test('is not reported as ended if Stripe does not know it: it may be paid on another account', async () => {
    for (const asked of [provider.lookUp('cs_unknown'), provider.cancelCheckout('cs_unknown')]) {
      const failing = await failureOf(asked);
      expect(failing).toMatchObject({ statusCode: 404 });
      expect(failing).not.toBeInstanceOf(ProviderRefused);
    }
  });
});

describe('a Stripe request that can never succeed is refused for good', () => {
  test.each<[string, Partial<CheckoutRequest>]>([
    ['an amount that is too small', { amount: { amount: 10, currency: 'EUR' } }],
    ['an amount that Stripe cannot write', { amount: { amount: 5124, currency: 'KWD' } }],
    ['an end that is too near', { expiresAt: new Date(Date.now() + 60_000) }],
  ])('%s', async (_, wrong) => {
    await expect(provider.openCheckout(checkoutRequest(wrong))).rejects.toThrow(ProviderRefused);
  });

  test('with a key that another request has used', async () => {
    const request = checkoutRequest();
    await provider.openCheckout(request);
    const other = { ...request, amount: { amount: 8000, currency: 'EUR' } };
    await expect(provider.openCheckout(other)).rejects.toThrow(ProviderRefused);
    expect(madeFor(request)).toMatchObject([{ amount_total: 4000 }]);
  });
});

describe('a Stripe failure that may pass is thrown, and a retry opens one checkout', () => {
  test('a secret key that Stripe rejects, because an operator may correct it', async () => {
    const stranger = stripeAt(standIn, { secretKey: 'sk_test_old' });
    const request = checkoutRequest();
    const failing = await failureOf(stranger.openCheckout(request));
    expect(failing).toMatchObject({ statusCode: 401 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    expect(await provider.openCheckout(request)).toMatchObject({ reference: expect.stringMatching(/^cs_/) });
  });

  test('[F15] too many requests', async () => {
    const request = checkoutRequest();
    standIn.plan(CREATE, { kind: 'tooMany' });
    const failing = await failureOf(provider.openCheckout(request));
    expect(failing).toMatchObject({ statusCode: 429 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    await provider.openCheckout(request);
    expect(madeFor(request)).toHaveLength(1);
  });

  test.each([true, false])('[F15] no answer, with the request having reached Stripe: %s', async (reached) => {
    const request = checkoutRequest();
    // Two faults: for the first attempt and the SDK's one retry.
    standIn.plan(CREATE, { kind: 'silence', reached }, 2);
    const failing = await failureOf(stripeAt(standIn, { timeoutMs: 100 }).openCheckout(request));
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    await provider.openCheckout(request);
    expect(madeFor(request)).toHaveLength(1);
  });

  test.each([true, false])('[F15] a cut connection, with the request having reached Stripe: %s', async (reached) => {
    const request = checkoutRequest();
    standIn.plan(CREATE, { kind: 'reset', reached }, 2);
    expect(await failureOf(provider.openCheckout(request))).not.toBeInstanceOf(ProviderRefused);
    await provider.openCheckout(request);
    expect(madeFor(request)).toHaveLength(1);
  });

  test('the same request while the first one is being processed', async () => {
    const request = checkoutRequest();
    const gate = Promise.withResolvers<void>();
    standIn.plan(CREATE, { kind: 'slow', until: gate.promise });
    const first = provider.openCheckout(request);
    await expect.poll(() => sentFor(request).length, { timeout: 20_000 }).toBe(1);
    const failing = await failureOf(provider.openCheckout(request));
    expect(failing).toMatchObject({ statusCode: 409 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    gate.resolve();
    expect(await provider.openCheckout(request)).toEqual(await first);
    expect(madeFor(request)).toHaveLength(1);
  });
});

describe('[F15] an error of Stripe is replayed for its key', () => {
  test.each([true, false])('so that another attempt is needed; with the checkout made: %s', async (done) => {
    const request = checkoutRequest();
    standIn.plan(CREATE, { kind: 'error', done });
    // The SDK retries under the same key and gets the same answer, so this key can never succeed.
    await expect(provider.openCheckout(request)).rejects.toThrow(ProviderRefused);
    expect(sentFor(request)).toHaveLength(2);
    const next = await provider.openCheckout({ ...request, key: `${request.bookingId}-2` });
    expect(await provider.lookUp(next.reference)).toEqual({ status: 'open' });
  });
});

describe('a failed look-up or cancellation at Stripe is thrown and can be retried', () => {
  const LOOK_UP = 'GET /v1/checkout/sessions/:id';
  const EXPIRE = 'POST /v1/checkout/sessions/:id/expire';

  test.each(['error', 'tooMany'] as const)('[F15] %s', async (kind) => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    for (const route of [LOOK_UP, EXPIRE]) standIn.plan(route, { kind, done: false }, 2);
    for (const asked of [provider.lookUp(reference), provider.cancelCheckout(reference)])
      expect(await failureOf(asked)).not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    expect(await provider.lookUp(reference)).toEqual({ status: 'open' });
    expect(await provider.cancelCheckout(reference)).toEqual({ status: 'ended' });
  });
});

async function failureOf(failing: Promise<unknown>): Promise<unknown> {
  return failing.then(
    () => expect.fail('It succeeded'),
    (error: unknown) => error,
  );
}
