import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkoutRequest, stripeAt } from '../../../test/support/stripe/checkout-request.ts';
import { startStandIn, type StandIn } from '../../../test/support/stripe/stand-in.ts';
import { ProviderRefused, type PaymentProvider, type RefundRequest, type RefundState } from '../provider.ts';

let standIn: StandIn;
let provider: PaymentProvider;
beforeAll(async () => {
  standIn = await startStandIn();
  provider = stripeAt(standIn);
});
afterAll(() => standIn.close());
beforeEach(() => {
  standIn.books.plan.refunds = 'succeeded';
});

const REFUND = 'POST /v1/refunds';

/** Makes a payment of 40 euros at Stripe. Returns its charge. */
async function paid(): Promise<string> {
  const { reference } = await provider.openCheckout(checkoutRequest());
  standIn.books.pay(reference);
  const state = await provider.lookUp(reference);
  return state.status === 'paid' ? state.charge : expect.fail(`It is ${state.status}`);
}

async function refundRequest(more: Partial<RefundRequest> = {}): Promise<RefundRequest> {
  return { key: randomUUID(), charge: await paid(), amount: { amount: 4000, currency: 'EUR' }, ...more };
}

function referenceOf(state: RefundState): string {
  return 'reference' in state ? state.reference : expect.fail(state.reason);
}

describe('a refund at Stripe', () => {
  test('is carried out once however often the same request is sent', async () => {
    const whole = await refundRequest();
    const done = await provider.refund(whole);
    expect(done).toEqual({ status: 'done', reference: expect.stringMatching(/^re_/) });
    expect(await provider.refund({ ...whole })).toEqual(done);
    expect(standIn.books.refundedOf(whole.charge)).toBe(4000);
  });

  test('can be a part of the charge, followed by another part', async () => {
    const first = await refundRequest({ amount: { amount: 1500, currency: 'EUR' } });
    await provider.refund(first);
    await provider.refund({ ...first, key: randomUUID() });
    expect(standIn.books.refundedOf(first.charge)).toBe(3000);
  });

  test('is looked up while it is pending, until it is done', async () => {
    standIn.books.plan.refunds = 'pending';
    const pending = await provider.refund(await refundRequest());
    expect(pending.status).toBe('pending');
    const reference = referenceOf(pending);
    expect(await provider.lookUpRefund(reference)).toEqual(pending);
    standIn.books.finishRefund(reference, 'succeeded');
    expect(await provider.lookUpRefund(reference)).toEqual({ status: 'done', reference });
  });

  test('reports the reason if the bank returns it', async () => {
    standIn.books.plan.refunds = 'pending';
    const reference = referenceOf(await provider.refund(await refundRequest()));
    standIn.books.finishRefund(reference, 'failed');
    expect(await provider.lookUpRefund(reference)).toEqual({ status: 'refused', reason: 'lost_or_stolen_card' });
  });

  test('is refused if it exceeds the rest of the charge', async () => {
    const more = await refundRequest({ amount: { amount: 5000, currency: 'EUR' } });
    expect(await provider.refund(more)).toEqual({
      status: 'refused',
      reason: expect.stringContaining('amount_too_large'),
    });
  });

  test('is refused with a reason if the charge was refunded already', async () => {
    const first = await refundRequest();
    await provider.refund(first);
    const second = await provider.refund({ ...first, key: randomUUID() });
    expect(second).toEqual({ status: 'refused', reason: expect.stringContaining('charge_already_refunded') });
  });

  test('is refused without a request if Stripe cannot transfer the amount', async () => {
    const before = standIn.requests.length;
    const odd = { key: randomUUID(), charge: 'pi_any', amount: { amount: 5124, currency: 'KWD' } };
    expect(await provider.refund(odd)).toMatchObject({ status: 'refused' });
    expect(standIn.requests).toHaveLength(before);
  });

  test('throws if Stripe does not know it, so that the look-up is retried', async () => {
    await expect(provider.lookUpRefund('re_unknown')).rejects.not.toBeInstanceOf(ProviderRefused);
  });
});

describe('a refund is made only once', () => {
  test('[F9] when the first answer is lost', async () => {
    const lost = await refundRequest();
    standIn.plan(REFUND, { kind: 'silence', reached: true }, 2);
    await expect(stripeAt(standIn, { timeoutMs: 100 }).refund(lost)).rejects.not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    expect(await provider.refund(lost)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(lost.charge)).toHaveLength(1);
  });

  test('when Stripe has dropped the key: its list has the refund', async () => {
    const old = await refundRequest();
    const done = await provider.refund(old);
    standIn.forgetKeys();
    expect(await provider.refund(old)).toEqual(done);
    expect(standIn.books.refundsOf(old.charge)).toHaveLength(1);
  });

  test('[F15] when Stripe answers with an error after it made the refund', async () => {
    const failed = await refundRequest();
    standIn.plan(REFUND, { kind: 'error', done: true });
    expect(await provider.refund(failed)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(failed.charge)).toHaveLength(1);
  });

  test('[F15] and an error before it was made is thrown until Stripe drops the key', async () => {
    const failed = await refundRequest();
    standIn.plan(REFUND, { kind: 'error', done: false });
    for (const _ of [1, 2]) await expect(provider.refund(failed)).rejects.toMatchObject({ statusCode: 500 });
    standIn.forgetKeys();
    expect(await provider.refund(failed)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(failed.charge)).toHaveLength(1);
  });
});
