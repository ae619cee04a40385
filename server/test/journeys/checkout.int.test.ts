import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { buy, CARD, outcomeAt, paidSetting, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import { bookTickets, fourTypes, voucherOf } from '../support/payments/typed-event.ts';
import { book, eventInput, storedEvent, testApp, type Person } from '../support/test-app.ts';

const POLL = { timeout: 20_000 };

/** The terms and values that the payment page lists, as text. */
function listedOn(page: string): string[] {
  const plain = (html = '') =>
    html
      .replaceAll('<br>', ' ')
      .replaceAll(/<[^>]+>/g, '')
      .replaceAll('\u00a0', ' ');
  return [...page.matchAll(/<dt>(.*?)<\/dt><dd>(.*?)<\/dd>/g)].map(
    ([, term, value]) => `${plain(term)}: ${plain(value)}`,
  );
}

describe('a checkout', () => {
  it('leads to the demo page; its payment confirms the booking, which is pushed with a ticket', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id, holdExpiresAt } = await book(alice, eventId, 2);
    const checkout = await alice.must('checkout', { bookingId: id });
    expect(checkout).toMatchObject({ provider: 'demo', expiresAt: holdExpiresAt });
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({
      status: 'held',
      payment: { status: 'pending', provider: 'demo', amount: 4_000, refundedAmount: 0, currency: 'EUR' },
    });
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    const back = await useCard(checkout, CARD.pays);
    expect(await confirmed).toMatchObject({
      ticket: expect.any(String),
      payment: { status: 'succeeded', amount: 4_000 },
    });
    expect(await outcomeAt(app, back)).toEqual({
      bookingId: id,
      eventId,
      title: 'Jazz im Hinterhof',
      seats: 2,
      total: { amount: 4_000, currency: 'EUR' },
      timeZone: 'UTC',
      heldUntil: null,
      outcome: 'confirmed',
    });
    expect(await storedEvent(app, eventId)).toMatchObject({ soldSeats: 2, heldSeats: 0 });
    expect(await alice.send('checkout', { bookingId: id })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'confirmed' } },
    });
  });

  it('stays the same while open, is its owner’s alone, and reveals nothing else', async (t) => {
    const { app, alice, bob, admin, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 1);
    const [first, second] = await Promise.all([1, 2].map(() => alice.must('checkout', { bookingId: id })));
    expect(second).toEqual(first);
    expect(await app.app.models.payments.countDocuments()).toBe(1);
    for (const person of [bob, admin])
      expect(await person.send('checkout', { bookingId: id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await alice.send('checkout', { bookingId: 'f'.repeat(24) })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('is in the language that the buyer reads, whatever the account says, also where another was open', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 1);
    const pageOf = async ({ url }: { url: string }) => (await app.app.http.inject(new URL(url).pathname)).body;
    const english = await alice.must('checkout', { bookingId: id });
    expect(await pageOf(english)).toContain('<html lang="en">');
    const german = await alice.must('checkout', { bookingId: id, locale: 'de' });
    expect(await pageOf(german)).toContain('<button>Zahlungspflichtig bestellen</button>');
    expect(await pageOf(english)).toContain('This payment is closed.');
    expect((await alice.must('checkout', { bookingId: id, locale: 'de' })).url).toBe(german.url);
    expect((await alice.must('checkout', { bookingId: id })).url).toBe(german.url);
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    expect(await useCard(german, CARD.pays)).toContain('/de/paid?token=');
    await confirmed;
    expect(alice.user.locale).toBe('en');
  });

  it.for([
    [
      'en',
      '2 × Adult: €26.80 (€13.40 each) Voucher: €13.20 off',
      '1 × Child: €12.50',
      '1 × Parking: €3.35 Voucher: €1.65 off',
      'Total, tax included: €42.65',
    ],
    [
      'de',
      '2 × Adult: 26,80 € (je 13,40 €) Gutschein: 13,20 € Nachlass',
      '1 × Child: 12,50 €',
      '1 × Parking: 3,35 € Gutschein: 1,65 € Nachlass',
      'Gesamt, inkl. MwSt.: 42,65 €',
    ],
  ] as const)('lists each ticket type, its price, and what the voucher took off: %s', async ([locale, ...lines], t) => {
    const { app, admin, alice } = await paidSetting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput({ ticketTypes: fourTypes() }));
    const { code } = await voucherOf(admin, eventId, { percentOff: 33, ticketTypes: ['t1', 't4'] });
    const { id: bookingId } = await bookTickets(alice, eventId, { t1: 2, t2: 1, t4: 1 }, code);
    const { url } = await alice.must('checkout', { bookingId, locale });
    const [, ...listed] = listedOn((await app.app.http.inject(new URL(url).pathname)).body);
    expect(listed).toEqual(lines);
  });

  it('lists the seats of an event of one price only where a voucher makes them cheaper', async (t) => {
    const { app, admin, alice, bob, eventId } = await paidSetting(t);
    const { code } = await voucherOf(admin, eventId, { amountOff: { amount: 350, currency: 'EUR' } });
    const pageOf = async (who: Person, voucher?: string) => {
      const { id: bookingId } = await bookTickets(who, eventId, { t1: 2 }, voucher);
      const { url } = await who.must('checkout', { bookingId });
      return listedOn((await app.app.http.inject(new URL(url).pathname)).body).slice(1);
    };
    expect(await pageOf(alice)).toEqual(['Total, tax included: €40.00']);
    expect(await pageOf(bob, code)).toEqual([
      '2 × Ticket: €33.00 (€16.50 each) Voucher: €7.00 off',
      'Total, tax included: €33.00',
    ]);
  });

  it('in another language cannot be opened while the open one is being paid', async (t) => {
    const { alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 1);
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    expect(await alice.send('checkout', { bookingId: id, locale: 'de' })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { payment: 'processing' } },
    });
  });

  it('keeps hold and page after a declined card, and the next card pays', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id, holdExpiresAt } = await book(alice, eventId, 1);
    const checkout = await alice.must('checkout', { bookingId: id });
    const declined = shown(alice, id, ({ payment }) => payment?.status === 'failed');
    await useCard(checkout, CARD.declined);
    expect(await declined).toMatchObject({ status: 'held', holdExpiresAt });
    const returnUrl = (await app.app.models.payments.findOne().orFail().lean()).terms.returnUrl;
    expect(await outcomeAt(app, returnUrl)).toMatchObject({ outcome: 'declined', heldUntil: holdExpiresAt });
    const again = await alice.must('checkout', { bookingId: id });
    expect(again.url).toBe(checkout.url);
    expect(await outcomeAt(app, returnUrl)).toMatchObject({ outcome: 'open' });
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    await useCard(again, CARD.pays);
    await confirmed;
  });

  it('declined in the last five minutes extends the hold by five minutes, once', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 3 });
    const { id, holdExpiresAt } = await book(alice, eventId, 1);
    const checkout = await alice.must('checkout', { bookingId: id });
    const extended = shown(alice, id, ({ payment }) => payment?.status === 'failed');
    await useCard(checkout, CARD.declined);
    const until = new Date(Date.parse(holdExpiresAt ?? '') + 300_000).toISOString();
    expect(await extended).toMatchObject({ holdExpiresAt: until });
    expect(await storedEvent(app, eventId)).toMatchObject({ holdsUntil: until });
    await useCard(checkout, CARD.declined);
    await expect.poll(() => app.app.models.webhooks.countDocuments(), POLL).toBe(2);
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ holdExpiresAt: until });
  });

  it('is refused if nothing is owed or the hold is over', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 1 });
    const { id } = await book(alice, eventId, 1);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    app.clock.offsetMs = 61_000;
    await gone;
    expect(await alice.send('checkout', { bookingId: id })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { status: 'expired' } },
    });
  });
});

describe('the end of a hold with an open checkout', () => {
  it('cancels the checkout first, then frees the seats; nothing is charged', async (t) => {
    const { app, alice, bob, eventId } = await paidSetting(t, { holdMinutes: 1, totalSeats: 2 });
    const { id } = await book(alice, eventId, 2);
    const checkout = await alice.must('checkout', { bookingId: id });
    const settling = shown(alice, id, (booking) => booking.settling);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    app.clock.offsetMs = 61_000;
    expect(await settling).toMatchObject({ status: 'held', payment: { status: 'pending' } });
    expect(await gone).toMatchObject({ settling: false, payment: { status: 'failed' }, ended: { by: 'time' } });
    const { terms } = await app.app.models.payments.findOne().orFail().lean();
    expect(await outcomeAt(app, terms.returnUrl)).toMatchObject({ outcome: 'abandoned' });
    expect(await useCard(checkout, CARD.pays)).toBe(terms.returnUrl);
    expect(await app.app.models.demoCheckouts.findOne().lean()).toMatchObject({ status: 'ended', paid: null });
    await book(bob, eventId, 2);
  });

  it('waits a minute for a silent provider, then frees the seats and refunds a late payment', async (t) => {
    const { app, alice, bob, eventId } = await paidSetting(t, { holdMinutes: 1, totalSeats: 2 });
    const { id } = await book(alice, eventId, 2);
    const settling = shown(alice, id, (booking) => booking.settling);
    const back = await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    expect(await outcomeAt(app, back)).toMatchObject({ outcome: 'checking' });
    app.clock.offsetMs = 61_000;
    await settling;
    expect(await alice.send('checkout', { bookingId: id })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { settling: true } },
    });
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    app.clock.offsetMs = 125_000;
    expect(await gone).toMatchObject({ payment: { status: 'pending' } });
    await buy(bob, eventId, 2);
    const refunded = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    app.clock.offsetMs = 140_000;
    expect(await app.clock.until(refunded)).toMatchObject({
      status: 'expired',
      payment: { amount: 4_000, refundedAmount: 4_000 },
    });
    expect(await outcomeAt(app, back)).toMatchObject({ outcome: 'late_refunded' });
    expect(await storedEvent(app, eventId)).toMatchObject({ soldSeats: 2, availableSeats: 0 });
  });

  it('gives a late payment its seats if they are still free', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 1, totalSeats: 2 });
    const { id } = await book(alice, eventId, 2);
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    app.clock.offsetMs = 61_000;
    await shown(alice, id, ({ settling }) => settling);
    app.clock.offsetMs = 125_000;
    await gone;
    const revived = shown(alice, id, ({ status }) => status === 'confirmed');
    app.clock.offsetMs = 140_000;
    expect(await revived).toMatchObject({ payment: { status: 'succeeded' }, ended: null, holdExpiresAt: null });
  });

  it('refunds a late payment whose seats are free but exceed the limit of a buyer who has booked again', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, { holdMinutes: 1, maxSeatsPerUser: 3 });
    const { id } = await book(alice, eventId, 2);
    const gone = shown(alice, id, ({ status }) => status === 'expired');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    app.clock.offsetMs = 61_000;
    await shown(alice, id, ({ settling }) => settling);
    app.clock.offsetMs = 125_000;
    await gone;
    await buy(alice, eventId, 2);
    const refunded = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    app.clock.offsetMs = 140_000;
    expect(await app.clock.until(refunded)).toMatchObject({ status: 'expired', payment: { refundedAmount: 4_000 } });
    expect(await storedEvent(app, eventId)).toMatchObject({ soldSeats: 2, availableSeats: 8 });
  });

  it('[F9] finds an unreported payment within a minute', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 1);
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.silent);
    app.clock.offsetMs = 30_000;
    await confirmed;
    expect(await app.app.models.webhooks.countDocuments()).toBe(0);
  });
});

describe('cancelBooking', () => {
  it('releases a hold at once, and its checkout cannot be paid any more', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 1);
    const checkout = await alice.must('checkout', { bookingId: id });
    const notified = shown(alice, id, ({ payment }) => payment?.status === 'failed');
    expect(await alice.must('cancelBooking', { bookingId: id })).toMatchObject({ status: 'cancelled' });
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 10 });
    await notified;
    await useCard(checkout, CARD.pays);
    expect(await app.app.models.demoCheckouts.findOne().lean()).toMatchObject({ status: 'ended', paid: null });
  });

  it('refunds a paid booking, some seats by their share, and frees the seats at once', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await buy(alice, eventId, 3);
    const part = shown(alice, id, ({ payment }) => payment?.refundedAmount === PRICE.amount);
    expect(await alice.must('cancelBooking', { bookingId: id, seats: 1 })).toMatchObject({
      status: 'confirmed',
      seats: 2,
      total: { amount: 4_000 },
      payment: { status: 'refunding', amount: 6_000, refundedAmount: 0 },
    });
    expect(await app.clock.until(part)).toMatchObject({ payment: { status: 'succeeded' } });
    const whole = shown(alice, id, ({ payment }) => payment?.status === 'refunded');
    expect(await alice.must('cancelBooking', { bookingId: id })).toMatchObject({ status: 'cancelled' });
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 10, soldSeats: 0 });
    expect(await app.clock.until(whole)).toMatchObject({ payment: { amount: 6_000, refundedAmount: 6_000 } });
    expect((await app.app.models.demoCheckouts.findOne().orFail().lean()).refunded).toBe(6_000);
  });
});

describe('a change of party size', () => {
  it('ends the open checkout first, and is paid by a new one', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 2);
    const first = await alice.must('checkout', { bookingId: id });
    expect(await alice.send('changeHold', { bookingId: id, seats: 11 })).toMatchObject({ ok: false });
    expect((await alice.must('checkout', { bookingId: id })).url).toBe(first.url);
    expect(await alice.must('changeHold', { bookingId: id, seats: 3 })).toMatchObject({ seats: 3 });
    const second = await alice.must('checkout', { bookingId: id });
    expect(second.url).not.toBe(first.url);
    await useCard(first, CARD.pays);
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    await useCard(second, CARD.pays);
    expect(await confirmed).toMatchObject({ seats: 3, payment: { amount: 6_000 } });
    expect(await app.app.models.payments.distinct('status')).toEqual(['ended', 'paid']);
  });

  it('is refused while the old checkout is being paid', async (t) => {
    const { alice, eventId } = await paidSetting(t);
    const { id } = await book(alice, eventId, 2);
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.late);
    expect(await alice.send('changeHold', { bookingId: id, seats: 3 })).toMatchObject({
      error: { code: 'INVALID_STATE', details: { payment: 'processing' } },
    });
    expect(await alice.must('getBooking', { bookingId: id })).toMatchObject({ seats: 2, status: 'held' });
  });
});

describe('a server in production', () => {
  it('sells no priced event until PAYMENTS is set', async (t) => {
    const production = { NODE_ENV: 'production', JWT_SECRET: 'x'.repeat(40) };
    const app = await testApp(t, { env: production });
    const admin = await app.admin();
    const refused = { ok: false, error: { code: 'INVALID_STATE', details: { payments: null } } };
    expect(await admin.send('createEvent', eventInput({ price: PRICE }))).toMatchObject(refused);
    const { id: eventId, revision } = await admin.must('createEvent', eventInput());
    const changes = { price: PRICE };
    expect(await admin.send('updateEvent', { eventId, revision, changes })).toMatchObject(refused);
    const other = await testApp(t, { mongoUri: app.mongoUri, env: { ...production, PAYMENTS: 'demo' } });
    const priced = await (await other.admin()).must('createEvent', eventInput({ price: PRICE }));
    expect(priced).toMatchObject(changes);
    const request = { requestId: randomUUID(), eventId: priced.id, seats: 1 };
    expect(await admin.send('book', request)).toMatchObject(refused);
    expect(await admin.must('book', { ...request, eventId })).toMatchObject({ status: 'confirmed' });
  });
});
