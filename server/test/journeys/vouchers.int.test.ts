import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Event } from '#shared/event.ts';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Voucher } from '#shared/tickets/voucher.ts';
import { CARD, paidSetting, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import type { NewVouchers } from '../support/payments/typed-event.ts';
import { voucherOf, vouchersOf } from '../support/payments/typed-event.ts';
import { handClock } from '../support/hand-clock.ts';
import { manyBuyers } from '../support/many-buyers.ts';
import { codeOf, errorOf } from '../support/outcomes.ts';
import type { Person } from '../support/test-app.ts';
import { eventInput, inMinutes, pushed, testApp } from '../support/test-app.ts';
import { withDatabase } from '../support/database/test-database.ts';
import { createReconcile } from '#server/booking/reconcile/reconcile.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const TYPES = [
  { name: 'Adult', price: euros(2_000) },
  { name: 'Child', price: euros(1_000) },
  { name: 'VIP', price: euros(5_000), access: 'voucher' as const, limit: 3 },
  { name: 'Parking', price: euros(500), seats: 0 },
];

/** An event of four types, one of them hidden, with an organiser and two buyers. */
async function setting(t: Parameters<typeof testApp>[0], options: Parameters<typeof testApp>[1] = {}) {
  const app = await testApp(t, options);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const { id: eventId } = await admin.must('createEvent', eventInput({ totalSeats: 25, ticketTypes: TYPES }));
  return { app, admin, alice, bob, eventId };
}

async function stored({ must }: Person, eventId: string): Promise<Voucher[]> {
  return (await must('listVouchers', { eventId, limit: 100 })).vouchers;
}

function bookBy({ send }: Pick<Person, 'send'>, eventId: string, tickets: Record<string, number>, voucher?: string) {
  const counts = Object.entries(tickets).map(([type, count]) => ({ type, count }));
  return send('book', { requestId: randomUUID(), eventId, tickets: counts, ...(voucher !== undefined && { voucher }) });
}

const isWithoutHolds = ({ heldSeats }: Pick<Event, 'heldSeats'>) => heldSeats === 0;
const invalid = (reason: string) => ({ ok: false, error: { code: 'VOUCHER_INVALID', details: { reason } } });

describe('an organiser', () => {
  it('makes a thousand vouchers at once, with different codes of ten unmistakable signs', async (t) => {
    const { admin, eventId } = await setting(t);
    const made = await vouchersOf(admin, eventId, { count: 1_000, percentOff: 15, maxTickets: 1, note: 'Press' });
    expect(new Set(made.map(({ code }) => code)).size).toBe(1_000);
    for (const { code } of made) expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
    expect(made[0]).toMatchObject({ eventId, percentOff: 15, amountOff: null, opens: [], ticketTypes: null, held: 0 });
    const page = await admin.must('listVouchers', { eventId, page: 10, limit: 100 });
    expect([page.total, page.vouchers.length]).toEqual([1_000, 100]);
  });

  it('makes them once, however often and on however many connections the request is sent', async (t) => {
    const { app, admin, eventId } = await setting(t);
    const input = { requestId: randomUUID(), eventId, count: 3, percentOff: 15 };
    const replies = await Promise.all([1, 2, 3].map(() => admin.send('createVouchers', input)));
    for (const reply of replies) expect(reply).toEqual(replies[0]);
    expect(await app.app.models.vouchers.countDocuments()).toBe(3);
    expect(codeOf(await admin.send('createVouchers', { ...input, percentOff: 20 }))).toBe('REQUEST_ID_REUSED');
  });

  it('chooses a code, which the event has once, however it is written', async (t) => {
    const { admin, eventId } = await setting(t);
    const chosen = { requestId: randomUUID(), eventId, count: 1, code: 'Friends-10', percentOff: 10 };
    expect((await admin.must('createVouchers', chosen)).vouchers).toMatchObject([{ code: 'FRIENDS-10' }]);
    const again = await admin.send('createVouchers', { ...chosen, requestId: randomUUID(), code: 'friendsIO' });
    expect(errorOf(again)).toMatchObject({ code: 'INVALID_STATE', details: { reason: 'code_taken' } });
  });

  it('cannot make vouchers that give nothing, contradict themselves, or name what the event does not have', async (t) => {
    const { admin, eventId } = await setting(t);
    const soon = inMinutes(9);
    const wrong: [Partial<NewVouchers>, (string | number)[]][] = [
      [{}, ['percentOff']],
      [{ percentOff: 10, amountOff: euros(1) }, ['amountOff']],
      [{ percentOff: 10, code: 'ONE', count: 2 }, ['code']],
      [{ amountOff: { amount: 1, currency: 'USD' } }, ['amountOff', 'currency']],
      [{ opens: ['t1'] }, ['opens', 0]],
      [{ opens: ['t9'] }, ['opens', 0]],
      [{ percentOff: 10, ticketTypes: ['t9'] }, ['ticketTypes', 0]],
      [{ opens: ['t3'], ticketTypes: ['t1'] }, ['ticketTypes']],
      [{ percentOff: 10, validFrom: soon, validUntil: soon }, ['validUntil']],
    ];
    for (const [more, path] of wrong) {
      const reply = await admin.send('createVouchers', { requestId: randomUUID(), eventId, count: 1, ...more });
      expect(errorOf(reply), JSON.stringify(more)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] });
    }
    expect(await stored(admin, eventId)).toEqual([]);
  });

  it('changes limits, window, note and use; a limit below what is used is refused', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const { id: voucherId, code } = await voucherOf(admin, eventId, { percentOff: 10, maxTickets: 5 });
    expect((await bookBy(alice, eventId, { t1: 2, t2: 1 }, code)).ok).toBe(true);
    const update = (changes: CommandRequest<'updateVoucher'>['changes']) =>
      admin.send('updateVoucher', { voucherId, changes });
    expect(errorOf(await update({ maxTickets: 2 }))).toMatchObject({ code: 'SEATS_IN_USE', details: { minimum: 3 } });
    const [validFrom, validUntil] = [inMinutes(-60), inMinutes(60)];
    const changes = { maxTickets: 3, maxTicketsPerUser: 3, validFrom, validUntil, note: 'Press', disabled: true };
    expect(await update(changes)).toMatchObject({ ok: true, data: { ...changes, held: 3 } });
    expect(codeOf(await update({ validUntil: inMinutes(-90) }))).toBe('INVALID_INPUT');
    expect(await update({ maxTickets: null, validFrom: null })).toMatchObject({
      data: { maxTickets: null, validFrom: null },
    });
  });

  it('finds vouchers by part of a code or words of a note, and gets them as CSV', async (t) => {
    const { app, admin, alice, eventId } = await setting(t);
    await vouchersOf(admin, eventId, {
      code: 'Friends-10',
      amountOff: euros(350),
      note: '=Press night',
      opens: ['t3'],
    });
    await vouchersOf(admin, eventId, { code: 'FAMILY', percentOff: 20, ticketTypes: ['t1', 't2'] });
    const find = async (query: string) =>
      (await admin.must('listVouchers', { eventId, query })).vouchers.map(({ code }) => code);
    expect(await find('iends 1')).toEqual(['FRIENDS-10']);
    expect(await find('night PRESS')).toEqual(['FRIENDS-10']);
    expect(await find('f')).toEqual(['FAMILY', 'FRIENDS-10']);
    const csv = (person: Person) =>
      app.get(`/api/events/${eventId}/vouchers.csv`, { authorization: `Bearer ${person.token}` });
    expect((await csv(alice)).status).toBe(403);
    const answer = await csv(admin);
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const [, ...lines] = (await answer.text()).trim().split('\r\n');
    expect(lines[0]).toMatch(/^"FAMILY","20","","","","Adult; Child","",/);
    expect(lines[1]).toMatch(/^"FRIENDS-10","","3\.50","EUR","VIP","","","","","","'=Press night","no","0","0",/);
  });
});

describe('a voucher', () => {
  it('takes its discount off each ticket, and what is paid and refunded is that', async (t) => {
    const { app, admin, alice, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { percentOff: 33, maxTickets: 9 });
    const reply = await bookBy(alice, eventId, { t1: 2, t2: 1, t4: 1 }, code.toLowerCase());
    expect(reply).toMatchObject({
      ok: true,
      data: {
        status: 'held',
        voucher: code,
        total: euros(2 * 1_340 + 670 + 335),
        tickets: [
          { type: 't1', count: 2, price: euros(1_340), discount: euros(660) },
          { type: 't2', count: 1, price: euros(670), discount: euros(330) },
          { type: 't4', count: 1, price: euros(335), discount: euros(165) },
        ],
      },
    });
    const { id: bookingId } = reply.ok ? reply.data : expect.fail('No booking');
    const confirmed = shown(alice, bookingId, ({ status }) => status === 'confirmed');
    await useCard(await alice.must('checkout', { bookingId }), CARD.pays);
    await confirmed;
    expect(await stored(admin, eventId)).toMatchObject([{ held: 0, used: 4 }]);
    const refunded = shown(alice, bookingId, ({ payment }) => payment?.refundedAmount === 670);
    await alice.must('cancelBooking', { bookingId, tickets: [{ type: 't2', count: 1 }] });
    await refunded;
    expect(await stored(admin, eventId)).toMatchObject([{ held: 0, used: 3 }]);
    const read = await (await app.get('/metrics')).text();
    expect(read).toContain('frontrow_voucher_tickets_sold_total 4');
    expect(read).toContain('frontrow_voucher_discounts_total{currency="EUR"} 1815');
  });

  it('of a hundred per cent makes a ticket at once, without a payment', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { percentOff: 100 });
    const reply = await bookBy(alice, eventId, { t1: 1 }, code);
    expect(reply).toMatchObject({ data: { status: 'confirmed', total: euros(0), ticket: expect.any(String) } });
    expect(await stored(admin, eventId)).toMatchObject([{ held: 0, used: 1 }]);
  });

  it('opens a hidden type, which is not found without it', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { opens: ['t3'], maxTickets: 2 });
    expect((await alice.must('getEvent', { eventId })).ticketTypes.map(({ id }) => id)).toEqual(['t1', 't2', 't4']);
    expect(codeOf(await bookBy(alice, eventId, { t3: 1 }))).toBe('INVALID_INPUT');
    expect(await alice.must('checkVoucher', { eventId, code })).toMatchObject({
      ticketTypes: [{ id: 't3', name: 'VIP', price: euros(5_000), fullPrice: euros(5_000), available: 3 }],
      usesLeft: 2,
      validUntil: null,
    });
    expect(await bookBy(alice, eventId, { t3: 2 }, code)).toMatchObject({ ok: true, data: { total: euros(10_000) } });
    expect(await alice.send('checkVoucher', { eventId, code })).toMatchObject(invalid('used_up'));
  });

  it('is checked with the prices that it gives, whom it is for, and until when', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const validUntil = inMinutes(60);
    const made = { percentOff: 50, ticketTypes: ['t2', 't4'], validUntil, maxTicketsPerUser: 1 };
    const { code } = await voucherOf(admin, eventId, made);
    const { ticketTypes, ...more } = await alice.must('checkVoucher', { eventId, code });
    expect(ticketTypes.map(({ id, price }) => [id, price.amount])).toEqual([
      ['t2', 500],
      ['t4', 250],
    ]);
    expect(ticketTypes[0]).not.toHaveProperty('sold');
    expect(more).toEqual({ usesLeft: null, validUntil });
    expect(await bookBy(alice, eventId, { t1: 1 }, code)).toMatchObject(invalid('other_tickets'));
    expect(await bookBy(alice, eventId, { t1: 1, t2: 1 }, code)).toMatchObject({ ok: true });
    expect(await alice.send('checkVoucher', { eventId, code })).toMatchObject(invalid('limit'));
  });

  it('changes a hold: the hold gets its prices, and back the uses of the voucher before', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const [ten, half] = [
      await voucherOf(admin, eventId, { percentOff: 10, maxTickets: 3 }),
      await voucherOf(admin, eventId, { percentOff: 50, maxTickets: 3 }),
    ];
    const held = await bookBy(alice, eventId, { t1: 1 });
    const { id: bookingId } = held.ok ? held.data : expect.fail('No hold');
    const tickets = [{ type: 't1', count: 2 }];
    const change = (voucher?: string) => alice.send('changeHold', { bookingId, tickets, ...(voucher && { voucher }) });
    await alice.must('checkout', { bookingId });
    expect(await change('nonsense')).toMatchObject(invalid('unknown'));
    expect(await change(ten.code)).toMatchObject({ data: { total: euros(3_600), voucher: ten.code } });
    expect(await change(half.code)).toMatchObject({ data: { total: euros(2_000), voucher: half.code } });
    expect(await change()).toMatchObject({ data: { total: euros(2_000), voucher: half.code } });
    expect(await stored(admin, eventId)).toMatchObject([{ held: 2 }, { held: 0 }]);
    await alice.must('cancelBooking', { bookingId });
    await alice.must('cancelBooking', { bookingId });
    expect(await stored(admin, eventId)).toMatchObject([{ held: 0 }, { held: 0 }]);
  });

  it('that is disabled, lapsed or given a new limit blocks no seat, and gives none back that was not taken', async (t) => {
    const { admin, alice, bob, eventId } = await setting(t);
    const seats = async () => {
      const { availableSeats, heldSeats } = await alice.must('getEvent', { eventId });
      return [availableSeats, heldSeats];
    };
    const { id: voucherId, code } = await voucherOf(admin, eventId, { percentOff: 50, maxTickets: 3 });
    const held = await bookBy(alice, eventId, { t1: 2 }, code);
    for (const changes of [{ disabled: true }, { validUntil: inMinutes(-1) }, { maxTickets: 2 }]) {
      await admin.must('updateVoucher', { voucherId, changes });
      expect(await seats()).toEqual([23, 2]);
    }
    expect(await bookBy(bob, eventId, { t1: 1 }, code)).toMatchObject(invalid('unknown'));
    await alice.must('cancelBooking', { bookingId: held.ok ? held.data.id : '' });
    expect(await seats()).toEqual([25, 0]);
    await admin.must('updateVoucher', { voucherId, changes: { disabled: false, validUntil: null } });
    expect(await bookBy(bob, eventId, { t1: 2 }, code)).toMatchObject({ ok: true });
    expect(await seats()).toEqual([23, 2]);
  });

  it('of ten uses sells exactly ten tickets to two hundred sockets, and five more at the very time at which five holds lapse', async (t) => {
    const clock = handClock({ standsAt: new Date().toISOString() });
    const { app, admin, eventId } = await paidSetting(t, { totalSeats: 500, holdMinutes: 1 }, { clock });
    const { code } = await voucherOf(admin, eventId, { percentOff: 50, maxTickets: 10 });
    const buyers = await manyBuyers(app, 200);
    const sendAll = (who: typeof buyers) => Promise.all(who.map((buyer) => bookBy(buyer, eventId, { t1: 1 }, code)));
    const replies = await sendAll(buyers);
    const won = buyers.filter((_, index) => replies[index]?.ok);
    expect(won).toHaveLength(10);
    for (const reply of replies) if (!reply.ok) expect(reply).toMatchObject(invalid('used_up'));
    expect(await stored(admin, eventId)).toMatchObject([{ held: 10, used: 0 }]);
    await Promise.all(
      won.slice(0, 5).map(async ({ socket, must }) => {
        const [booking] = (await must('listBookings', {})).bookings;
        const bookingId = booking?.id ?? '';
        const confirmed = pushed(socket, 'bookingChanged', ({ status }) => status === 'confirmed');
        await useCard(await must('checkout', { bookingId }), CARD.pays);
        await confirmed;
      }),
    );
    const { holdsUntil } = await admin.must('getEvent', { eventId });
    const others = buyers.filter((buyer) => !won.includes(buyer));
    const tried = Promise.all(
      others.map(async (buyer) => {
        await pushed(buyer.socket, 'availabilityChanged', ({ changes }) => changes.some(isWithoutHolds));
        return bookBy(buyer, eventId, { t1: 1 }, code);
      }),
    );
    // The clock stands from then on: no timer may lie between the end of the holds and the sale.
    clock.moveTo(new Date(holdsUntil ?? ''));
    const more = await tried;
    const soldAt = more.flatMap((reply) => (reply.ok ? [reply.data.createdAt] : []));
    expect(soldAt).toEqual(Array.from({ length: 5 }, () => holdsUntil));
    for (const reply of more) if (!reply.ok) expect(reply).toMatchObject(invalid('used_up'));
    expect(await stored(admin, eventId)).toMatchObject([{ held: 5, used: 5 }]);
  }, 120_000);

  it('of one use buys nothing for three, and one ticket once', async (t) => {
    const { admin, alice, bob, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { percentOff: 100, maxTickets: 1 });
    expect(await bookBy(alice, eventId, { t1: 3 }, code)).toMatchObject(invalid('limit'));
    const both = await Promise.all([alice, bob].map((buyer) => bookBy(buyer, eventId, { t1: 1 }, code)));
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect((await bob.must('getEvent', { eventId })).soldSeats).toBe(1);
  });

  it('of another event is unknown, also where both events have the code', async (t) => {
    const { admin, alice, eventId } = await setting(t);
    const other = await admin.must('createEvent', eventInput({ price: PRICE }));
    const { code } = await voucherOf(admin, other.id, { percentOff: 100 });
    expect(await bookBy(alice, eventId, { t1: 1 }, code)).toMatchObject(invalid('unknown'));
    await voucherOf(admin, other.id, { code: 'BOTH', percentOff: 100, maxTickets: 1 });
    await voucherOf(admin, eventId, { code: 'BOTH', percentOff: 50, maxTickets: 1 });
    expect(await bookBy(alice, other.id, { t1: 1 }, 'BOTH')).toMatchObject({ data: { total: euros(0) } });
    expect(await bookBy(alice, eventId, { t1: 1 }, 'BOTH')).toMatchObject({ data: { total: euros(1_000) } });
  });
});

describe('guessing codes', () => {
  it('is refused after ten checks in a minute by one user, right ones included', async (t) => {
    const { app, admin, alice, bob, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { percentOff: 50 });
    const check = (person: Person, guess = code) => person.send('checkVoucher', { eventId, code: guess });
    const replies = await Promise.all(Array.from({ length: 14 }, () => check(alice)));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(10);
    const refused = replies.filter((reply) => codeOf(reply) === 'RATE_LIMITED');
    expect(refused).toHaveLength(4);
    expect(errorOf(refused[0])?.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect((await check(bob)).ok).toBe(true);
    app.clock.pass(61_000);
    expect((await check(alice)).ok).toBe(true);
  });

  it('is refused after ten wrong codes for the whole network, by all servers together; bookings go on', async (t) => {
    const { app, admin, alice, bob, eventId } = await setting(t);
    const other = await testApp(t, { mongoUri: app.mongoUri });
    const { code } = await voucherOf(admin, eventId, { percentOff: 50 });
    const guess = (send: Person['send'], text: string) => send('checkVoucher', { eventId, code: text });
    for (let i = 0; i < 9; i += 1) expect(codeOf(await guess(alice.send, `GUESS-${i}`))).toBe('VOUCHER_INVALID');
    const elsewhere = await other.register('carol');
    expect(codeOf(await guess(elsewhere.send, 'GUESS-9'))).toBe('VOUCHER_INVALID');
    expect(codeOf(await guess(bob.send, code))).toBe('RATE_LIMITED');
    expect(codeOf(await guess(elsewhere.send, code))).toBe('RATE_LIMITED');
    expect(await bookBy(bob, eventId, { t1: 1 }, code)).toMatchObject({ ok: true });
  });

  it('by booking is refused after ten unknown codes of one user, not after codes that exist', async (t) => {
    const { admin, alice, bob, eventId } = await setting(t);
    const { code } = await voucherOf(admin, eventId, { percentOff: 50, maxTickets: 1 });
    expect((await bookBy(bob, eventId, { t1: 1 }, code)).ok).toBe(true);
    for (let i = 0; i < 12; i += 1)
      expect(codeOf(await bookBy(alice, eventId, { t1: 1 }, code))).toBe('VOUCHER_INVALID');
    for (let i = 0; i < 10; i += 1) await bookBy(alice, eventId, { t1: 1 }, `GUESS-${i}`);
    expect(codeOf(await bookBy(alice, eventId, { t1: 1 }, code))).toBe('RATE_LIMITED');
    expect((await bookBy(alice, eventId, { t1: 1 })).ok).toBe(true);
  });

  it('learns nothing from the queries of an answer: unknown, foreign, disabled and used up ask the same', async (t) => {
    const { app, admin, alice, eventId } = await setting(t);
    const elsewhere = await admin.must('createEvent', eventInput({ price: PRICE }));
    const foreign = await voucherOf(admin, elsewhere.id, { percentOff: 50 });
    const disabled = await voucherOf(admin, eventId, { percentOff: 50 });
    await admin.must('updateVoucher', { voucherId: disabled.id, changes: { disabled: true } });
    const used = await voucherOf(admin, eventId, { percentOff: 100, maxTickets: 1 });
    await bookBy(alice, eventId, { t1: 1 }, used.code);
    const queriesFor = async (code: string) => {
      const asked: string[] = [];
      const note = (collection: string, method: string) => void asked.push(`${collection}.${method}`);
      app.app.models.vouchers.db.set('debug', note);
      const reply = await alice.send('checkVoucher', { eventId, code });
      app.app.models.vouchers.db.set('debug', false);
      // The rest is asked by sweeps and jobs meanwhile.
      const own = asked.filter((one) => /^(?:vouchers|rateCounts)\.|^events\.findOne$|^bookings\.aggregate$/.test(one));
      return { reason: errorOf(reply)?.details?.['reason'], asked: own };
    };
    const unknown = await queriesFor('UNKNOWN');
    expect(unknown.reason).toBe('unknown');
    expect(unknown.asked).toEqual(expect.arrayContaining(['vouchers.findOne', 'bookings.aggregate']));
    expect(await queriesFor(foreign.code)).toEqual(unknown);
    expect(await queriesFor(disabled.code)).toEqual(unknown);
    expect(await queriesFor(used.code)).toEqual({ ...unknown, reason: 'used_up' });
  });

  it('keeps neither users nor addresses in the counts, and is not limited with RATE_LIMITS=off', async (t) => {
    const { app, alice, eventId } = await setting(t);
    await alice.send('checkVoucher', { eventId, code: 'GUESS' });
    const counts = JSON.stringify(await app.app.models.rateCounts.find().lean());
    expect(counts).toContain('voucher:');
    expect(counts).not.toMatch(new RegExp(`${alice.user.id}|127\\.0\\.0\\.1|GUESS`));
    const free = await setting(t, { env: { RATE_LIMITS: 'off' } });
    const guess = () => free.alice.send('checkVoucher', { eventId: free.eventId, code: 'GUESS' });
    for (let i = 0; i < 15; i += 1) expect(codeOf(await guess())).toBe('VOUCHER_INVALID');
  });
});

it('uses that differ from the bookings are found by the reconciliation, and repaired', async (t) => {
  const { app, admin, alice, eventId } = await setting(t);
  const { code } = await voucherOf(admin, eventId, { percentOff: 50, maxTickets: 5 });
  await bookBy(alice, eventId, { t1: 2 }, code);
  await app.app.models.vouchers.collection.updateMany({}, { $set: { held: 1, used: 3 } });
  await withDatabase(app.mongoUri, async (database) => {
    const reconcile = createReconcile({ client: database.client, database });
    const differences = async () => {
      for await (const report of reconcile.check()) return report.differences.map(({ what }) => what);
      return null;
    };
    expect(await differences()).toEqual([
      `held of voucher ${code} is 1, the bookings says 2`,
      `used of voucher ${code} is 3, the bookings says 0`,
    ]);
    expect(await reconcile.repair(app.app.engine, eventId)).toEqual({ repaired: true, left: [] });
    expect(await stored(admin, eventId)).toMatchObject([{ held: 2, used: 0 }]);
    const last = await app.app.models.ledger.findOne({ eventId }).sort({ seq: -1 }).lean();
    expect(last?.entries).toMatchObject([{ kind: 'recounted', reason: `held ${code} 1 -> 2, used ${code} 3 -> 0` }]);
  });
});
