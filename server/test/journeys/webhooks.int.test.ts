import { describe, expect, it } from 'vitest';
import { signBody } from '#server/payments/demo/signature.ts';
import type { PaymentProvider } from '#server/payments/provider.ts';
import { buy, CARD, outlastHold, paidSetting, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import type { TestApp } from '../support/test-app.ts';
import { book } from '../support/test-app.ts';

const POLL = { timeout: 20_000 };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Setting = Awaited<ReturnType<typeof paidSetting>>;

/** Sends the demo provider's webhooks on the test's demand, signed at the server's time or at another time. */
async function postman({ app, clock, url }: TestApp) {
  const { value: secret } = await app.models.keys.findById('payment-secret').orFail().lean();
  const now = () => Date.now() + clock.offsetMs;
  function send(event: object, header?: string, body = JSON.stringify(event)): Promise<Response> {
    const signature = header ?? signBody(secret, body, new Date(now()));
    const headers = { 'content-type': 'application/json', 'demo-signature': signature };
    return fetch(`${url}/api/webhooks/demo`, { method: 'POST', headers, body });
  }
  const signedBefore = (event: object, ms: number) => signBody(secret, JSON.stringify(event), new Date(now() - ms));
  return { secret, send, signedBefore };
}

/** A hold of seats with an open checkout, and the webhook event that reports a change to it. */
async function openCheckout(setting: Setting, seats = 1) {
  const { app, alice, eventId } = setting;
  const { id } = await book(alice, eventId, seats);
  const checkout = await alice.must('checkout', { bookingId: id });
  const { reference } = await app.app.models.payments.findOne({ bookingId: id }).orFail().lean();
  const event = { id: 'demo_evt_1', kind: 'changed', reference, key: null, at: new Date().toISOString() };
  return { ...setting, ...(await postman(app)), id, checkout, event };
}

/** The stored booking with its payments and ledger entries, for comparison before and after a webhook. */
async function effects({ app: { models, engine } }: TestApp, bookingId: string) {
  // Jobs of confirmations are added after the commit.
  await engine.drained();
  const entries = await models.ledger.aggregate<{ kind: string }>([
    { $sort: { seq: 1 } },
    { $unwind: '$entries' },
    { $replaceRoot: { newRoot: '$entries' } },
    { $match: { $expr: { $eq: [{ $toString: '$booking._id' }, bookingId] } } },
    { $project: { kind: 1 } },
  ]);
  return {
    booking: await models.bookings.findById(bookingId).orFail().lean(),
    // A sweep removes the mark once the receipts of the payment are stored.
    payments: await models.payments.find({ bookingId }, { lookAt: 0, isReceiptDue: 0 }).lean(),
    kinds: entries.map(({ kind }) => kind),
    mails: await models.jobs.countDocuments({ kind: /^tell-/ }),
  };
}

describe('a webhook', () => {
  it('[Money] without a valid, recent signature of its bytes is refused, and changes nothing', async (t) => {
    const { app, alice, id, send, event, secret } = await openCheckout(await paidSetting(t));
    const body = JSON.stringify(event);
    const old = signBody(secret, body, new Date(Date.now() - 3_600_000));
    for (const header of ['', 'garbage', old, signBody('another secret', body, new Date())])
      expect((await send(event, header)).status).toBe(400);
    expect((await send({ ...event, id: 'x' }, signBody(secret, body, new Date()))).status).toBe(400);
    expect(await app.app.models.webhooks.countDocuments()).toBe(0);
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ status: 'held' });
    expect((await fetch(`${app.url}/api/webhooks/nobody`, { method: 'POST' })).status).toBe(404);
  });

  it('[F15] that is repeated, unknown or false changes nothing, and is answered 200', async (t) => {
    const { app, alice, id, send, event } = await openCheckout(await paidSetting(t));
    for (const one of [event, event, { ...event, id: 'other', reference: 'demo_cs_unknown' }])
      expect((await send(one)).status).toBe(200);
    expect(await app.app.models.webhooks.countDocuments()).toBe(2);
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ status: 'held', version: 2 });
  });

  it('[Money] about another amount or currency confirms nothing, and becomes a payment issue', async (t) => {
    const { app, admin, alice, id, send, event } = await openCheckout(await paidSetting(t));
    const paid = { amount: 1_999, currency: 'EUR' };
    await app.app.models.demoCheckouts.updateOne({}, { $set: { status: 'paid', paid, paidAt: new Date() } });
    expect((await send(event)).status).toBe(200);
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ status: 'held', ticket: null });
    const { troubles } = await admin.must('listPaymentTroubles', {});
    expect(troubles).toMatchObject([{ kind: 'mismatch', amount: 1_999, bookingId: id, refundKey: null }]);
    const refunded = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    await admin.must('retryPayment', { paymentId: troubles[0]?.paymentId ?? '', refundKey: null });
    expect(await refunded).toMatchObject({ payment: { amount: 1_999, refundedAmount: 1_999 } });
  });

  it('[F15] that is out of order, repeated and days late confirms once; an old signature is refused', async (t) => {
    const { app, alice, id, checkout, send, signedBefore, event } = await openCheckout(await paidSetting(t));
    const declined = { ...event, id: 'demo_evt_0', kind: 'declined', at: new Date(Date.now() - 1_000).toISOString() };
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    // The demo provider sends no webhook for this card.
    await useCard(checkout, CARD.silent);
    const answers = await Promise.all([send(event), send({ ...event, id: 'demo_evt_2' })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(await confirmed).toMatchObject({ payment: { status: 'succeeded' } });
    const before = await effects(app, id);
    expect(before.kinds.filter((kind) => kind === 'confirmed')).toHaveLength(1);
    const events = [declined, event, declined, { ...event, id: 'demo_evt_3', key: `${id}:1` }];
    for (const one of events) expect((await send(one)).status).toBe(200);
    app.clock.offsetMs = 3 * DAY_MS;
    for (const one of events) expect((await send(one, signedBefore(one, 3 * DAY_MS))).status).toBe(400);
    for (const one of [...events, { ...event, id: 'demo_evt_4' }]) expect((await send(one)).status).toBe(200);
    expect(await effects(app, id)).toEqual(before);
    expect(await app.app.models.demoCheckouts.findOne().lean()).toMatchObject({ refunded: 0 });
  });

  it('[F15] about a refund, before and after its success is known, refunds nothing twice', async (t) => {
    const setting = await paidSetting(t);
    const { app, alice, eventId } = setting;
    const { id } = await buy(alice, eventId, 1);
    const { send } = await postman(app);
    const refunded = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    await alice.must('cancelBooking', { bookingId: id });
    const { demoRefunds, demoCheckouts } = app.app.models;
    await expect.poll(() => demoRefunds.countDocuments(), POLL).toBe(1);
    const { _id: reference } = await demoRefunds.findOne().orFail().lean();
    const about = { kind: 'refund', reference, key: null, at: new Date().toISOString() };
    expect((await send({ ...about, id: 'demo_evt_early' })).status).toBe(200);
    await refunded;
    const before = await effects(app, id);
    app.clock.offsetMs = 3 * DAY_MS;
    for (const name of ['early', 'late', 'late']) {
      expect((await send({ ...about, id: `demo_evt_${name}` })).status).toBe(200);
    }
    expect(await effects(app, id)).toEqual(before);
    expect(before.kinds.filter((kind) => kind === 'refunded')).toHaveLength(1);
    expect(await demoCheckouts.distinct('refunded')).toEqual([PRICE.amount]);
  });

  it('[F15] that reports a payment first, days late, refunds it once if its seats are sold', async (t) => {
    const deafTo = new Set<string>();
    const hearing = <T>(reference: string, request: () => Promise<T>) =>
      deafTo.has(reference) ? Promise.reject(new Error('The provider does not answer')) : request();
    const provider = (real: PaymentProvider): PaymentProvider => ({
      ...real,
      lookUp: (reference) => hearing(reference, () => real.lookUp(reference)),
      cancelCheckout: (reference) => hearing(reference, () => real.cancelCheckout(reference)),
    });
    const setting = await paidSetting(t, { holdMinutes: 1, totalSeats: 2 }, { paymentTest: { provider } });
    const { app, alice, bob, eventId, id, checkout, send, event } = await openCheckout(setting, 2);
    deafTo.add(event.reference ?? '');
    await useCard(checkout, CARD.silent);
    await outlastHold(app, alice, id);
    expect((await send(event)).status).toBeGreaterThanOrEqual(500);
    const his = await buy(bob, eventId, 2);
    deafTo.clear();
    app.clock.offsetMs = 3 * DAY_MS;
    for (const name of ['1', '1', '2']) expect((await send({ ...event, id: `demo_evt_${name}` })).status).toBe(200);
    const { payments } = app.app.models;
    const refunds = async () => (await payments.findOne({ bookingId: id }).orFail().lean()).refunds;
    await expect.poll(async () => (await refunds()).map(({ status }) => status), POLL).toEqual(['done']);
    expect(await refunds()).toMatchObject([{ cause: 'late', amount: 2 * PRICE.amount }]);
    expect((await effects(app, id)).booking).toMatchObject({ status: 'expired', payment: { status: 'refunded' } });
    expect((await effects(app, his.id)).booking).toMatchObject({ status: 'confirmed', version: his.version });
  });

  it('about a known payment does not count it again', async (t) => {
    const all = Promise.withResolvers<void>();
    let asking = 0;
    // Every delivery finds the checkout open, and the provider reports it to all of them as paid.
    const provider = (real: PaymentProvider): PaymentProvider => ({
      ...real,
      async lookUp(reference) {
        asking += 1;
        if (asking === 3) all.resolve();
        await all.promise;
        return real.lookUp(reference);
      },
    });
    const { app, id, checkout, send, event } = await openCheckout(
      await paidSetting(t, {}, { paymentTest: { provider } }),
    );
    await useCard(checkout, CARD.silent);
    const deliveries = ['1', '2', '3'].map((name) => send({ ...event, id: `demo_evt_${name}` }));
    expect((await Promise.all(deliveries)).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await send({ ...event, id: 'demo_evt_0', kind: 'declined' })).status).toBe(200);
    expect((await effects(app, id)).booking).toMatchObject({ status: 'confirmed' });
    const metrics = await (await app.get('/metrics')).text();
    const counted = (result: string) => metrics.match(`frontrow_payments_total\\{result="${result}"\\} (\\d+)`)?.[1];
    expect([counted('opened'), counted('confirmed'), counted('declined')]).toEqual(['1', '1', '0']);
  });
});
