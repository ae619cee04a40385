import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkoutRequest, stripeAt } from '../../../test/support/stripe/orders.ts';
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

/** A payment of 40 euros that has arrived. */
async function paid(): Promise<string> {
  const { reference } = await provider.openCheckout(checkoutRequest());
  standIn.books.pay(reference);
  const state = await provider.lookUp(reference);
  return state.status === 'paid' ? state.charge : expect.fail(`It is ${state.status}`);
}

async function order(more: Partial<RefundRequest> = {}): Promise<RefundRequest> {
  return { key: randomUUID(), charge: await paid(), amount: { amount: 4000, currency: 'EUR' }, ...more };
}

function referenceOf(state: RefundState): string {
  return 'reference' in state ? state.reference : expect.fail(state.reason);
}

describe('a refund', () => {
  test('gives back once what is ordered once, however often', async () => {
    const whole = await order();
    const done = await provider.refund(whole);
    expect(done).toEqual({ status: 'done', reference: expect.stringMatching(/^re_/) });
    expect(await provider.refund({ ...whole })).toEqual(done);
    expect(standIn.books.refundedOf(whole.charge)).toBe(4000);
  });

  test('may be a part, and another part', async () => {
    const first = await order({ amount: { amount: 1500, currency: 'EUR' } });
    await provider.refund(first);
    await provider.refund({ ...first, key: randomUUID() });
    expect(standIn.books.refundedOf(first.charge)).toBe(3000);
  });

  test('that is under way is looked up until it is done', async () => {
    standIn.books.plan.refunds = 'pending';
    const pending = await provider.refund(await order());
    expect(pending.status).toBe('pending');
    const reference = referenceOf(pending);
    expect(await provider.lookUpRefund(reference)).toEqual(pending);
    standIn.books.finishRefund(reference, 'succeeded');
    expect(await provider.lookUpRefund(reference)).toEqual({ status: 'done', reference });
  });

  test('that the bank sends back is told with its reason', async () => {
    standIn.books.plan.refunds = 'pending';
    const reference = referenceOf(await provider.refund(await order()));
    standIn.books.finishRefund(reference, 'failed');
    expect(await provider.lookUpRefund(reference)).toEqual({ status: 'refused', reason: 'lost_or_stolen_card' });
  });

  test('of more than there is left is refused', async () => {
    const more = await order({ amount: { amount: 5000, currency: 'EUR' } });
    expect(await provider.refund(more)).toEqual({
      status: 'refused',
      reason: expect.stringContaining('amount_too_large'),
    });
  });

  test('of money that went back already is refused, and says so', async () => {
    const first = await order();
    await provider.refund(first);
    const second = await provider.refund({ ...first, key: randomUUID() });
    expect(second).toEqual({ status: 'refused', reason: expect.stringContaining('charge_already_refunded') });
  });

  test('of an amount that Stripe cannot move is refused unasked', async () => {
    const before = standIn.requests.length;
    const odd = { key: randomUUID(), charge: 'pi_any', amount: { amount: 5124, currency: 'KWD' } };
    expect(await provider.refund(odd)).toMatchObject({ status: 'refused' });
    expect(standIn.requests).toHaveLength(before);
  });

  test('that Stripe does not know is asked about again', async () => {
    await expect(provider.lookUpRefund('re_unknown')).rejects.not.toBeInstanceOf(ProviderRefused);
  });
});

describe('nothing is refunded twice', () => {
  test('[F9] when the first answer was lost', async () => {
    const lost = await order();
    standIn.plan(REFUND, { kind: 'silence', reached: true }, 2);
    await expect(stripeAt(standIn, { timeoutMs: 100 }).refund(lost)).rejects.not.toBeInstanceOf(ProviderRefused);
    standIn.forgetPlans();
    expect(await provider.refund(lost)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(lost.charge)).toHaveLength(1);
  });

  test('when Stripe has forgotten the key: its list knows', async () => {
    const old = await order();
    const done = await provider.refund(old);
    standIn.forgetKeys();
    expect(await provider.refund(old)).toEqual(done);
    expect(standIn.books.refundsOf(old.charge)).toHaveLength(1);
  });

  test('[F15] when Stripe answered with a fault after doing it', async () => {
    const failed = await order();
    standIn.plan(REFUND, { kind: 'error', done: true });
    expect(await provider.refund(failed)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(failed.charge)).toHaveLength(1);
  });

  test('[F15] and a fault before doing it is thrown, until the key lives again', async () => {
    const failed = await order();
    standIn.plan(REFUND, { kind: 'error', done: false });
    for (const _ of [1, 2]) await expect(provider.refund(failed)).rejects.toMatchObject({ statusCode: 500 });
    standIn.forgetKeys();
    expect(await provider.refund(failed)).toMatchObject({ status: 'done' });
    expect(standIn.books.refundsOf(failed.charge)).toHaveLength(1);
  });
});
