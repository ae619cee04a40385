import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Booking } from '#shared/booking.ts';
import type { Undoing } from '../database/test-database.ts';
import { handClock } from '../hand-clock.ts';
import { buy, CARD, PRICE, shown, useCard } from '../payments/demo-payments.ts';
import { bookTickets, fourTypes, tickets } from '../payments/typed-event.ts';
import { failing } from '../payments/failing-provider.ts';
import type { MailLog } from '../mail-log.ts';
import { mailLog } from '../mail-log.ts';
import { pushService } from '../push-service.ts';
import { softwareAuthenticator } from '../software-authenticator.ts';
import { book, commandsOf, connected, eventInput, inMinutes, pushed, testApp, verifyAddress } from '../test-app.ts';
import type { Person, TestApp } from '../test-app.ts';
import { plainPicture, upload } from '../uploads.ts';

const MINUTE_MS = 60_000;
const HOLD_MS = 61_000;

/**
 * Makes a server of this version store everything that it can store: events, bookings, entries and payments in each of
 * their states, accounts with what belongs to them, jobs that are done and one that is not. Closes the server.
 */
export async function writeEverything(t: Undoing, mongoUri: string): Promise<void> {
  let refunds = true;
  const { wrap } = failing((call) => (call === 'refund' && !refunds ? '500' : null));
  const service = await pushService(t);
  const mails = mailLog();
  const app = await testApp(t, {
    mongoUri,
    clock: handClock(),
    env: {
      RATE_LIMITS: 'off',
      SELLER_NAME: 'Verein',
      SELLER_ADDRESS: 'Hof 2',
      SELLER_TAX_ID: 'DE2',
      SELLER_NOTE: 'Danke.',
    },
    paymentTest: { provider: wrap },
    pushAgent: service.agent,
    log: mails.log,
  });
  const admin = await app.admin();
  await writeAccounts(app, service.browser().subscription);
  await writeCodes(app, mails);
  await writePasskey(app);
  await writeFreeEvents(app, admin);
  await writeWaitlist(app, admin);
  await writeTypedEvent(app, admin);
  await writeHoldsFirst(app, admin);
  const refunding = await writePaidEvent(app, admin);
  await expect.poll(() => dueReceipts(app), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => waitingJobs(app), { timeout: 20_000 }).toBe(0);
  refunds = false;
  await admin.must('cancelBooking', { bookingId: refunding, reason: 'The stage is gone' });
  await expect.poll(() => app.app.models.jobs.countDocuments({ lastError: { $ne: null } })).toBe(1);
  await app.close();
}

/** Payments whose receipts are not issued yet; waits end when the clock is moved. */
function dueReceipts({ app: { models }, clock }: TestApp): Promise<number> {
  clock.pass(1_000);
  return models.payments.countDocuments({ bought: true, isReceiptDue: { $ne: false } }).exec();
}

/** Waits also end when the clock is moved, and a job of a closed account is due after half a minute. */
function waitingJobs({ app: { models }, clock }: TestApp): Promise<number> {
  clock.pass(1_000);
  return models.jobs.countDocuments({ state: { $in: ['waiting', 'running'] } }).exec();
}

async function writeAccounts(app: TestApp, subscription: object): Promise<void> {
  const [anna, gone, forgetful] = [
    await app.register('anna'),
    await app.register('gone'),
    await app.register('forgetful'),
  ];
  const as = ({ token }: Person) => ({ authorization: `Bearer ${token}` });
  await verifyAddress(app, anna);
  expect((await app.post('/api/push/subscriptions', subscription, as(anna))).status).toBe(204);
  expect((await app.post('/api/auth/login', { email: anna.user.email, password: 'wrong horse' })).status).toBe(401);
  const forgot = await app.post('/api/auth/forgot', { email: forgetful.user.email });
  expect(forgot.ok).toBe(true);
  await expect.poll(() => app.app.models.accountLinks.countDocuments({ kind: 'reset' })).toBe(1);
  const closing = { method: 'DELETE', headers: { 'content-type': 'application/json', ...as(gone) } };
  const closed = await fetch(`${app.url}/api/auth/me`, { ...closing, body: '{"password":"correct horse"}' });
  expect(closed.ok).toBe(true);
}

/** An account with a passkey, which has signed in once. */
async function writePasskey(app: TestApp): Promise<void> {
  const { token } = await app.register('keyed');
  const authenticator = softwareAuthenticator();
  const ceremony = { origin: 'http://localhost:5000' };
  const ask = async <T>(path: string, payload: object): Promise<T> => {
    const headers = { host: 'localhost:5000', authorization: `Bearer ${token}` };
    const reply = await app.app.http.inject({ method: 'POST', url: `/api/auth/passkeys${path}`, payload, headers });
    expect([200, 201]).toContain(reply.statusCode);
    return reply.json<T>();
  };
  const made = authenticator.create(await ask('/options', {}), ceremony);
  await ask('', { credential: made });
  const proved = authenticator.get(await ask('/sign-in/options', {}), ceremony);
  await ask('/sign-in', { credential: proved });
}

/** An account that was created by a mailed code, and a code that nobody has entered. */
async function writeCodes(app: TestApp, mails: MailLog): Promise<void> {
  const email = 'coded@example.org';
  expect((await app.post('/api/auth/code', { email })).status).toBe(204);
  const verified = await app.post('/api/auth/code/verify', { email, code: await mails.codeTo(email), name: 'coded' });
  expect(verified.status).toBe(200);
  const open = 'uncoded@example.org';
  expect((await app.post('/api/auth/code', { email: open })).status).toBe(204);
  await mails.codeTo(open);
}

/** Holds of visitors: one that runs, one that an account has taken over, and one that its limits did not allow. */
async function writeHoldsFirst(app: TestApp, admin: Person): Promise<void> {
  const known = await app.register('known');
  const input = { title: 'Varieté', price: PRICE, holdMinutes: 60, totalSeats: 60 };
  const { id: eventId } = await admin.must('createEvent', eventInput(input));
  for (const seats of [1, 2, 3]) {
    const opened = await app.post('/api/auth/provisional', {});
    const { token } = (await opened.json()) as { token: string };
    const visitor = commandsOf(await connected(app.open('/booking', token)));
    await book(visitor, eventId, seats);
    if (seats === 1) continue;
    const proof = { email: known.user.email, password: 'correct horse' };
    const reply = await app.post('/api/auth/login', proof, { authorization: `Bearer ${token}` });
    expect(await reply.json()).toMatchObject({ takenOver: { [seats === 2 ? 'adopted' : 'refused']: [{}] } });
  }
}

/** Everything that an event may say of itself; the doors open before the start of `eventInput`. */
function details() {
  return {
    category: 'Musik',
    tags: ['Jazz', 'Open Air'],
    city: 'Köln',
    organiser: 'Kulturhaus Köln',
    address: 'Venloer Straße 389, 50825 Köln',
    doorsAt: inMinutes(13 * 24 * 60),
    minAge: 16,
    accessInfo: 'Ohne Stufen.',
    seating: 'Freie Platzwahl',
  };
}

/** Free events: one that was edited, moved, booked and given an image, a draft, and a cancelled one. */
async function writeFreeEvents(app: TestApp, admin: Person): Promise<void> {
  const [ben, cleo] = [await app.register('ben'), await app.register('cleo')];
  const input = { title: 'Konzert', totalSeats: 40, maxSeatsPerUser: 12, ...details() };
  const { id: eventId } = await admin.must('createEvent', eventInput(input));
  const [kept, fewer, given] = [await book(ben, eventId, 2), await book(ben, eventId, 4), await book(cleo, eventId, 1)];
  await ben.must('cancelBooking', { bookingId: fewer.id, seats: 1, requestId: randomUUID() });
  await admin.must('cancelBooking', { bookingId: fewer.id, seats: 1, reason: 'Too few chairs' });
  await cleo.must('cancelBooking', { bookingId: given.id });
  await admin.must('updateEvent', { eventId, revision: 1, changes: { venue: 'Stadthalle', totalSeats: 60 } });
  const uploaded = await upload(app, { eventId, token: admin.token, picture: await plainPicture(400, 400) });
  expect(uploaded.ok).toBe(true);
  const { moved } = await ben.must('getBooking', { bookingId: kept.id });
  await ben.must('acknowledgeMove', { bookingId: kept.id, at: moved?.at ?? '' });
  await admin.must('checkIn', { ticket: kept.ticket ?? '', seats: 1, requestId: randomUUID() });
  await writePass(app, ben, kept);

  await admin.must('createEvent', eventInput({ title: 'Entwurf', status: 'draft' }));
  const cancelled = await admin.must('createEvent', eventInput({ title: 'Abgesagt' }));
  const ended = shown(cleo, (await book(cleo, cancelled.id, 3)).id, ({ status }) => status === 'cancelled');
  await admin.must('cancelEvent', { eventId: cancelled.id, reason: 'Storm' });
  await ended;
}

/** A ticket on a device of Apple's, stored for longer than these data are used. */
async function writePass({ app, clock }: TestApp, { user }: Person, { id, eventId }: Booking): Promise<void> {
  await app.models.walletPasses.create({
    service: 'apple',
    serial: `b-${id}`,
    device: 'phone',
    pushToken: 'ab'.repeat(32),
    bookingId: id,
    eventId,
    userId: user.id,
    createdAt: clock.now(),
    keptUntil: new Date('2100-01-01T00:00:00.000Z'),
  });
}

/** An event with several ticket types, one of which is sold no more: a part of a booking given back, and a checkout. */
async function writeTypedEvent(app: TestApp, admin: Person): Promise<void> {
  const [paid, typed] = [await app.register('typed-paid'), await app.register('typed')];
  const types = fourTypes();
  const input = { title: 'Zirkus', ticketTypes: types, holdMinutes: 60 };
  const { id: eventId } = await admin.must('createEvent', eventInput(input));
  const { id: bookingId } = await bookTickets(paid, eventId, { t1: 2, t2: 1, t3: 1 });
  const confirmed = shown(paid, bookingId, ({ status }) => status === 'confirmed');
  await useCard(await paid.must('checkout', { bookingId }), CARD.pays);
  await confirmed;
  const back = shown(paid, bookingId, ({ payment }) => payment?.refundedAmount === 1_250);
  await paid.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: tickets({ t2: 1 }) });
  await back;
  const left = types.flatMap((type, index) => (index === 1 ? [] : [{ ...type, id: `t${index + 1}` }]));
  await admin.must('updateEvent', { eventId, revision: 1, changes: { ticketTypes: left } });
  const { id: heldId } = await bookTickets(typed, eventId, { t1: 1, t4: 1 });
  await typed.must('checkout', { bookingId: heldId });
}

/** A sold-out event: one entry was fulfilled, one has an offer, one waits, one has left. */
async function writeWaitlist(app: TestApp, admin: Person): Promise<void> {
  const [owner, dora, emil, fay, gus] = [
    await app.register('owner'),
    await app.register('dora'),
    await app.register('emil'),
    await app.register('fay'),
    await app.register('gus'),
  ];
  const input = { title: 'Ausverkauft', totalSeats: 10, offerMinutes: 1_380 };
  const { id: eventId } = await admin.must('createEvent', eventInput(input));
  const [first, second] = [await book(owner, eventId, 2), await book(owner, eventId, 2)];
  await book(owner, eventId, 6);
  for (const person of [dora, emil, fay, gus])
    await person.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 2 });
  await gus.must('leaveWaitlist', { eventId });
  const offered = pushed(dora.socket, 'waitlistChanged', ({ status }) => status === 'offered');
  await owner.must('cancelBooking', { bookingId: first.id });
  await dora.must('confirmBooking', { bookingId: (await offered).bookingId ?? '' });
  const open = pushed(emil.socket, 'waitlistChanged', ({ status }) => status === 'offered');
  await owner.must('cancelBooking', { bookingId: second.id });
  await open;
}

/** A receipt that is made out to a company. */
async function writeAddress(app: TestApp, { token }: Person, bookingId: string): Promise<void> {
  const address = { name: 'Verein', street: 'Hof 1', postcode: '20457', city: 'Hamburg', country: 'Deutschland' };
  const path = `/api/bookings/${bookingId}/invoice-address`;
  const changed = await app.post(path, { ...address, vatId: 'DE1' }, { authorization: `Bearer ${token}` });
  expect(changed.ok).toBe(true);
}

/**
 * A priced event: an expired hold, a hold without a checkout, one with an open and one with a declined checkout, a paid
 * booking, one that was refunded in part and one that was refunded. Returns the id of a paid booking.
 */
async function writePaidEvent(app: TestApp, admin: Person): Promise<string> {
  const short = eventInput({ title: 'Kurz', price: PRICE, holdMinutes: 1 });
  const { id: shortId } = await admin.must('createEvent', short);
  const late = await app.register('late');
  const held = await book(late, shortId, 1);
  const expired = shown(late, held.id, ({ status }) => status === 'expired');
  app.clock.pass(HOLD_MS);
  await expired;

  const long = eventInput({ title: 'Oper', price: PRICE, taxRate: 7, holdMinutes: 60, totalSeats: 100 });
  const { id: eventId } = await admin.must('createEvent', long);
  const names = ['holder', 'payer', 'declined', 'buyer', 'part', 'whole', 'refunding'] as const;
  const people = new Map<string, Person>();
  for (const name of names) people.set(name, await app.register(name));
  const person = (name: (typeof names)[number]) => people.get(name) ?? expect.fail(name);
  await book(person('holder'), eventId, 2);
  const open = await book(person('payer'), eventId, 1);
  await person('payer').must('checkout', { bookingId: open.id });
  const declined = await book(person('declined'), eventId, 1);
  await useCard(await person('declined').must('checkout', { bookingId: declined.id }), CARD.declined);
  await writeAddress(app, person('buyer'), (await buy(person('buyer'), eventId, 3)).id);
  const part = await buy(person('part'), eventId, 2);
  const refunded = shown(person('part'), part.id, ({ payment }) => payment?.refundedAmount === 500);
  await admin.must('refundBooking', { requestId: randomUUID(), bookingId: part.id, amount: 500, reason: 'Cold' });
  await refunded;
  const whole = await buy(person('whole'), eventId, 1);
  const back = shown(person('whole'), whole.id, ({ payment }) => payment?.status === 'refunded');
  await person('whole').must('cancelBooking', { bookingId: whole.id });
  await back;
  app.clock.pass(MINUTE_MS);
  return (await buy(person('refunding'), eventId, 1)).id;
}
