import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import { failing } from '../support/payments/failing-provider.ts';
import { buy, CARD, paidSetting, shown, useCard } from '../support/payments/demo-payments.ts';
import { bookTickets, fourTypes, voucherOf } from '../support/payments/typed-event.ts';
import {
  book,
  connected,
  eventInput,
  inMinutes,
  pushed,
  refusalOf,
  testApp,
  type Person,
  type TestApp,
} from '../support/test-app.ts';

const PASSWORD = 'correct horse';

function withBody(app: TestApp, method: string, path: string, who: Pick<Person, 'token'>, body: unknown) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${who.token}` };
  return fetch(app.url + path, { method, headers, body: JSON.stringify(body) });
}

function closeAccount(app: TestApp, who: Pick<Person, 'token'>, password = PASSWORD) {
  return withBody(app, 'DELETE', '/api/auth/me', who, { password });
}

describe('DELETE /api/auth/me', () => {
  it('releases holds, leaves waiting lists, ends sessions and erases personal data; past bookings keep an opaque id', async (t) => {
    const app = await testApp(t);
    const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
    const held = await admin.must('createEvent', eventInput({ price: { amount: 2_000, currency: 'EUR' } }));
    const full = await admin.must('createEvent', eventInput({ totalSeats: 2 }));
    const past = await admin.must('createEvent', eventInput({ startsAt: inMinutes(5) }));
    const old = await book(alice, past.id);
    await book(bob, full.id);
    const hold = await book(alice, held.id);
    await alice.must('joinWaitlist', { requestId: randomUUID(), eventId: full.id, seats: 2 });
    // After the start of the first event, and before the end of the hold.
    app.clock.offsetMs = 6 * 60_000;
    const ended = pushed(alice.socket, 'sessionEnded');
    const response = await closeAccount(app, alice);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect(response.headers.get('set-cookie')).toMatch(/^session=;/);
    expect(await ended).toEqual({ reason: 'account_deleted' });
    const { models } = app.app;
    expect(await models.users.countDocuments({ email: alice.user.email })).toBe(0);
    expect(await models.bookings.findById(hold.id).lean()).toMatchObject({ status: 'cancelled' });
    expect(await models.bookings.findById(old.id).lean()).toMatchObject({ status: 'confirmed' });
    expect(await models.waitlist.findOne({ eventId: full.id }).lean()).toMatchObject({ status: 'left', active: false });
    const me = await app.get('/api/auth/me', { authorization: `Bearer ${alice.token}` });
    expect(me.status).toBe(401);
    const again = await app.post('/api/auth/login', { email: alice.user.email, password: PASSWORD });
    expect(again.status).toBe(401);
  });

  it('is refused while the account has upcoming bookings, lists them, and changes nothing', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const event = await admin.must('createEvent', eventInput());
    const booking = await book(alice, event.id);
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      details: { bookings: [booking.id] },
    });
    await alice.must('cancelBooking', { bookingId: booking.id });
    expect((await closeAccount(app, alice)).status).toBe(204);
  });

  it('is refused while a refund is under way', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const event = await admin.must('createEvent', eventInput());
    const booking = await book(alice, event.id);
    await alice.must('cancelBooking', { bookingId: booking.id });
    const { bookings } = app.app.models;
    const payment = { status: 'refunding', provider: 'demo', amount: 1, refundedAmount: 0, currency: 'EUR' } as const;
    await bookings.updateOne({ _id: booking.id }, { $set: { payment } });
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({ details: { bookings: [booking.id] } });
    await bookings.updateOne({ _id: booking.id }, { $set: { payment: null } });
  });

  it('requires the password, and limits wrong ones without locking the account', async (t) => {
    const app = await testApp(t);
    const alice = await app.register('alice');
    expect(await refusalOf(await closeAccount(app, alice, 'wrong password'))).toMatchObject({ code: 'FORBIDDEN' });
    expect((await refusalOf(await withBody(app, 'DELETE', '/api/auth/me', alice, {}))).code).toBe('INVALID_INPUT');
    for (let wrong = 0; wrong < 9; wrong += 1) await closeAccount(app, alice, 'wrong password');
    expect((await refusalOf(await closeAccount(app, alice))).code).toBe('RATE_LIMITED');
    const login = await app.post('/api/auth/login', { email: alice.user.email, password: PASSWORD });
    expect(login.status).toBe(200);
  });

  it('keeps at least one admin, even when two accounts close at the same moment', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    expect(await refusalOf(await closeAccount(app, admin))).toMatchObject({
      code: 'INVALID_STATE',
      details: { lastAdmin: true },
    });
    const other = await app.register('other');
    await app.app.models.users.updateOne({ email: other.user.email }, { $set: { role: 'admin' } });
    const answers = await Promise.all([closeAccount(app, admin), closeAccount(app, other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await app.app.models.users.countDocuments({ role: 'admin' })).toBe(1);
  });

  it('leaves no seat without an owner, whatever is booked while the account closes', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const event = await admin.must('createEvent', eventInput({ totalSeats: 100, maxSeatsPerBooking: 2 }));
    const answers: Promise<unknown>[] = [];
    for (let sent = 0; sent < 20; sent += 1) {
      answers.push(alice.send('book', { requestId: randomUUID(), eventId: event.id, seats: 1 }));
    }
    const closed = await closeAccount(app, alice);
    expect([204, 409]).toContain(closed.status);
    const live = () => app.app.models.bookings.countDocuments({ eventId: event.id, status: 'confirmed' });
    if (closed.status === 409) return expect(await live()).toBeGreaterThan(0);
    app.clock.offsetMs += 60_000;
    await expect.poll(live, { timeout: 20_000 }).toBe(0);
    return undefined;
  });

  it('cancels bookings that the account made at the last moment', async (t) => {
    const app = await testApp(t);
    const [admin, alice] = [await app.admin(), await app.register('alice')];
    const event = await admin.must('createEvent', eventInput());
    expect((await closeAccount(app, alice)).status).toBe(204);
    // This booking plays a command that was in the event queue while the account closed.
    const late = await app.app.bookings.book({ requestId: randomUUID(), eventId: event.id, seats: 3 }, alice.user.id);
    if (!late.ok) throw new Error(late.error.message);
    app.clock.offsetMs += 60_000;
    const stored = () => app.app.models.bookings.findById(late.data.id).lean();
    await expect.poll(async () => (await stored())?.status, { timeout: 20_000 }).toBe('cancelled');
  });
});

describe('[F26] an account whose money is on its way', () => {
  const POLL = { timeout: 20_000 };

  it('stays until the payment has arrived, with its hold as it was', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 2);
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({
      status: 409,
      code: 'INVALID_STATE',
      details: { bookings: [id] },
    });
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ status: 'held', seats: 2 });
  });

  it('stays while the checkout of an expired hold has no outcome', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 1 });
    const { id } = await book(alice, eventId, 2);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    app.clock.offsetMs = 61_000;
    await shown(alice, id, ({ settling }) => settling);
    app.clock.offsetMs = 125_000;
    await gone;
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({ details: { bookings: [id] } });
    const revived = shown(alice, id, ({ status }) => status === 'confirmed');
    app.clock.offsetMs = 140_000;
    await app.clock.until(revived);
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({ details: { bookings: [id] } });
  });

  it('is closed with an unpaid checkout, which is ended first', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 2);
    const checkout = await alice.must('checkout', { bookingId: id });
    expect((await closeAccount(app, alice)).status).toBe(204);
    await useCard(checkout, CARD.pays);
    expect(await app.app.models.demoCheckouts.findOne().lean()).toMatchObject({ status: 'ended', paid: null });
  });

  it('stays while the provider does not answer', async (t) => {
    let isDown = false;
    const { wrap } = failing((call) => (isDown && call !== 'openCheckout' ? '500' : null));
    const { app, alice, eventId } = await paidSetting(t, {}, { paymentTest: { provider: wrap } });
    const { id } = await book(alice, eventId, 2);
    await alice.must('checkout', { bookingId: id });
    isDown = true;
    expect(await refusalOf(await closeAccount(app, alice))).toMatchObject({ details: { bookings: [id] } });
    isDown = false;
    expect((await closeAccount(app, alice)).status).toBe(204);
  });

  it('that was closed all the same gets a refund, and no booking', async (t) => {
    let isForgotten = false;
    // A provider that says that a checkout is over, and then that it was paid.
    const { wrap } = failing(() => null);
    const provider: typeof wrap = (real) => {
      const ended = async () => ({ status: 'ended' as const });
      const asked = wrap(real);
      return {
        ...asked,
        lookUp: (reference) => (isForgotten ? ended() : asked.lookUp(reference)),
        cancelCheckout: (reference) => (isForgotten ? ended() : asked.cancelCheckout(reference)),
      };
    };
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 1 }, { paymentTest: { provider } });
    const { id } = await book(alice, eventId, 2);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    isForgotten = true;
    app.clock.offsetMs = 61_000;
    await gone;
    expect((await closeAccount(app, alice)).status).toBe(204);
    isForgotten = false;
    app.clock.offsetMs = 200_000;
    const { bookings, payments } = app.app.models;
    const payment = () => payments.findOne({ bookingId: id }).orFail().lean();
    await expect
      .poll(async () => (await payment()).refunds, POLL)
      .toMatchObject([{ cause: 'closed', amount: 4_000, status: 'done' }]);
    expect(await bookings.findById(id).lean()).toMatchObject({ status: 'expired', payment: { status: 'refunded' } });
  });
});

describe('the email address in payment attempts', () => {
  const addresses = ({ app }: TestApp) => app.models.payments.distinct('terms.email');

  it('is erased with the account, while payments and refunds stay', async (t) => {
    const { app, alice, bob, eventId } = await paidSetting(t);
    const { id } = await buy(alice, eventId, 1);
    await buy(bob, eventId, 1);
    const refunded = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    await alice.must('cancelBooking', { bookingId: id });
    await refunded;
    const { payments } = app.app.models;
    const before = await payments.findOne({ bookingId: id }).orFail().lean();
    expect(before.terms.email).toBe(alice.user.email);
    expect((await closeAccount(app, alice)).status).toBe(204);
    const after = await payments.findOne({ bookingId: id }).orFail().lean();
    expect(after).toEqual({ ...before, terms: { ...before.terms, email: '' } });
    expect((await addresses(app)).sort()).toEqual(['', bob.user.email]);
  });

  it('stays until an unanswered checkout is ended, because the retry must send the same parameters', async (t) => {
    let isLost = true;
    const { wrap } = failing((call) => (call === 'openCheckout' && isLost ? 'lost' : null));
    const emails: string[] = [];
    const provider: typeof wrap = (real) => {
      const failingOne = wrap(real);
      const openCheckout: typeof real.openCheckout = (request) => {
        emails.push(request.email);
        return failingOne.openCheckout(request);
      };
      return { ...failingOne, openCheckout };
    };
    const { app, alice, eventId } = await paidSetting(t, {}, { paymentTest: { provider } });
    const { id } = await book(alice, eventId, 1);
    expect(await alice.send('checkout', { bookingId: id })).toMatchObject({ error: { code: 'UNAVAILABLE' } });
    expect((await closeAccount(app, alice)).status).toBe(204);
    expect(await addresses(app)).toEqual([alice.user.email]);
    isLost = false;
    app.clock.offsetMs += 60_000;
    await expect.poll(() => addresses(app), { timeout: 20_000 }).toEqual(['']);
    await expect.poll(() => app.app.models.demoCheckouts.distinct('status'), { timeout: 20_000 }).toEqual(['ended']);
    expect(emails.length).toBeGreaterThan(1);
    expect(new Set(emails)).toEqual(new Set([alice.user.email]));
  });
});

describe('GET /api/auth/me/export', () => {
  it('returns the account’s payments and refunds to the account alone', async (t) => {
    const { app, admin, alice, bob, eventId } = await paidSetting(t);
    const { id: bookingId } = await buy(alice, eventId, 2);
    const given = shown(alice, bookingId, ({ payment }) => payment?.refundedAmount === 500);
    const reason = 'The heating was off.';
    await admin.must('refundBooking', { requestId: randomUUID(), bookingId, amount: 500, reason });
    await given;
    const exported = async ({ token }: Person) =>
      (await app.get('/api/auth/me/export', { authorization: `Bearer ${token}` })).json();
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(await exported(alice)).toMatchObject({
      payments: [
        {
          bookingId,
          attempt: 1,
          provider: 'demo',
          amount: 4_000,
          currency: 'EUR',
          seats: 2,
          status: 'paid',
          email: alice.user.email,
          paid: { amount: 4_000, currency: 'EUR' },
          paidAt: time,
          createdAt: time,
          refunds: [{ amount: 500, cause: 'organiser', reason, status: 'done', at: time, doneAt: time }],
        },
      ],
    });
    expect(await exported(bob)).toMatchObject({ payments: [] });
  });

  it('returns bookings and payments by line items, with the voucher and what it took off', async (t) => {
    const { app, admin, alice } = await paidSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes() }));
    await voucherOf(admin, eventId, { code: 'FRIENDS', percentOff: 33, ticketTypes: ['t1'] });
    const { id } = await bookTickets(alice, eventId, { t1: 2, t4: 1 }, 'FRIENDS');
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.pays);
    await confirmed;
    const response = await app.get('/api/auth/me/export', { authorization: `Bearer ${alice.token}` });
    const euros = (amount: number) => ({ amount, currency: 'EUR' });
    expect(await response.json()).toMatchObject({
      bookings: [
        {
          id,
          voucher: 'FRIENDS',
          total: euros(3_180),
          tickets: [
            { type: 't1', name: 'Adult', count: 2, price: euros(1_340), seats: 1, discount: euros(660) },
            { type: 't4', name: 'Parking', count: 1, price: euros(500), seats: 0 },
          ],
        },
      ],
      payments: [
        {
          bookingId: id,
          amount: 3_180,
          lines: [
            { name: 'Adult', count: 2, amount: 1_340, discount: 660 },
            { name: 'Parking', count: 1, amount: 500 },
          ],
        },
      ],
    });
  });

  it('returns all stored personal data, and no password', async (t) => {
    const app = await testApp(t);
    const [admin, alice, bob] = [await app.admin(), await app.register('alice'), await app.register('bob')];
    const event = await admin.must('createEvent', eventInput({ totalSeats: 2 }));
    const booking = await book(alice, event.id);
    await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 1 });
    const response = await app.get('/api/auth/me/export', { authorization: `Bearer ${alice.token}` });
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const text = await response.text();
    const data = JSON.parse(text) as { user: unknown; bookings: Booking[]; sessions: unknown[]; waitlist: unknown[] };
    expect(data.user).toEqual({ ...alice.user, lastUsedAt: expect.stringMatching(/Z$/) });
    expect(data.sessions).toMatchObject([{ device: expect.any(String), lastSeenAt: expect.stringMatching(/Z$/) }]);
    expect(data.bookings).toMatchObject([{ id: booking.id, code: booking.code, seats: 2 }]);
    expect(data.waitlist).toEqual([]);
    expect(text).not.toContain('argon2');
    expect(text).not.toContain(bob.user.id);
    const bobs = await app.get('/api/auth/me/export', { cookie: `session=${bob.token}` });
    expect(await bobs.json()).toMatchObject({ bookings: [], waitlist: [{ eventId: event.id, status: 'waiting' }] });
    expect((await app.get('/api/auth/me/export')).status).toBe(401);
  });
});

describe('a change of password', () => {
  it('ends all other connections of the account, and keeps this one', async (t) => {
    const app = await testApp(t);
    const alice = await app.register('alice');
    const login = await app.post('/api/auth/login', { email: alice.user.email, password: PASSWORD });
    const { token } = (await login.json()) as { token: string };
    const other = await connected(app.open('/booking', token));
    const ended = pushed(other, 'sessionEnded');
    const change = { current: PASSWORD, next: 'battery staple' };
    expect((await withBody(app, 'POST', '/api/auth/password', alice, change)).status).toBe(204);
    expect(await ended).toEqual({ reason: 'password_changed' });
    expect((await alice.send('listBookings', {})).ok).toBe(true);
  });
});
