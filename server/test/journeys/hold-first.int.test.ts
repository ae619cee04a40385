import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { User } from '#shared/account.ts';
import type { TakenOver } from '#shared/accounts/taken-over.ts';
import type { Booking } from '#shared/booking.ts';
import { commands } from '#shared/protocol/commands.ts';
import { mailLog } from '../support/mail-log.ts';
import { CARD, PRICE, shown, useCard } from '../support/payments/demo-payments.ts';
import type { Person, TestAppOptions } from '../support/test-app.ts';
import {
  book,
  commandsOf,
  connected,
  eventInput,
  pushed,
  refusalOf,
  storedEvent,
  testApp,
} from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const SOON = { timeout: 20_000 };
const ADDRESS = 'mia@example.org';
const NEEDS_ADDRESS = { ok: false, error: { code: 'INVALID_STATE', details: { provisional: true } } };

type Undoing = Parameters<typeof testApp>[0];
interface SignedIn {
  user: User;
  token: string;
  created: boolean;
  takenOver?: TakenOver;
}

const bearer = ({ token }: { token: string }) => ({ authorization: `Bearer ${token}` });

/** A priced event on a server whose mails are in its log. */
async function setting(t: Undoing, more: Parameters<typeof eventInput>[0] = {}, options: TestAppOptions = {}) {
  const mails = mailLog();
  const app = await testApp(t, { log: mails.log, ...options });
  const admin = await app.admin();
  const event = { price: PRICE, totalSeats: 100, holdMinutes: 5, ...more };
  const { id: eventId } = await admin.must('createEvent', eventInput(event));

  /** A visitor with a provisional account. */
  async function visitor(): Promise<Person> {
    const reply = await app.post('/api/auth/provisional', {});
    expect(reply.status).toBe(201);
    const { user, token } = (await reply.json()) as { user: User; token: string };
    const socket = await connected(app.open('/booking', token));
    return { user, token, socket, ...commandsOf(socket) };
  }

  /** Asks for a code; it is the `count`th to this address. */
  async function codeTo(email = ADDRESS, count = 1): Promise<string> {
    expect((await app.post('/api/auth/code', { email })).status).toBe(204);
    return mails.codeTo(email, count);
  }

  const verify = (by: { token: string } | null, input: object) =>
    app.post('/api/auth/code/verify', input, by ? bearer(by) : {});

  /** Proves the address while the visitor's holds run. */
  async function prove(by: Person, { email = ADDRESS, count = 1, name = 'Mia' } = {}): Promise<SignedIn & Person> {
    const reply = await verify(by, { email, code: await codeTo(email, count), name });
    expect(reply.status).toBe(200);
    const signedIn = (await reply.json()) as SignedIn;
    const socket = await connected(app.open('/booking', signedIn.token));
    return { ...signedIn, socket, ...commandsOf(socket) };
  }

  /** An account with this address. */
  async function member(email = ADDRESS): Promise<Person> {
    const reply = await app.post('/api/auth/register', { name: 'Mia', email, password: 'correct horse' });
    const { user, token } = (await reply.json()) as SignedIn;
    const socket = await connected(app.open('/booking', token));
    return { user, token, socket, ...commandsOf(socket) };
  }

  const accounts = () => app.app.models.provisionalAccounts.countDocuments();
  return { app, admin, eventId, mails, visitor, codeTo, verify, prove, member, accounts };
}

const whole = async (owner: Person, { id }: Pick<Booking, 'id'>) => owner.must('getBooking', { bookingId: id });

describe('a visitor', () => {
  it('holds seats with an account that says nothing about a person, and sees it as a user sees a hold', async (t) => {
    const { app, eventId, visitor } = await setting(t);
    const one = await visitor();
    expect(one.user).toMatchObject({ name: '', email: '', verified: false, provisional: true, role: 'user' });
    const hold = await book(one, eventId, 2);
    expect(hold).toMatchObject({ status: 'held', provisional: true, seats: 2 });
    expect(await one.must('changeHold', { bookingId: hold.id, seats: 3 })).toMatchObject({ seats: 3 });
    expect(await one.must('listBookings', {})).toMatchObject({ total: 1 });
    expect(await whole(one, hold)).toMatchObject({ seats: 3 });
    const stored = await app.app.models.provisionalAccounts.findById(one.user.id).lean();
    expect(Object.keys(stored ?? {}).toSorted()).toEqual(['_id', 'createdAt', 'locale', 'slot']);
    expect(await app.app.models.users.countDocuments({ role: 'user' })).toBe(0);
    expect(await one.must('cancelBooking', { bookingId: hold.id })).toMatchObject({ status: 'cancelled' });
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 100, heldSeats: 0 });
  });

  it('gets the same account again, on the same session, however often it asks', async (t) => {
    const { app, visitor, accounts } = await setting(t);
    const one = await visitor();
    const again = (await (await app.post('/api/auth/provisional', {}, bearer(one))).json()) as SignedIn;
    expect(again.user.id).toBe(one.user.id);
    expect(await accounts()).toBe(1);
  });

  it('is refused every command but those of a hold, and every route of users', async (t) => {
    const { app, eventId, visitor } = await setting(t);
    const one = await visitor();
    const { id: bookingId } = await book(one, eventId, 1);
    const may = [
      'book',
      'cancelBooking',
      'changeHold',
      'clock',
      'getBooking',
      'getEvent',
      'listBookings',
      'listEvents',
    ];
    const refused: string[] = [];
    for (const name of Object.keys(commands) as (keyof typeof commands)[]) {
      const reply = await one.send(name, {} as never);
      if (!reply.ok && reply.error.code === 'FORBIDDEN') refused.push(name);
    }
    expect(refused.toSorted()).toEqual(
      Object.keys(commands)
        .filter((name) => !may.includes(name))
        .toSorted(),
    );
    expect(await one.send('checkout', { bookingId })).toMatchObject({ error: { details: { provisional: true } } });
    for (const path of ['/api/auth/sessions', '/api/auth/me/export', `/api/bookings/${bookingId}/event.ics`]) {
      const { status, details } = await refusalOf(await app.get(path, bearer(one)));
      expect([status, details]).toEqual([403, { provisional: true }]);
    }
    const { status } = await refusalOf(await app.post('/api/bookings', {}, bearer(one)));
    expect(status).toBe(403);
    const session = (await (await app.get('/api/auth/session', bearer(one))).json()) as { user: User };
    expect(session.user).toMatchObject({ id: one.user.id, provisional: true });
  });

  it('is refused what is free, and what a voucher makes free', async (t) => {
    const { admin, visitor } = await setting(t);
    const { id: eventId } = await admin.must('createEvent', eventInput());
    expect(await (await visitor()).send('book', { requestId: randomUUID(), eventId, seats: 1 })).toMatchObject(
      NEEDS_ADDRESS,
    );
    const { id: priced } = await admin.must('createEvent', eventInput({ price: PRICE }));
    await admin.must('createVouchers', {
      requestId: randomUUID(),
      eventId: priced,
      count: 1,
      code: 'GUEST',
      percentOff: 100,
    });
    const tickets = { tickets: [{ type: 't1', count: 1 }], voucher: 'GUEST' };
    const reply = await (await visitor()).send('book', { requestId: randomUUID(), eventId: priced, ...tickets });
    expect(reply).toMatchObject({ error: { details: { reason: 'free' } } });
  });

  it('is not let in where the setting is off, nor beside a session, nor the eleventh of a network', async (t) => {
    const off = await setting(t, {}, { env: { HOLD_BEFORE_SIGN_IN: 'off' } });
    expect(await refusalOf(await off.app.post('/api/auth/provisional', {}))).toMatchObject({ status: 403 });
    expect(await (await off.app.get('/api/site')).json()).toMatchObject({ holdsFirst: false });
    const { app, member, accounts } = await setting(t);
    const known = await app.post('/api/auth/provisional', {}, bearer(await member()));
    expect(await refusalOf(known)).toMatchObject({ status: 409, details: { signedIn: true } });
    const replies = await Promise.all(Array.from({ length: 25 }, () => app.post('/api/auth/provisional', {})));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
    expect(await accounts()).toBe(10);
  });

  it('loses the account once its hold has run out, and another one of the network gets in', async (t) => {
    const { app, eventId, visitor, accounts } = await setting(t, { holdMinutes: 1 });
    const one = await visitor();
    const { id } = await book(one, eventId, 2);
    const expired = shown(one, id, ({ status }) => status === 'expired');
    app.clock.pass(MINUTE_MS + 1_000);
    await expired;
    expect(await accounts()).toBe(1);
    const ended = pushed(one.socket, 'sessionEnded');
    app.clock.pass(6 * MINUTE_MS);
    expect(await ended).toEqual({ reason: 'expired' });
    expect(await accounts()).toBe(0);
    expect((await app.get('/api/auth/me', bearer(one))).status).toBe(401);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 100 });
  });

  it('keeps the account while its hold runs, and one that holds nothing only for minutes', async (t) => {
    const { app, eventId, visitor, accounts } = await setting(t, { holdMinutes: 30 });
    await book(await visitor(), eventId, 2);
    await visitor();
    app.clock.pass(6 * MINUTE_MS);
    await expect.poll(accounts, SOON).toBe(1);
    app.clock.pass(10 * MINUTE_MS);
    app.clock.hurry();
    expect(await accounts()).toBe(1);
  });
});

describe('an address that is proved while the hold runs', () => {
  it('makes the visitor’s account the new person’s: the hold stays as it is, and is paid', async (t) => {
    const { app, eventId, visitor, prove, accounts } = await setting(t);
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    const ended = pushed(one.socket, 'sessionEnded');
    const mia = await prove(one);
    expect(mia).toMatchObject({
      created: true,
      user: { id: one.user.id, email: ADDRESS, name: 'Mia', verified: true },
    });
    expect(mia.user.provisional).toBeUndefined();
    expect(mia.takenOver?.adopted).toMatchObject([{ id: hold.id, holdExpiresAt: hold.holdExpiresAt, seats: 2 }]);
    expect(mia.takenOver?.adopted[0]?.provisional).toBeUndefined();
    expect(await ended).toEqual({ reason: 'logged_out' });
    expect((await app.get('/api/auth/me', bearer(one))).status).toBe(401);
    expect(await accounts()).toBe(0);
    const confirmed = shown(mia, hold.id, ({ status }) => status === 'confirmed');
    await useCard(await mia.must('checkout', { bookingId: hold.id }), CARD.pays);
    expect(await confirmed).toMatchObject({ seats: 2, status: 'confirmed' });
  });

  it(
    'gives the hold to a known person, whose connections see it; the ledger has both owners',
    { timeout: 120_000 },
    async (t) => {
      const { app, eventId, visitor, prove, member, accounts } = await setting(t);
      const known = await member();
      const one = await visitor();
      const hold = await book(one, eventId, 2);
      const before = await storedEvent(app, eventId);
      const arrives = shown(known, hold.id, ({ version }) => version === 2);
      const mia = await prove(one);
      expect(mia).toMatchObject({ created: false, user: { id: known.user.id } });
      expect(await arrives).toMatchObject({ status: 'held', seats: 2, holdExpiresAt: hold.holdExpiresAt });
      expect(await storedEvent(app, eventId)).toMatchObject({ heldSeats: 2, availableSeats: before.availableSeats });
      expect(await mia.must('listBookings', {})).toMatchObject({ bookings: [{ id: hold.id }] });
      expect(await accounts()).toBe(0);
      const ledger = await app.app.models.ledger.findOne({ eventId, 'entries.kind': 'adopted' }).lean();
      const [entry] = ledger?.entries ?? [];
      expect([String(entry?.booking?.userId), String(entry?.booking?.adoptedFrom), String(entry?.actor)]).toEqual([
        known.user.id,
        one.user.id,
        known.user.id,
      ]);
      const confirmed = shown(mia, hold.id, ({ status }) => status === 'confirmed');
      await useCard(await mia.must('checkout', { bookingId: hold.id }), CARD.pays);
      await confirmed;
    },
  );

  it('by a password takes the hold over just as well', async (t) => {
    const { app, eventId, visitor, member } = await setting(t);
    const known = await member();
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    const reply = await app.post('/api/auth/login', { email: ADDRESS, password: 'correct horse' }, bearer(one));
    expect(await reply.json()).toMatchObject({
      user: { id: known.user.id },
      takenOver: { adopted: [{ id: hold.id }] },
    });
    expect(await whole(known, hold)).toMatchObject({ status: 'held' });
  });

  it('leaves the hold with the visitor where the person holds seats already; the person can release it', async (t) => {
    const { app, eventId, visitor, prove, member, accounts } = await setting(t);
    const own = await book(await member(), eventId, 1);
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    const mia = await prove(one);
    expect(mia.takenOver).toMatchObject({
      adopted: [],
      refused: [
        { booking: { id: hold.id, seats: 2 }, error: { code: 'LIMIT_EXCEEDED', details: { bookingId: own.id } } },
      ],
    });
    expect((await app.get('/api/auth/me', bearer(one))).status).toBe(401);
    expect(await mia.send('getBooking', { bookingId: hold.id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const other = await app.register('other');
    expect(await other.send('cancelBooking', { bookingId: hold.id })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    const cancelled = await mia.must('cancelBooking', { bookingId: hold.id });
    expect(cancelled).toMatchObject({ status: 'cancelled', ended: { by: 'buyer' } });
    expect(await storedEvent(app, eventId)).toMatchObject({ heldSeats: 1, availableSeats: 99 });
    app.clock.pass(6 * MINUTE_MS);
    await expect.poll(accounts, SOON).toBe(0);
  });

  it.for([
    ['the seats per user', { maxSeatsPerUser: 3 }, 2],
    ['the tickets per user of a voucher', {}, 1],
  ] as const)('is refused by %s, and a hold that is not released runs out', async ([, limit, tickets], t) => {
    const { app, admin, eventId, visitor, prove, member } = await setting(t, limit);
    const issue = { requestId: randomUUID(), eventId, count: 1, code: 'HALF', percentOff: 50, maxTicketsPerUser: 2 };
    await admin.must('createVouchers', issue);
    const half = { tickets: [{ type: 't1', count: 2 }], voucher: 'HALF' };
    const known = await member();
    const mine = { requestId: randomUUID(), eventId, tickets: [{ type: 't1', count: tickets }], voucher: 'HALF' };
    const own = await known.must('book', mine);
    const paid = shown(known, own.id, ({ status }) => status === 'confirmed');
    await useCard(await known.must('checkout', { bookingId: own.id }), CARD.pays);
    await paid;
    const one = await visitor();
    const hold = await one.must('book', { requestId: randomUUID(), eventId, ...half });
    const mia = await prove(one);
    expect(mia.takenOver).toMatchObject({ adopted: [], refused: [{ booking: { id: hold.id } }] });
    const code = mia.takenOver?.refused[0]?.error.code;
    expect(code).toBe(tickets === 2 ? 'LIMIT_EXCEEDED' : 'VOUCHER_INVALID');
    app.clock.pass(5 * MINUTE_MS + 1_000);
    const stored = async () => (await app.app.models.bookings.findById(hold.id).lean())?.status;
    await expect.poll(stored, SOON).toBe('expired');
  });

  it('is not proved by a wrong code, and the hold and its account stay', async (t) => {
    const { eventId, visitor, codeTo, verify, prove } = await setting(t);
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    const code = await codeTo();
    const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
    expect((await verify(one, { email: ADDRESS, code: wrong, name: 'Mia' })).status).toBe(401);
    expect((await verify(one, { email: ADDRESS, code })).status).toBe(400);
    expect(await whole(one, hold)).toMatchObject({ status: 'held', provisional: true });
    const reply = await verify(one, { email: ADDRESS, code, name: 'Mia' });
    expect(reply.status).toBe(200);
    const second = await visitor();
    const other = await prove(second, { email: 'ben@example.org' });
    expect(other.takenOver).toEqual({ adopted: [], refused: [] });
  });

  it('is proved in one of two tabs: the other one’s code signs in, and takes nothing', async (t) => {
    const { eventId, visitor, codeTo, verify } = await setting(t);
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    const [first, second] = [await codeTo('a@example.org'), await codeTo('b@example.org')];
    const replies = await Promise.all([
      verify(one, { email: 'a@example.org', code: first, name: 'A' }),
      verify(one, { email: 'b@example.org', code: second, name: 'B' }),
    ]);
    const bodies = (await Promise.all(replies.map((reply) => reply.json()))) as SignedIn[];
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);
    expect(bodies[0]?.user.id).not.toBe(bodies[1]?.user.id);
    const adopted = bodies.flatMap(({ takenOver }) => takenOver?.adopted ?? []);
    expect(adopted.map(({ id }) => id)).toEqual([hold.id]);
    const again = await verify(one, { email: 'a@example.org', code: first, name: 'A' });
    expect(again.status).toBe(401);
  });

  it('after the hold has run out takes nothing over, and signs in', async (t) => {
    const { app, eventId, visitor, prove } = await setting(t, { holdMinutes: 1 });
    const one = await visitor();
    const hold = await book(one, eventId, 2);
    app.clock.pass(MINUTE_MS + 1_000);
    const mia = await prove(one);
    expect(mia).toMatchObject({ created: true, takenOver: { adopted: [], refused: [] } });
    expect(await whole(mia, hold)).toMatchObject({ status: 'expired' });
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 100 });
  });

  it('at the moment when the hold runs out gives one outcome, and the seats agree', async (t) => {
    const { app, eventId, visitor, member } = await setting(t, { holdMinutes: 1 });
    const known = await member();
    const hold = await book(await visitor(), eventId, 2);
    const from = (await app.app.models.bookings.findById(hold.id).lean())?.userId.toHexString() ?? '';
    app.clock.pass(MINUTE_MS - 50);
    const adopt = { type: 'adoptHold', bookingId: hold.id, from, userId: known.user.id } as const;
    const submitted = Array.from({ length: 20 }, async (_, index) => {
      await new Promise((resolve) => setTimeout(resolve, 5 * index));
      return [
        await app.app.engine.submit(eventId, { type: 'expire', bookingId: hold.id }),
        await app.app.engine.submit(eventId, adopt),
      ];
    });
    await Promise.all(submitted);
    app.clock.pass(1_000);
    const stored = async () => (await app.app.models.bookings.findById(hold.id).lean())?.status;
    await expect.poll(stored, SOON).toBe('expired');
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 100, heldSeats: 0 });
  });

  it('takes the holds of several events over, each by its own rules', async (t) => {
    const { admin, eventId, visitor, prove, member } = await setting(t);
    const { id: otherId } = await admin.must('createEvent', eventInput({ price: PRICE }));
    const own = await book(await member(), otherId, 1);
    const one = await visitor();
    const [taken, refused] = [await book(one, eventId, 2), await book(one, otherId, 2)];
    const { takenOver } = await prove(one);
    expect(takenOver?.adopted.map(({ id }) => id)).toEqual([taken.id]);
    expect(takenOver?.refused).toMatchObject([
      { booking: { id: refused.id }, error: { details: { bookingId: own.id } } },
    ]);
  });
});

describe('the seats that visitors hold', () => {
  it('are a tenth of the event to the seat, with two hundred of them at once', { timeout: 400_000 }, async (t) => {
    const { app, eventId, visitor, member } = await setting(
      t,
      { totalSeats: 300, maxSeatsPerBooking: 4 },
      { env: { RATE_LIMITS: 'off' } },
    );
    const people: Person[] = [];
    while (people.length < 200) people.push(...(await Promise.all(Array.from({ length: 20 }, visitor))));
    const ask = ({ send }: Person) => send('book', { requestId: randomUUID(), eventId, seats: 2 });
    const replies = await Promise.all(people.map(ask));
    expect(replies.filter(({ ok }) => ok)).toHaveLength(15);
    for (const reply of replies) if (!reply.ok) expect(reply).toMatchObject(NEEDS_ADDRESS);
    expect(await storedEvent(app, eventId)).toMatchObject({ heldSeats: 30 });
    expect(await ask(await member())).toMatchObject({ ok: true });
    const holder = people[replies.findIndex(({ ok }) => ok)];
    const [hold] = (await holder?.must('listBookings', {}))?.bookings ?? [];
    await holder?.must('cancelBooking', { bookingId: hold?.id ?? '' });
    const again = await Promise.all(people.slice(0, 40).map(ask));
    expect(again.filter((reply) => reply.ok)).toHaveLength(1);
  });

  it('are on organisers’ lists without a name, as seats that no address is known for', async (t) => {
    const { admin, eventId, visitor } = await setting(t);
    await book(await visitor(), eventId, 2);
    const { bookings } = await admin.must('listEventBookings', { eventId });
    expect(bookings).toMatchObject([{ provisional: true, seats: 2, attendee: { name: '', email: '' } }]);
    expect(await admin.must('eventStats', { eventId })).toMatchObject({ availability: { heldSeats: 2 }, expired: 0 });
  });
});
