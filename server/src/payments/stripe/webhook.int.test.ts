import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkoutRequest, stripeAt, WEBHOOK_SECRET } from '../../../test/support/stripe/checkout-request.ts';
import { startStandIn, type StandIn } from '../../../test/support/stripe/stand-in.ts';
import type { StripeEvent } from '../../../test/support/stripe/webhooks.ts';
import type { CheckoutRequest, PaymentProvider, ProviderEvent } from '../provider.ts';

let standIn: StandIn;
let provider: PaymentProvider;
beforeAll(async () => {
  standIn = await startStandIn();
  provider = stripeAt(standIn);
});
afterAll(() => standIn.close());

const MINUTE_MS = 60_000;

/** A checkout, its request, and the webhooks that report it. */
async function opened(): Promise<{ request: CheckoutRequest; reference: string; last: (type: string) => StripeEvent }> {
  const request = checkoutRequest();
  const { reference } = await provider.openCheckout(request);
  return {
    request,
    reference,
    last: (type) => standIn.webhooks.of(type).at(-1) ?? expect.fail(`No webhook ${type}`),
  };
}

function verify(webhook: StripeEvent, headers: Record<string, string> = signed(webhook)): ProviderEvent | null {
  return provider.verifyWebhook(Buffer.from(webhook.body), headers);
}

function signed(webhook: StripeEvent, signedAt = new Date(), secret = WEBHOOK_SECRET): Record<string, string> {
  return standIn.webhooks.headersFor(webhook, { secret, signedAt });
}

describe('a Stripe webhook', () => {
  test('of a checkout names the checkout, its key and the time', async () => {
    const { request, reference, last } = await opened();
    standIn.books.pay(reference);
    const webhook = last('checkout.session.completed');
    expect(verify(webhook)).toEqual({
      id: webhook.id,
      kind: 'changed',
      reference,
      charge: null,
      key: request.key,
      at: new Date(webhook.created * 1000),
    });
  });

  test('reports a checkout that expired, and a delayed payment that arrived or failed', async () => {
    const expired = await opened();
    standIn.books.expire(expired.reference);
    expect(verify(expired.last('checkout.session.expired'))).toMatchObject({
      kind: 'changed',
      key: expired.request.key,
    });
    for (const outcome of ['succeeded', 'failed'] as const) {
      const late = await opened();
      standIn.books.payLater(late.reference);
      standIn.books.arrive(late.reference, outcome);
      const event = verify(late.last(`checkout.session.async_payment_${outcome}`));
      expect(event).toMatchObject({ kind: 'changed', reference: late.reference });
    }
  });

  test('of a declined card names the key, but not the checkout', async () => {
    const { request, reference, last } = await opened();
    standIn.books.decline(reference);
    const event = verify(last('payment_intent.payment_failed'));
    expect(event).toMatchObject({ kind: 'declined', reference: null, key: request.key });
  });

  test('of a refund by hand, of a charge that was refunded, and of a dispute names the charge', async () => {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    const charge = standIn.books.session(reference).payment_intent ?? '';
    standIn.books.refundByHand(charge, 100);
    standIn.books.decide(standIn.books.dispute(charge).id, 'lost');
    const types = ['refund.created', 'charge.refunded', 'charge.dispute.created', 'charge.dispute.closed'];
    for (const type of types) expect(verify(last(type)), type).toMatchObject({ kind: 'reversal', charge });
  });

  test('of a refund names the refund and its key', async () => {
    const { request, reference, last } = await opened();
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
    expect(verify(last('charge.refunded'))).toMatchObject({ key: request.key });
  });

  test('of another shop is verified as well, so that Stripe does not repeat it', async () => {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    expect(verify(last('payment_intent.succeeded'))).toMatchObject({ kind: 'other' });
    standIn.webhooks.emit('checkout.session.completed', { id: 'cs_of_another_shop', metadata: {} });
    expect(verify(last('checkout.session.completed'))).toMatchObject({ kind: 'other', key: null });
  });

  test('is the same on each delivery, however late', async () => {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    const webhook = last('checkout.session.completed');
    expect(verify(webhook, signed(webhook, new Date(Date.now() - MINUTE_MS)))).toEqual(verify(webhook));
  });
});

describe('a Stripe webhook is rejected', () => {
  async function paidWebhook(): Promise<StripeEvent> {
    const { reference, last } = await opened();
    standIn.books.pay(reference);
    return last('checkout.session.completed');
  }

  test('without a signature, or with the signature of another secret', async () => {
    const webhook = await paidWebhook();
    expect(verify(webhook, {})).toBeNull();
    expect(verify(webhook, { 'stripe-signature': '' })).toBeNull();
    expect(verify(webhook, { 'stripe-signature': 't=1,v1=00' })).toBeNull();
    expect(verify(webhook, signed(webhook, new Date(), 'whsec_another'))).toBeNull();
  });

  test('with an old signature', async () => {
    const webhook = await paidWebhook();
    expect(verify(webhook, signed(webhook, new Date(Date.now() - 4 * MINUTE_MS)))).not.toBeNull();
    expect(verify(webhook, signed(webhook, new Date(Date.now() - 6 * MINUTE_MS)))).toBeNull();
  });

  test('with other bytes, even if only a space differs', async () => {
    const webhook = await paidWebhook();
    const headers = signed(webhook);
    expect(verify({ ...webhook, body: `${webhook.body} ` }, headers)).toBeNull();
    expect(verify({ ...webhook, body: webhook.body.replace('"paid"', '"Paid"') }, headers)).toBeNull();
    expect(verify({ ...webhook, body: JSON.stringify(JSON.parse(webhook.body)) }, headers)).toBeNull();
  });

  test.each(['', 'not json', '[]', '{"id":"evt_1"}'])('with the signed body %j, which is not an event', (body) => {
    const payload = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: WEBHOOK_SECRET });
    expect(provider.verifyWebhook(Buffer.from(body), { 'stripe-signature': payload })).toBeNull();
  });
});
