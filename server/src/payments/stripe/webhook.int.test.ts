import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkoutRequest, stripeAt, WEBHOOK_SECRET } from '../../../test/support/stripe/orders.ts';
import { startStandIn, type StandIn } from '../../../test/support/stripe/stand-in.ts';
import type { Told } from '../../../test/support/stripe/webhooks.ts';
import type { CheckoutRequest, PaymentProvider, ProviderEvent } from '../provider.ts';

let standIn: StandIn;
let provider: PaymentProvider;
beforeAll(async () => {
  standIn = await startStandIn();
  provider = stripeAt(standIn);
});
afterAll(() => standIn.close());

const MINUTE_MS = 60_000;

/** A checkout of this order, and what was told of it. */
async function opened(): Promise<{ order: CheckoutRequest; reference: string; last: (type: string) => Told }> {
  const order = checkoutRequest();
  const { reference } = await provider.openCheckout(order);
  return {
    order,
    reference,
    last: (type) => standIn.webhooks.of(type).at(-1) ?? expect.fail(`Nothing said of ${type}`),
  };
}

function verify(told: Told, headers: Record<string, string> = signed(told)): ProviderEvent | null {
  return provider.verifyWebhook(Buffer.from(told.body), headers);
}

function signed(told: Told, signedAt = new Date(), secret = WEBHOOK_SECRET): Record<string, string> {
  return standIn.webhooks.headersFor(told, { secret, signedAt });
}

describe('an event', () => {
  test('of a checkout names it, its order and the moment', async () => {
    const { order, reference, last } = await opened();
    standIn.books.pay(reference);
    const told = last('checkout.session.completed');
    expect(verify(told)).toEqual({
      ...{ id: told.id, kind: 'changed', reference, key: order.key },
      at: new Date(told.created * 1000),
    });
  });

  test('of a checkout that ended by itself, or whose money came or never came, is one too', async () => {
    const expired = await opened();
    standIn.books.expire(expired.reference);
    expect(verify(expired.last('checkout.session.expired'))).toMatchObject({ kind: 'changed', key: expired.order.key });
    for (const outcome of ['succeeded', 'failed'] as const) {
      const late = await opened();
      standIn.books.payLater(late.reference);
      standIn.books.arrive(late.reference, outcome);
      const event = verify(late.last(`checkout.session.async_payment_${outcome}`));
      expect(event).toMatchObject({ kind: 'changed', reference: late.reference });
    }
  });

  test('of a declined card leads back to the order, though it does not name the checkout', async () => {
    const { order, reference, last } = await opened();
    standIn.books.decline(reference);
    const event = verify(last('payment_intent.payment_failed'));
    expect(event).toMatchObject({ kind: 'declined', reference: null, key: order.key });
  });

  test('of a refund names it and its order', async () => {
    const { order, reference, last } = await opened();
    standIn.books.pay(reference);
    standIn.books.plan.refunds = 'pending';
    const state = await provider.lookUp(reference);
    const charge = state.status === 'paid' ? state.charge : expect.fail(state.status);
    const refund = await provider.refund({
      key: 'refund-of-webhook',
      charge,
      amount: { amount: 4000, currency: 'EUR' },
    });
    const about = {
      kind: 'refund',
      reference: 'reference' in refund ? refund.reference : '',
      key: 'refund-of-webhook',
    };
    expect(verify(last('refund.created'))).toMatchObject(about);
    standIn.books.finishRefund(about.reference, 'failed');
    expect(verify(last('refund.updated'))).toMatchObject(about);
    expect(verify(last('refund.failed'))).toMatchObject(about);
    expect(verify(last('charge.refunded'))).toMatchObject({ key: order.key });
  });

  test('that is nothing to us is proven all the same, so that it need not come again', async () => {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    expect(verify(last('payment_intent.succeeded'))).toMatchObject({ kind: 'other' });
    standIn.webhooks.tell('checkout.session.completed', { id: 'cs_of_another_shop', metadata: {} });
    expect(verify(last('checkout.session.completed'))).toMatchObject({ kind: 'other', key: null });
  });

  test('is the same each time it is delivered, however late', async () => {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    const told = last('checkout.session.completed');
    expect(verify(told, signed(told, new Date(Date.now() - MINUTE_MS)))).toEqual(verify(told));
  });
});

describe('nothing is believed', () => {
  async function event(): Promise<Told> {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    return last('checkout.session.completed');
  }

  test('without a signature, or with one of another secret', async () => {
    const told = await event();
    expect(verify(told, {})).toBeNull();
    expect(verify(told, { 'stripe-signature': '' })).toBeNull();
    expect(verify(told, { 'stripe-signature': 't=1,v1=00' })).toBeNull();
    expect(verify(told, signed(told, new Date(), 'whsec_another'))).toBeNull();
  });

  test('of an old signature', async () => {
    const told = await event();
    expect(verify(told, signed(told, new Date(Date.now() - 4 * MINUTE_MS)))).not.toBeNull();
    expect(verify(told, signed(told, new Date(Date.now() - 6 * MINUTE_MS)))).toBeNull();
  });

  test('with other bytes, if only by a space', async () => {
    const told = await event();
    const headers = signed(told);
    expect(verify({ ...told, body: `${told.body} ` }, headers)).toBeNull();
    expect(verify({ ...told, body: told.body.replace('"paid"', '"Paid"') }, headers)).toBeNull();
    expect(verify({ ...told, body: JSON.stringify(JSON.parse(told.body)) }, headers)).toBeNull();
  });

  test.each(['', 'not json', '[]', '{"id":"evt_1"}'])('of the signed body %j, which is no event', (body) => {
    const payload = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: WEBHOOK_SECRET });
    expect(provider.verifyWebhook(Buffer.from(body), { 'stripe-signature': payload })).toBeNull();
  });
});
