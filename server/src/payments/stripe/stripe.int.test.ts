import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textAt } from '../../../test/support/stripe/form.ts';
import { checkoutRequest, stripeAt } from '../../../test/support/stripe/orders.ts';
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

describe('a checkout', () => {
  test('is opened under the key of its order, once however often it is asked for', async () => {
    const order = checkoutRequest();
    const opened = await provider.openCheckout(order);
    expect(opened).toEqual({ reference: expect.stringMatching(/^cs_/), url: expect.stringContaining(standIn.url) });
    expect(await provider.openCheckout({ ...order })).toEqual(opened);
    expect(madeFor(order)).toHaveLength(1);
    expect(sentFor(order).map(({ body }) => body)).toEqual([sentFor(order)[0]?.body, sentFor(order)[0]?.body]);
  });

  test('names the version of the interface, and tells nothing of how fast we are', async () => {
    const order = checkoutRequest();
    await provider.openCheckout(order);
    await provider.openCheckout(order);
    for (const { headers } of sentFor(order)) {
      expect(headers['stripe-version']).toBe('2026-08-26.dahlia');
      expect(headers['x-stripe-client-telemetry']).toBeUndefined();
    }
  });

  test('says until when the seats are held, and ends when the order says', async () => {
    const order = checkoutRequest({ locale: 'de', heldUntil: new Date('2026-10-14T18:14:00.000Z') });
    await provider.openCheckout(order);
    const form = sentFor(order)[0]?.form;
    expect(textAt(form, 'custom_text', 'submit', 'message')).toBe('Plätze bis 20:14 MESZ reserviert');
    expect(Number(textAt(form, 'expires_at'))).toBe(Math.floor(order.expiresAt.getTime() / 1000));
  });

  test('goes from open to paid, with the money that was received', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    expect(await provider.lookUp(reference)).toEqual({ status: 'open' });
    standIn.books.pay(reference);
    expect(await provider.lookUp(reference)).toEqual({
      status: 'paid',
      charge: expect.stringMatching(/^pi_/),
      amount: { amount: 4000, currency: 'EUR' },
    });
  });

  test('says what was received where that is not what was asked for', async () => {
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

  test('is paid only when the money is there, and over when it never comes', async () => {
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

  test('is over once it is cancelled, also when that is said twice', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    expect(await provider.cancelCheckout(reference)).toEqual({ status: 'ended' });
    expect(await provider.cancelCheckout(reference)).toEqual({ status: 'ended' });
  });

  test('[F14] that was paid before it could be cancelled is told as paid', async () => {
    const { reference } = await provider.openCheckout(checkoutRequest());
    standIn.books.pay(reference);
    expect(await provider.cancelCheckout(reference)).toMatchObject({ status: 'paid' });
  });

  test('that Stripe does not know is not called over: the key is of another account, and it may be paid', async () => {
    for (const asked of [provider.lookUp('cs_unknown'), provider.cancelCheckout('cs_unknown')]) {
      const failing = await failureOf(asked);
      expect(failing).toMatchObject({ statusCode: 404 });
      expect(failing).not.toBeInstanceOf(ProviderRefused);
    }
  });
});

describe('what can never succeed is refused for good', () => {
  test.each<[string, Partial<CheckoutRequest>]>([
    ['an amount that is too small', { amount: { amount: 10, currency: 'EUR' } }],
    ['an amount that Stripe cannot write', { amount: { amount: 5124, currency: 'KWD' } }],
    ['an end that is too near', { expiresAt: new Date(Date.now() + 60_000) }],
  ])('%s', async (_, wrong) => {
    await expect(provider.openCheckout(checkoutRequest(wrong))).rejects.toThrow(ProviderRefused);
  });

  test('a key that was used for another order', async () => {
    const order = checkoutRequest();
    await provider.openCheckout(order);
    const other = { ...order, amount: { amount: 8000, currency: 'EUR' } };
    await expect(provider.openCheckout(other)).rejects.toThrow(ProviderRefused);
    expect(madeFor(order)).toMatchObject([{ amount_total: 4000 }]);
  });
});

describe('what may pass is thrown, and the same order tried again opens one checkout', () => {
  test('a secret key that Stripe does not take: someone may put it right', async () => {
    const stranger = stripeAt(standIn, { secretKey: 'sk_test_old' });
    const order = checkoutRequest();
    const failing = await failureOf(stranger.openCheckout(order));
    expect(failing).toMatchObject({ statusCode: 401 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    expect(await provider.openCheckout(order)).toMatchObject({ reference: expect.stringMatching(/^cs_/) });
  });

  test('[F15] too many requests', async () => {
    const order = checkoutRequest();
    standIn.plan(CREATE, { kind: 'tooMany' });
    const failing = await failureOf(provider.openCheckout(order));
    expect(failing).toMatchObject({ statusCode: 429 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    await provider.openCheckout(order);
    expect(madeFor(order)).toHaveLength(1);
  });

  test.each([true, false])('[F15] no answer at all, the request having reached Stripe: %s', async (reached) => {
    const order = checkoutRequest();
    // Its own try and the one retry of the SDK.
    standIn.plan(CREATE, { kind: 'silence', reached }, 2);
    const failing = await failureOf(stripeAt(standIn, { timeoutMs: 100 }).openCheckout(order));
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    await provider.openCheckout(order);
    expect(madeFor(order)).toHaveLength(1);
  });

  test.each([true, false])('[F15] a line that is cut, the request having reached Stripe: %s', async (reached) => {
    const order = checkoutRequest();
    standIn.plan(CREATE, { kind: 'reset', reached }, 2);
    expect(await failureOf(provider.openCheckout(order))).not.toBeInstanceOf(ProviderRefused);
    await provider.openCheckout(order);
    expect(madeFor(order)).toHaveLength(1);
  });

  test('the same order while its first request is in work', async () => {
    const order = checkoutRequest();
    const gate = Promise.withResolvers<void>();
    standIn.plan(CREATE, { kind: 'slow', until: gate.promise });
    const first = provider.openCheckout(order);
    await expect.poll(() => sentFor(order).length, { timeout: 20_000 }).toBe(1);
    const failing = await failureOf(provider.openCheckout(order));
    expect(failing).toMatchObject({ statusCode: 409 });
    expect(failing).not.toBeInstanceOf(ProviderRefused);
    gate.resolve();
    expect(await provider.openCheckout(order)).toEqual(await first);
    expect(madeFor(order)).toHaveLength(1);
  });
});

describe('[F15] a fault of Stripe stays with its key', () => {
  test.each([true, false])('so that another attempt is needed; the work behind it done: %s', async (done) => {
    const order = checkoutRequest();
    standIn.plan(CREATE, { kind: 'error', done });
    // The SDK asks again under the same key, and is told the same again: that is how the key is known to be dead.
    await expect(provider.openCheckout(order)).rejects.toThrow(ProviderRefused);
    expect(sentFor(order)).toHaveLength(2);
    const next = await provider.openCheckout({ ...order, key: `${order.bookingId}-2` });
    expect(await provider.lookUp(next.reference)).toEqual({ status: 'open' });
  });
});

describe('a look-up or a cancellation that fails is thrown, and may be repeated', () => {
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
