import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SweepTask } from '#server/jobs/sweep.ts';
import type { PaymentDoc } from '#server/models/payment.ts';
import type { InvoiceAddress, Receipt, ReceiptList } from '#shared/receipts/receipt.ts';
import { bookCommand, createEvent, userId } from '../support/engine-world.ts';
import { bookingOf } from '../support/outcomes.ts';
import { buy, CARD, paidSetting, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import { payHold } from '../support/payments/pay-hold.ts';
import { bookTickets, fourTypes, tickets, voucherOf } from '../support/payments/typed-event.ts';
import { textOfPdf } from '../support/read-ticket.ts';
import { receiptSweepOf } from '../support/receipt-sweep.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { book, eventInput, refusalOf, testApp } from '../support/test-app.ts';

const POLL = { timeout: 20_000 };
const SELLER = {
  SELLER_NAME: 'Kulturverein Nord e. V.',
  SELLER_ADDRESS: 'Hafenstraße 1, 20457 Hamburg',
  SELLER_TAX_ID: 'DE123456789',
};
const ADDRESS = {
  name: 'Müller & Söhne GmbH',
  street: 'Große Gasse 3',
  postcode: '93047',
  city: 'Regensburg',
  country: 'Deutschland',
} satisfies InvoiceAddress;

const as = ({ token }: Pick<Person, 'token'>) => ({ authorization: `Bearer ${token}` });

async function receiptsOf({ get }: TestApp, person: Person, bookingId: string): Promise<ReceiptList> {
  const response = await get(`/api/bookings/${bookingId}/receipts`, as(person));
  expect(response.status).toBe(200);
  return (await response.json()) as ReceiptList;
}

const isMore = (count: number) => (list: ReceiptList) => list.receipts.length >= count;

async function awaitReceipts(app: TestApp, person: Person, bookingId: string, count: number): Promise<Receipt[]> {
  await expect.poll(async () => isMore(count)(await receiptsOf(app, person, bookingId)), POLL).toBe(true);
  return (await receiptsOf(app, person, bookingId)).receipts;
}

async function pdfOf({ get }: TestApp, person: Person, bookingId: string, query = ''): Promise<string> {
  const response = await get(`/api/bookings/${bookingId}/receipt.pdf${query}`, as(person));
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  return (await textOfPdf(Buffer.from(await response.arrayBuffer()))).text;
}

function sendAddress({ post }: TestApp, person: Person, bookingId: string, address: unknown): Promise<Response> {
  return post(`/api/bookings/${bookingId}/invoice-address`, address, as(person));
}

const net = ({ gross, tax }: Receipt) => gross.amount - (tax?.amount ?? 0);

describe('the receipt of a paid booking', () => {
  it('has a number, the tax of the event and the seller, and is read as a PDF by its buyer and organisers alone', async (t) => {
    const { app, admin, alice, bob, eventId } = await paidSetting(t, { taxRate: 19 }, { env: SELLER });
    const { id } = await buy(alice, eventId, 2);
    const [receipt] = await awaitReceipts(app, alice, id, 1);
    expect(receipt).toMatchObject({
      number: 'R-000001',
      kind: 'receipt',
      cancels: null,
      gross: { amount: 4_000, currency: 'EUR' },
      tax: { amount: 639, currency: 'EUR' },
      taxRate: 19,
      isInvoice: true,
      address: null,
    });
    const text = await pdfOf(app, alice, id);
    for (const part of ['Invoice R-000001', 'Kulturverein Nord', '2 seats €20.00 €40.00', 'Tax, 19 % €6.39', 'alice'])
      expect(text).toContain(part);
    expect(await pdfOf(app, admin, id, '?number=R-000001')).toBe(text);
    const foreign = await app.get(`/api/bookings/${id}/receipt.pdf`, as(bob));
    expect(await refusalOf(foreign)).toMatchObject({ status: 404 });
    const other = await app.get(`/api/bookings/${id}/receipt.pdf?number=R-000002`, as(alice));
    expect(await refusalOf(other)).toMatchObject({ status: 404 });
  });

  it('keeps the rate and the words of the sale, whatever the event says later', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t, { taxRate: 7 });
    const { id } = await book(alice, eventId, 1);
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    const checkout = await alice.must('checkout', { bookingId: id, locale: 'de' });
    await admin.must('updateEvent', { eventId, revision: 1, changes: { taxRate: 19, title: 'Blues' } });
    await useCard(checkout, CARD.pays);
    await confirmed;
    const [receipt] = await awaitReceipts(app, alice, id, 1);
    expect(receipt).toMatchObject({ taxRate: 7, tax: { amount: 131 }, isInvoice: false });
    const text = await pdfOf(app, alice, id);
    expect(text).toContain('Zahlungsbeleg R-000001');
    expect(text).toContain('Jazz im Hinterhof');
    expect(text).toContain('Umsatzsteuer 7 % 1,31 €');
    expect(text).toContain('Er ist keine Rechnung.');
  });

  it('does not exist for a free booking, an open hold, or a payment that bought nothing', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t);
    const free = await admin.must('createEvent', eventInput());
    const bookings = [await book(alice, free.id, 1), await book(alice, eventId, 1)];
    for (const { id } of bookings) {
      expect(await receiptsOf(app, alice, id)).toEqual({ receipts: [], mayChangeAddress: false });
      const file = await app.get(`/api/bookings/${id}/receipt.pdf`, as(alice));
      expect(await refusalOf(file)).toMatchObject({ status: 409, code: 'INVALID_STATE' });
      const refused = await refusalOf(await sendAddress(app, alice, id, ADDRESS));
      expect(refused).toMatchObject({ code: 'INVALID_STATE', details: { reason: 'unpaid' } });
    }
  });

  it('takes a rate from 0 to 100 per cent with two decimals, and no other', async (t) => {
    const { admin } = await paidSetting(t);
    for (const taxRate of [0, 100, 8.1, 5.55, 0.07])
      expect((await admin.must('createEvent', eventInput({ taxRate }))).taxRate).toBe(taxRate);
    for (const taxRate of [-1, 100.01, 7.125, '19', NaN])
      expect(await admin.send('createEvent', eventInput({ taxRate: taxRate as number }))).toMatchObject({
        error: { code: 'INVALID_INPUT', issues: [{ path: ['taxRate'] }] },
      });
    const { id: eventId, taxRate } = await admin.must('createEvent', eventInput());
    expect(taxRate).toBeNull();
    expect((await admin.must('updateEvent', { eventId, revision: 1, changes: { taxRate: 7 } })).taxRate).toBe(7);
    expect((await admin.must('updateEvent', { eventId, revision: 2, changes: { taxRate: null } })).taxRate).toBeNull();
  });
});

describe('cancellations of a receipt', () => {
  it('state refunds by ticket types to the cent, and in the end all of the tax', async (t) => {
    const { app, admin, alice } = await paidSetting(t, {}, { env: SELLER });
    const { id: eventId } = await admin.must(
      'createEvent',
      eventInput({ title: 'Zirkus', ticketTypes: fourTypes([1_999, 1_249, 5_555, 333]), taxRate: 8.1 }),
    );
    const { code } = await voucherOf(admin, eventId, { percentOff: 15, ticketTypes: ['t1'] });
    const { id, total } = await bookTickets(alice, eventId, { t1: 3, t2: 2, t4: 1 }, code);
    expect(total.amount).toBe(3 * 1_699 + 2 * 1_249 + 333);
    const confirmed = shown(alice, id, ({ status }) => status === 'confirmed');
    await useCard(await alice.must('checkout', { bookingId: id }), CARD.pays);
    await confirmed;
    await awaitReceipts(app, alice, id, 1);
    const refunded = (amount: number) => shown(alice, id, ({ payment }) => payment?.refundedAmount === amount);
    let back = refunded(1_699);
    await alice.must('cancelBooking', { bookingId: id, requestId: randomUUID(), tickets: tickets({ t1: 1 }) });
    await back;
    back = refunded(1_699 + 700);
    await admin.must('refundBooking', { requestId: randomUUID(), bookingId: id, amount: 700, reason: 'Cold' });
    await back;
    back = refunded(total.amount);
    await alice.must('cancelBooking', { bookingId: id });
    await back;
    const all = await awaitReceipts(app, alice, id, 4);
    expect(all.map(({ number, kind, cancels, gross }) => [number, kind, cancels, gross.amount])).toEqual([
      ['R-000001', 'receipt', null, total.amount],
      ['R-000002', 'cancellation', 'R-000001', 1_699],
      ['R-000003', 'cancellation', 'R-000001', 700],
      ['R-000004', 'cancellation', 'R-000001', total.amount - 1_699 - 700],
    ]);
    const [receipt, ...cancellations] = all;
    const sum = (of: (one: Receipt) => number) => cancellations.reduce((total, one) => total + of(one), 0);
    expect(sum(net)).toBe(receipt && net(receipt));
    expect(sum(({ tax }) => tax?.amount ?? 0)).toBe(receipt?.tax?.amount);
    const first = await pdfOf(app, alice, id);
    expect(first).toContain('3 × Adult €19.99 -€9.00 €50.97');
    const part = await pdfOf(app, alice, id, '?number=R-000002');
    expect(part).toContain('1 × Adult -€19.99 €3.00 -€16.99');
    expect(part).toContain('Cancels R-000001');
    expect(await pdfOf(app, alice, id, '?number=R-000003')).toContain('Part of the price -€7.00');
    const rest = await pdfOf(app, alice, id, '?number=R-000004');
    for (const line of ['2 × Adult', '2 × Child', '1 × Parking', 'Less what was refunded before, and roundings €7.00'])
      expect(rest).toContain(line);
  });

  it('come with the cancellation of the event, whose reason they state', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t);
    const { id } = await buy(alice, eventId, 1);
    await awaitReceipts(app, alice, id, 1);
    await admin.must('cancelEvent', { eventId, reason: 'Storm' });
    await awaitReceipts(app, alice, id, 2);
    expect(await pdfOf(app, alice, id, '?number=R-000002')).toContain('Reason: the event was cancelled.');
    // The receipt itself stays as it was issued.
    expect(await pdfOf(app, alice, id, '?number=R-000001')).not.toContain('Cancellation');
  });
});

describe('the invoice address', () => {
  it('replaces an issued receipt by one with the address, once for each address', async (t) => {
    const { app, alice, bob, admin, eventId } = await paidSetting(t, { taxRate: 19 }, { env: SELLER });
    const { id } = await buy(alice, eventId, 10);
    await awaitReceipts(app, alice, id, 1);
    expect(await pdfOf(app, alice, id)).toContain('€200.00');
    for (const _ of [1, 2]) expect((await sendAddress(app, alice, id, ADDRESS)).status).toBe(200);
    const { receipts, mayChangeAddress } = await receiptsOf(app, alice, id);
    expect(receipts.map(({ number, kind, cancels }) => [number, kind, cancels])).toEqual([
      ['R-000001', 'receipt', null],
      ['R-000002', 'cancellation', 'R-000001'],
      ['R-000003', 'receipt', null],
    ]);
    expect(receipts[2]).toMatchObject({ address: ADDRESS, isInvoice: true });
    expect(mayChangeAddress).toBe(true);
    const text = await pdfOf(app, alice, id);
    expect(text).toContain('Invoice R-000003');
    expect(text).toContain('Müller & Söhne GmbH Große Gasse 3 93047 Regensburg Deutschland');
    expect((await sendAddress(app, bob, id, ADDRESS)).status).toBe(404);
    expect((await sendAddress(app, admin, id, ADDRESS)).status).toBe(403);
  });

  it('is on the first receipt where it comes before it, and stays on the cancellation of a refund', async (t) => {
    const { app, alice, eventId } = await paidSetting(t, {}, { env: { RECEIPT_PREFIX: 'HH-' } });
    const { id } = await buy(alice, eventId, 2);
    const sent = await Promise.all([1, 2, 3].map(() => sendAddress(app, alice, id, ADDRESS)));
    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200]);
    const { receipts } = await receiptsOf(app, alice, id);
    expect(receipts.at(-1)).toMatchObject({ kind: 'receipt', address: ADDRESS });
    expect(receipts[0]?.number).toBe('HH-000001');
    const back = shown(alice, id, ({ payment }) => payment?.refundedAmount === 2_000);
    await alice.must('cancelBooking', { bookingId: id, requestId: randomUUID(), seats: 1 });
    await back;
    const after = await awaitReceipts(app, alice, id, receipts.length + 1);
    expect(after.at(-1)).toMatchObject({ kind: 'cancellation', cancels: receipts.at(-1)?.number, address: ADDRESS });
    const late = await refusalOf(await sendAddress(app, alice, id, { ...ADDRESS, city: 'Passau' }));
    expect(late).toMatchObject({ code: 'INVALID_STATE', details: { reason: 'refunded' } });
    expect((await receiptsOf(app, alice, id)).mayChangeAddress).toBe(false);
  });

  it('is refused with what is wrong, and after five changes', async (t) => {
    const { app, alice, eventId } = await paidSetting(t);
    const { id } = await buy(alice, eventId, 1);
    await awaitReceipts(app, alice, id, 1);
    const wrong = [
      {},
      { ...ADDRESS, city: ' ' },
      { ...ADDRESS, name: 'a\nb' },
      { ...ADDRESS, street: 'x'.repeat(121) },
    ];
    for (const address of [...wrong, { ...ADDRESS, admin: true }, 'x', null])
      expect(await refusalOf(await sendAddress(app, alice, id, address))).toMatchObject({ code: 'INVALID_INPUT' });
    for (const city of ['1', '2', '3', '4', '5'])
      expect((await sendAddress(app, alice, id, { ...ADDRESS, city })).status).toBe(200);
    const refused = await refusalOf(await sendAddress(app, alice, id, ADDRESS));
    expect(refused).toMatchObject({ code: 'INVALID_STATE', details: { reason: 'changes' } });
    expect((await receiptsOf(app, alice, id)).receipts).toHaveLength(11);
  });
});

describe('the file of receipts', () => {
  it('lists numbers, dates and signed amounts of all events, of one, or of a time', async (t) => {
    const { app, admin, alice, bob, eventId } = await paidSetting(t, { taxRate: 19 });
    const { id: otherId } = await admin.must(
      'createEvent',
      eventInput({ title: '=Blues', price: { amount: 500, currency: 'JPY' } }),
    );
    const { id } = await buy(alice, eventId, 1);
    await awaitReceipts(app, alice, id, 1);
    await awaitReceipts(app, bob, (await buy(bob, otherId, 1)).id, 1);
    await alice.must('cancelBooking', { bookingId: id });
    await awaitReceipts(app, alice, id, 2);
    const linesOf = async (query: string) => {
      const response = await app.get(`/api/receipts.csv${query}`, as(admin));
      expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
      return (await response.text()).trim().split('\r\n').slice(1);
    };
    const all = await linesOf('');
    expect(all).toHaveLength(3);
    expect(all[0]).toMatch(
      /^"R-000001","receipt","",.*"Jazz im Hinterhof",.*"alice",.*"19","16.81","3.19","20.00","EUR"$/,
    );
    expect(all[1]).toMatch(/^"R-000002","receipt",.*"'=Blues",.*"","","","500","JPY"$/);
    expect(all[2]).toMatch(/^"R-000003","cancellation","R-000001",.*"19","-16.81","-3.19","-20.00","EUR"$/);
    expect(await linesOf(`?eventId=${otherId}`)).toEqual([all[1]]);
    expect(await linesOf('?from=2000-01-01T00:00:00.000Z&to=2001-01-01T00:00:00.000Z')).toEqual([]);
    expect(await linesOf('?from=2001-01-01T00:00:00.000Z')).toEqual(all);
    expect((await app.get('/api/receipts.csv?eventId=x', as(admin))).status).toBe(400);
  });
});

describe('receipts and accounts', () => {
  it('are in the export, and stay as they are when the account is closed', async (t) => {
    const { app, admin, alice, eventId } = await paidSetting(t);
    const { id } = await buy(alice, eventId, 1);
    await awaitReceipts(app, alice, id, 1);
    const exported = (await (await app.get('/api/auth/me/export', as(alice))).json()) as { receipts: Receipt[] };
    expect(exported.receipts).toMatchObject([{ number: 'R-000001', bookingId: id }]);
    await admin.must('cancelEvent', { eventId, reason: 'Storm' });
    await awaitReceipts(app, alice, id, 2);
    const closed = await fetch(`${app.url}/api/auth/me`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', ...as(alice) },
      body: JSON.stringify({ password: 'correct horse' }),
    });
    expect(closed.status).toBe(204);
    const stored = await app.app.models.receipts.find({ bookingId: id }).lean();
    expect(stored.map(({ buyer }) => buyer.name)).toEqual(['alice', 'alice']);
    expect(await pdfOf(app, admin, id)).toContain('alice');
  });
});

describe('payments from before there were receipts', () => {
  it('get theirs at the next start, in the order in which they were paid', async (t) => {
    const { app, mongoUri } = await testApp(t, { isIdle: true });
    const { models, engine } = app;
    const eventId = await createEvent(app, new Date(), { price: PRICE, totalSeats: 500 });
    const buySeat = async () => {
      const { id } = bookingOf(await engine.submit(eventId, bookCommand(userId(), 1)));
      await payHold(engine, eventId, id);
    };
    await Promise.all(Array.from({ length: 130 }, buySeat));
    // As a server of before has stored them; the later half was paid first.
    const old = await models.payments.find().sort({ _id: 1 }).lean<PaymentDoc[]>();
    const operations = old.map(({ _id }, n) => {
      const paidAt = new Date(Date.UTC(2026, 0, 1, 0, n < 65 ? n + 200 : n));
      return { updateOne: { filter: { _id }, update: { $unset: { isReceiptDue: 1 as const }, $set: { paidAt } } } };
    });
    await models.payments.collection.bulkWrite(operations);
    const paid = old.map(({ bookingId }) => String(bookingId));
    const receiptSweep = receiptSweepOf(app);
    const sweepOnce = (sweep: SweepTask) => sweep.sweep(new AbortController().signal);
    expect(await sweepOnce(receiptSweep)).toBeLessThan(1_000);
    expect(await sweepOnce(receiptSweep)).toBeGreaterThan(1_000);
    const receipts = await models.receipts.find().sort({ number: 1 }).lean();
    expect(receipts.map(({ number }) => number)).toEqual(Array.from({ length: 130 }, (_, n) => n + 1));
    expect(receipts.map(({ bookingId }) => String(bookingId))).toEqual([...paid.slice(65), ...paid.slice(0, 65)]);
    expect(await models.payments.countDocuments({ isReceiptDue: { $ne: false } })).toBe(0);
    // A server of the version before refunds a part of one, and leaves no mark: the next server that starts finds it.
    const refund = {
      key: 'old.1',
      amount: 400,
      cause: 'organiser',
      status: 'done',
      at: new Date(),
      doneAt: new Date(),
    };
    const change = { $push: { refunds: refund }, $set: { updatedAt: new Date() } };
    await models.payments.collection.updateOne({ _id: old[0]?._id } as object, change as object);
    await models.bookings.collection.updateOne({ _id: old[0]?.bookingId } as object, {
      $set: { 'payment.refundedAmount': 400 },
    });
    await sweepOnce(receiptSweep);
    expect(await models.receipts.countDocuments({ kind: 'cancellation' })).toBe(0);
    const next = await testApp(t, { isIdle: true, mongoUri });
    await sweepOnce(receiptSweepOf(next.app));
    expect(await models.receipts.find({ kind: 'cancellation' }).lean()).toMatchObject([{ number: 131, gross: 400 }]);
  });
});
