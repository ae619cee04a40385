import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../support/payments/failing-provider.ts';
import { failing } from '../support/payments/failing-provider.ts';
import { buy, CARD, paidSetting, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import type { TestApp } from '../support/test-app.ts';
import { book } from '../support/test-app.ts';

const POLL = { timeout: 20_000 };

function refundedAtDemo({ app }: TestApp): Promise<number[]> {
  return app.models.demoCheckouts.distinct('refunded');
}

describe('refundBooking', () => {
  it('refunds part of the price once, however often the command is repeated, and keeps the seats', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t);
    const { id: bookingId } = await buy(alice, eventId, 2);
    const input = { requestId: randomUUID(), bookingId, amount: 500, reason: 'The heating was off.' };
    const done = shown(alice, bookingId, ({ payment }) => payment?.refundedAmount === 500);
    const answers = await Promise.all([1, 2, 3].map(() => admin.must('refundBooking', input)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'confirmed', seats: 2, payment: { status: 'refunding' } });
    expect(await done).toMatchObject({ status: 'confirmed', payment: { status: 'succeeded', amount: 4_000 } });
    expect(await admin.must('refundBooking', input)).toMatchObject({ payment: { refundedAmount: 500 } });
    expect(await refundedAtDemo(app)).toEqual([500]);
    const reused = [
      { ...input, amount: 501 },
      { ...input, reason: 'Another' },
      { ...input, bookingId: 'f'.repeat(24) },
    ];
    for (const other of reused)
      expect(await admin.send('refundBooking', other)).toMatchObject({ error: { code: 'REQUEST_ID_REUSED' } });
  });

  it('is shown with its reason to the buyer and in the list of organisers, as the cancellation of some seats is', async (t) => {
    const { admin, alice, eventId } = await paidSetting(t);
    const { id: bookingId } = await buy(alice, eventId, 3);
    const refund = { requestId: randomUUID(), bookingId, amount: 300, reason: 'Late start' };
    const changed = shown(alice, bookingId, ({ reasons }) => reasons?.length === 2);
    for (const _ of [1, 2]) await admin.must('refundBooking', refund);
    await admin.must('cancelBooking', { bookingId, seats: 1, reason: 'Too few chairs' });
    const reasons = [
      { kind: 'refund', reason: 'Late start', seats: null, amount: { amount: 300, currency: 'EUR' } },
      { kind: 'seats', reason: 'Too few chairs', seats: 1, amount: { amount: 2_000, currency: 'EUR' } },
    ];
    expect(await changed).toMatchObject({ reasons });
    expect(await alice.must('getBooking', { bookingId })).toMatchObject({ reasons });
    expect((await admin.must('listEventBookings', { eventId })).bookings).toMatchObject([{ reasons }]);
    const cancelled = shown(alice, bookingId, ({ status }) => status === 'cancelled');
    await alice.must('cancelBooking', { bookingId });
    expect(await cancelled).toMatchObject({ reasons });
  });

  it('never refunds more than was paid, and leaves the rest for a cancellation', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t);
    const { id: bookingId } = await buy(alice, eventId, 2);
    const refund = (amount: number) =>
      admin.send('refundBooking', { requestId: randomUUID(), bookingId, amount, reason: 'Sorry' });
    expect(await refund(4_001)).toMatchObject({ error: { code: 'INVALID_STATE', details: { refundable: 4_000 } } });
    expect(await refund(1_000)).toMatchObject({ ok: true });
    expect(await refund(3_001)).toMatchObject({ error: { code: 'INVALID_STATE', details: { refundable: 3_000 } } });
    const whole = shown(alice, bookingId, ({ payment }) => payment?.status === 'refunded');
    await alice.must('cancelBooking', { bookingId });
    expect(await whole).toMatchObject({ payment: { amount: 4_000, refundedAmount: 4_000 } });
    expect(await refundedAtDemo(app)).toEqual([4_000]);
  });

  it('is refused to buyers, and for a booking without a payment', async (t) => {
    const { admin, alice, eventId } = await paidSetting(t);
    const { id: bookingId } = await book(alice, eventId, 1);
    const input = { requestId: randomUUID(), bookingId, amount: 100, reason: 'Sorry' };
    expect(await alice.send('refundBooking', input)).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(await admin.send('refundBooking', input)).toMatchObject({ error: { code: 'INVALID_STATE' } });
    expect(await admin.send('refundBooking', { ...input, bookingId: 'f'.repeat(24) })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    });
    for (const amount of [0, -1, 1.5])
      expect(await admin.send('refundBooking', { ...input, amount })).toMatchObject({
        error: { code: 'INVALID_INPUT' },
      });
  });
});

describe('cancelling a paid event', () => {
  it('states the amount to refund, less earlier refunds', async (t) => {
    const { app, admin, alice, bob, eventId } = await paidSetting(t);
    const part = await buy(alice, eventId, 2);
    const whole = await buy(bob, eventId, 1);
    await buy(bob, eventId, 1);
    await book(alice, eventId, 1);
    const refund = (bookingId: string, amount: number) =>
      admin.must('refundBooking', { requestId: randomUUID(), bookingId, amount, reason: 'Sorry' });
    await refund(part.id, 500);
    await refund(whole.id, PRICE.amount);
    const refunds = { count: 2, amount: 3_500 + PRICE.amount, currency: 'EUR' };
    const counts = { bookings: 4, seats: 5, refunds };
    const cancel = (dryRun: boolean) => admin.must('cancelEvent', { eventId, reason: 'Storm', dryRun });
    expect(await cancel(true)).toMatchObject(counts);
    expect(await cancel(false)).toMatchObject(counts);
    const given = async () => {
      const payments = await app.app.models.payments.find().lean();
      const back = payments.flatMap((payment) => payment.refunds).filter(({ cause }) => cause === 'event');
      return { count: back.length, amount: back.reduce((sum, { amount }) => sum + amount, 0), currency: 'EUR' };
    };
    await expect.poll(given, POLL).toEqual(refunds);
    await expect.poll(() => app.app.models.bookings.countDocuments({ status: 'cancelled' }), POLL).toBe(4);
    expect(await given()).toEqual(refunds);
  });

  it('refunds every payment once, and lists refused refunds as payment issues until a retry', async (t) => {
    let refusing = true;
    const { wrap } = failing((call, count) => (call === 'refund' && count <= 2 && refusing ? 'refused' : null));
    const { app, admin, alice, bob, eventId } = await paidSetting(t, {}, { paymentTest: { provider: wrap } });
    const paid = [await buy(alice, eventId, 2), await buy(bob, eventId, 1), await buy(alice, eventId, 3)];
    await admin.must('cancelEvent', { eventId, reason: 'Storm' });
    const paymentIssues = () => admin.must('listPaymentTroubles', { eventId });
    await expect.poll(async () => (await paymentIssues()).total, POLL).toBe(2);
    refusing = false;
    const listed = (await paymentIssues()).troubles;
    expect(listed[0]).toMatchObject({ kind: 'refund', error: 'The account is closed', currency: 'EUR', eventId });
    for (const { paymentId, refundKey } of listed) await admin.must('retryPayment', { paymentId, refundKey });
    const statuses = async () =>
      (await Promise.all(paid.map(({ id }) => admin.must('getBooking', { bookingId: id })))).map(
        (b) => b.payment?.status,
      );
    await expect.poll(statuses, POLL).toEqual(['refunded', 'refunded', 'refunded']);
    expect((await refundedAtDemo(app)).sort()).toEqual([2_000, 4_000, 6_000]);
    expect((await paymentIssues()).total).toBe(0);
  });
});

describe('[F15] a failing payment provider', () => {
  it.for<[string, Fault]>([
    ['500', '500'],
    ['429', '429'],
    ['a lost answer', 'lost'],
    ['nothing at all', 'silent'],
  ])('answers %s first: one checkout, one charge, one refund', async ([, fault], t) => {
    const { wrap } = failing((call, count) => (call !== 'lookUpRefund' && count === 1 ? fault : null));
    const timeoutMs = fault === 'silent' ? 1_000 : 8_000;
    const { app, alice, eventId } = await paidSetting(t, {}, { paymentTest: { provider: wrap, timeoutMs } });
    const { id: bookingId } = await book(alice, eventId, 1);
    expect(await alice.send('checkout', { bookingId })).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    const checkout = await alice.must('checkout', { bookingId });
    const confirmed = shown(alice, bookingId, ({ status }) => status === 'confirmed');
    await useCard(checkout, CARD.pays);
    await confirmed;
    const refunded = shown(alice, bookingId, ({ payment }) => payment?.status === 'refunded');
    await alice.must('cancelBooking', { bookingId });
    await refunded;
    expect(await app.app.models.demoCheckouts.countDocuments()).toBe(1);
    expect(await refundedAtDemo(app)).toEqual([PRICE.amount]);
  });
});

describe('the demo payment page', () => {
  it('states the purchase directly above its one button, in the buyer’s language, without scripts', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { title: '<img src=x onerror=alert(1)>' });
    await fetch(`${app.url}/api/auth/me`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${alice.token}` },
      body: JSON.stringify({ locale: 'de' }),
    });
    const { id } = await book(alice, eventId, 2);
    const { url } = await alice.must('checkout', { bookingId: id });
    const page = await fetch(url);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(html).toMatch(/<html lang="de">/);
    expect(html).toMatch(
      /&lt;img src=x.*2 Plätze.*inkl\. MwSt\..*40,00\s€<\/dd><\/dl>\s*<button>Zahlungspflichtig bestellen<\/button>/s,
    );
    expect(html).not.toMatch(/<img/);
    // The clock's own, which the policy names by its hash.
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'sha256-[^']+'(?:;|$)/);
    expect((await fetch(`${new URL(url).origin}/demo-payment/demo_cs_nothing`)).status).toBe(404);
  });
});
