import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import type { CommandName, CommandRequest } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import { failing } from '../support/payments/failing-provider.ts';
import { buy, paidSetting, PRICE } from '../support/payments/demo-payments.ts';
import type { Person, TestApp } from '../support/test-app.ts';
import { book, commandsOf, connected, eventInput, inMinutes, testApp, verifyAddress } from '../support/test-app.ts';

/** A prepared command with its sender and a function that reads its effect. */
interface Sending<N extends CommandName> {
  app: TestApp;
  sender: Person;
  input: CommandRequest<N>;
  /** Reads the stored data that the command changes, after its repeats. */
  effect: () => Promise<unknown>;
}

/** One command with one kind of input. */
interface Repeat<N extends CommandName = CommandName> {
  what: string;
  prepare(t: TestContext): Promise<Sending<N>>;
  /** The effect of the command sent once. */
  once: unknown;
  /** The refusal of every repeat, if the protocol does not repeat the first answer. */
  refusal?: { code: string };
  /** Properties of the answer that a job can change between the repeats. */
  changing?: readonly string[];
}

/** Fixes the command's name, so that the compiler checks its input. */
function repeat<N extends CommandName>(_name: N, expectation: Repeat<N>): Repeat {
  return expectation as unknown as Repeat;
}

/** For every command `reads`, or the expected effects of its repeats. Type and first test require all commands. */
const EXPECTATIONS: Record<CommandName, 'reads' | readonly Repeat[]> = {
  clock: 'reads',
  listEvents: 'reads',
  getEvent: 'reads',
  getBooking: 'reads',
  listBookings: 'reads',
  listWaitlist: 'reads',
  listReminders: 'reads',
  listEventBookings: 'reads',
  eventStats: 'reads',
  listVouchers: 'reads',
  checkVoucher: 'reads',
  listPaymentTroubles: 'reads',
  book: [
    repeat('book', {
      what: 'of seats',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t);
        const input = { requestId: randomUUID(), eventId, seats: 2 };
        return { app, sender: alice, input, effect: () => storedSeats(app, eventId) };
      },
      once: { bookings: ['confirmed 2'], free: 8 },
    }),
  ],
  changeHold: [
    repeat('changeHold', {
      what: 'to another party size',
      async prepare(t) {
        const { app, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        return { app, sender: alice, input: { bookingId, seats: 3 }, effect: () => storedSeats(app, eventId) };
      },
      once: { bookings: ['held 3'], free: 7 },
    }),
  ],
  checkout: [
    repeat('checkout', {
      what: 'of a hold',
      async prepare(t) {
        const { app, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        const { payments, demoCheckouts } = app.app.models;
        const effect = async () => [await payments.countDocuments(), await demoCheckouts.countDocuments()];
        return { app, sender: alice, input: { bookingId }, effect };
      },
      once: [1, 1],
    }),
  ],
  confirmBooking: [
    repeat('confirmBooking', {
      what: 'of an offer that costs nothing',
      async prepare(t) {
        const { app, alice, bob, eventId } = await freeSetting(t, { totalSeats: 2 });
        const taken = await book(alice, eventId, 2);
        await bob.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 2 });
        await alice.must('cancelBooking', { bookingId: taken.id });
        const [offer] = (await bob.must('listWaitlist', {})).entries;
        const input = { bookingId: offer?.bookingId ?? '' };
        return { app, sender: bob, input, effect: () => storedSeats(app, eventId) };
      },
      once: { bookings: ['cancelled 2', 'confirmed 2'], free: 0 },
    }),
  ],
  cancelBooking: [
    repeat('cancelBooking', {
      what: 'as a whole',
      async prepare(t) {
        const { app, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await buy(alice, eventId, 3);
        return { app, sender: alice, input: { bookingId }, effect: () => seatsAndRefunds(app, eventId) };
      },
      once: { bookings: ['cancelled 3'], free: 10, refunds: [3 * PRICE.amount] },
      changing: ['version', 'updatedAt', 'payment'],
    }),
    repeat('cancelBooking', {
      what: 'of one of three seats',
      async prepare(t) {
        const { app, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await buy(alice, eventId, 3);
        const input = { requestId: randomUUID(), bookingId, seats: 1 };
        return { app, sender: alice, input, effect: () => seatsAndRefunds(app, eventId) };
      },
      once: { bookings: ['confirmed 2'], free: 8, refunds: [PRICE.amount] },
      changing: ['version', 'updatedAt', 'payment'],
    }),
    repeat('cancelBooking', {
      what: 'of one of two seats by an organiser with a reason',
      async prepare(t) {
        const { app, admin, alice, eventId } = await freeSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        const input = { requestId: randomUUID(), bookingId, seats: 1, reason: 'The row is broken' };
        return { app, sender: admin, input, effect: () => storedSeats(app, eventId) };
      },
      once: { bookings: ['confirmed 1'], free: 9 },
    }),
  ],
  acknowledgeMove: [
    repeat('acknowledgeMove', {
      what: 'of an event with another venue',
      async prepare(t) {
        const { app, admin, alice, eventId } = await freeSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        await admin.must('updateEvent', { eventId, revision: 1, changes: { venue: 'Stadthalle' } });
        const { moved } = await alice.must('getBooking', { bookingId });
        const input = { bookingId, at: moved?.at ?? '' };
        const effect = async () => (await alice.must('getBooking', { bookingId })).moved;
        return { app, sender: alice, input, effect };
      },
      once: null,
    }),
  ],
  shareTicket: [
    repeat('shareTicket', {
      what: 'of one of two seats',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        const input = { bookingId, type: 't1', number: 2, issue: 0 };
        return { app, sender: alice, input, effect: () => sentTickets(alice, bookingId) };
      },
      once: ['t1 2: issue 0, sent'],
    }),
  ],
  revokeTicket: [
    repeat('revokeTicket', {
      what: 'of one that was sent',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t);
        const { id: bookingId } = await book(alice, eventId, 2);
        const input = { bookingId, type: 't1', number: 2, issue: 0 };
        await alice.must('shareTicket', input);
        return { app, sender: alice, input, effect: () => sentTickets(alice, bookingId) };
      },
      once: ['t1 2: issue 1, not sent'],
    }),
  ],
  refundBooking: [
    repeat('refundBooking', {
      what: 'of a part',
      async prepare(t) {
        const { app, admin, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await buy(alice, eventId, 2);
        const input = { requestId: randomUUID(), bookingId, amount: 500, reason: 'Cold' };
        return { app, sender: admin, input, effect: () => seatsAndRefunds(app, eventId) };
      },
      once: { bookings: ['confirmed 2'], free: 8, refunds: [500] },
      changing: ['version', 'updatedAt', 'payment'],
    }),
  ],
  joinWaitlist: [
    repeat('joinWaitlist', {
      what: 'by a new user',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t, { totalSeats: 1 });
        const input = { requestId: randomUUID(), eventId, seats: 2 };
        return { app, sender: alice, input, effect: () => entriesOf(app, eventId) };
      },
      once: { entries: ['waiting 2'], waiting: 1 },
    }),
  ],
  leaveWaitlist: [
    repeat('leaveWaitlist', {
      what: 'by a waiting user',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t, { totalSeats: 1 });
        await alice.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 2 });
        return { app, sender: alice, input: { eventId }, effect: () => entriesOf(app, eventId) };
      },
      once: { entries: ['left 2'], waiting: 0 },
    }),
    repeat('leaveWaitlist', {
      what: 'while an offer stands',
      async prepare(t) {
        const { app, alice, bob, eventId } = await freeSetting(t, { totalSeats: 2 });
        const taken = await book(alice, eventId, 2);
        await bob.must('joinWaitlist', { requestId: randomUUID(), eventId, seats: 2 });
        await alice.must('cancelBooking', { bookingId: taken.id });
        return { app, sender: bob, input: { eventId }, effect: () => entriesOf(app, eventId) };
      },
      once: { entries: ['left 2'], waiting: 0 },
    }),
  ],
  remindMe: [
    repeat('remindMe', {
      what: 'before the sale opens',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t, { salesOpenAt: inMinutes(60) });
        return { app, sender: alice, input: { eventId }, effect: () => remindersOf(app) };
      },
      once: ['waiting'],
    }),
    repeat('remindMe', {
      what: 'before a ticket type opens',
      async prepare(t) {
        const price = { amount: 0, currency: 'EUR' };
        const ticketTypes = [{ name: 'VIP', price, salesFrom: inMinutes(60) }];
        const { app, alice, eventId } = await freeSetting(t, { ticketTypes });
        return { app, sender: alice, input: { eventId, ticketType: 't1' }, effect: () => remindersOf(app) };
      },
      once: ['waiting'],
    }),
  ],
  forgetReminder: [
    repeat('forgetReminder', {
      what: 'of one that waits',
      async prepare(t) {
        const { app, alice, eventId } = await freeSetting(t, { salesOpenAt: inMinutes(60) });
        await alice.must('remindMe', { eventId });
        return { app, sender: alice, input: { eventId }, effect: () => remindersOf(app) };
      },
      once: ['ended'],
    }),
  ],
  createEvent: [
    repeat('createEvent', {
      what: 'of a new event',
      async prepare(t) {
        const app = await testApp(t);
        const effect = () => app.app.models.events.countDocuments({ title: 'Once' });
        return { app, sender: await app.admin(), input: eventInput({ title: 'Once' }), effect };
      },
      once: 1,
    }),
  ],
  updateEvent: [
    repeat('updateEvent', {
      what: 'of the title',
      async prepare(t) {
        const { app, admin, eventId } = await freeSetting(t);
        const input = { eventId, revision: 1, changes: { title: 'Another' } };
        return { app, sender: admin, input, effect: () => app.app.models.events.distinct('revision') };
      },
      once: [2],
      // PROTOCOL.md: an edit names the revision it is based on, which the first edit has already replaced.
      refusal: { code: 'INVALID_STATE' },
    }),
  ],
  createVouchers: [
    repeat('createVouchers', {
      what: 'of three codes',
      async prepare(t) {
        const { app, admin, eventId } = await paidSetting(t);
        const input = { requestId: randomUUID(), eventId, count: 3, percentOff: 50 };
        return { app, sender: admin, input, effect: () => app.app.models.vouchers.countDocuments() };
      },
      once: 3,
    }),
  ],
  updateVoucher: [
    repeat('updateVoucher', {
      what: 'to a lower limit',
      async prepare(t) {
        const { app, admin, eventId } = await paidSetting(t);
        const made = { requestId: randomUUID(), eventId, count: 1, percentOff: 50, maxTickets: 5 };
        const { vouchers } = await admin.must('createVouchers', made);
        const input = { voucherId: vouchers[0]?.id ?? '', changes: { maxTickets: 2 } };
        return { app, sender: admin, input, effect: () => app.app.models.vouchers.distinct('maxTickets') };
      },
      once: [2],
    }),
  ],
  cancelEvent: [
    repeat('cancelEvent', {
      what: 'with bookings',
      async prepare(t) {
        const { app, admin, alice, eventId } = await paidSetting(t);
        await buy(alice, eventId, 2);
        const effect = async () => {
          await expect.poll(() => storedSeats(app, eventId)).toMatchObject({ bookings: ['cancelled 2'] });
          return seatsAndRefunds(app, eventId);
        };
        return { app, sender: admin, input: { eventId, reason: 'Storm' }, effect };
      },
      once: { bookings: ['cancelled 2'], free: 10, refunds: [2 * PRICE.amount] },
    }),
  ],
  checkIn: [
    repeat('checkIn', {
      what: 'of all seats with a requestId',
      prepare: (t) => checkInOf(t, { requestId: randomUUID() }),
      once: [3],
    }),
    repeat('checkIn', {
      what: 'of one of three seats',
      prepare: (t) => checkInOf(t, { requestId: randomUUID(), seats: 1 }),
      once: [1],
    }),
  ],
  setRole: [
    repeat('setRole', {
      what: 'to organiser',
      async prepare(t) {
        const { app, admin, alice } = await freeSetting(t);
        await verifyAddress(app, alice);
        const input = { email: alice.user.email, role: 'admin' as const };
        return { app, sender: admin, input, effect: () => app.app.models.users.countDocuments({ role: 'admin' }) };
      },
      once: 2,
    }),
  ],
  keepBooking: [
    repeat('keepBooking', {
      what: 'whose money was refunded by hand',
      async prepare(t) {
        const { app, admin, alice, eventId } = await paidSetting(t);
        const { id: bookingId } = await buy(alice, eventId, 2);
        const paymentId = (await app.app.models.payments.findOne({ bookingId }).orFail())._id.toHexString();
        const byHand = { reference: 're', kind: 'refund', key: null, amount: 500, status: 'done' } as const;
        await app.app.models.demoCheckouts.updateOne({ bookingId }, { $inc: { refunded: 500 } });
        await app.app.engine.submit(eventId, { type: 'noteReversals', bookingId, paymentId, reversals: [byHand] });
        const [issue] = (await admin.must('listPaymentTroubles', { eventId })).troubles;
        const input = { paymentId, refundKey: issue?.refundKey ?? '' };
        const effect = async () => (await admin.must('listPaymentTroubles', { eventId })).total;
        return { app, sender: admin, input, effect };
      },
      once: 0,
    }),
  ],
  retryPayment: [
    repeat('retryPayment', {
      what: 'of a refund that the provider has refused',
      async prepare(t) {
        const { wrap } = failing((call, count) => (call === 'refund' && count === 1 ? 'refused' : null));
        const { app, admin, alice, eventId } = await paidSetting(t, {}, { paymentTest: { provider: wrap } });
        const { id: bookingId } = await buy(alice, eventId, 2);
        await alice.must('cancelBooking', { bookingId });
        const listed = async () => (await admin.must('listPaymentTroubles', { eventId })).troubles;
        await expect.poll(async () => (await listed()).length).toBe(1);
        const [issue] = await listed();
        const input = { paymentId: issue?.paymentId ?? '', refundKey: issue?.refundKey ?? null };
        const effect = async () => {
          const { payments, demoCheckouts } = app.app.models;
          await expect.poll(() => demoCheckouts.distinct('refunded')).toEqual([2 * PRICE.amount]);
          return payments.distinct('refunds.tries');
        };
        return { app, sender: admin, input, effect };
      },
      once: [2],
    }),
  ],
};

const CHANGING = Object.entries(EXPECTATIONS).flatMap(([name, repeats]) =>
  repeats === 'reads' ? [] : repeats.map((one) => [name as CommandName, one.what, one] as const),
);

describe('[F25] a repeated command', () => {
  it('has an expectation in this test, whatever the command', () => {
    expect(Object.keys(EXPECTATIONS).sort()).toEqual(Object.keys(commands).sort());
  });

  it.for(CHANGING)(
    '%s %s has one effect and equal answers, on two connections at once and later',
    async ([name, , expectation], t) => {
      const { app, sender, input, effect } = await expectation.prepare(t);
      const other = commandsOf(await connected(app.open('/booking', sender.token)));
      const atOnce = await Promise.all([sender, other, sender].map((one) => one.send(name, input)));
      const answers = [...atOnce, await other.send(name, input)].map((answer) => comparable(answer, expectation));
      const [first] = answers.filter(({ ok }) => ok);
      expect(first).toMatchObject({ ok: true });
      const repeated = { ok: false, code: expectation.refusal?.code };
      if (expectation.refusal)
        expect(answers.filter((answer) => answer !== first)).toEqual([repeated, repeated, repeated]);
      else for (const answer of answers) expect(answer).toEqual(first);
      expect(await effect()).toEqual(expectation.once);
    },
  );
});

describe('a command without a requestId', () => {
  it('cancels or checks in some of the seats again at each repeat', async (t) => {
    const { app, admin, alice, eventId } = await freeSetting(t);
    const { id: bookingId, code } = await book(alice, eventId, 5);
    await alice.must('cancelBooking', { bookingId, seats: 1 });
    await alice.must('cancelBooking', { bookingId, seats: 1 });
    expect(await storedSeats(app, eventId)).toEqual({ bookings: ['confirmed 3'], free: 7 });
    await admin.must('checkIn', { ticket: code, seats: 1 });
    expect(await admin.must('checkIn', { ticket: code, seats: 1 })).toMatchObject({ booking: { checkedInSeats: 2 } });
  });
});

async function remindersOf({ app }: TestApp): Promise<string[]> {
  return (await app.models.reminders.find()).map(({ status }) => status);
}

async function freeSetting(t: TestContext, more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, alice, bob] = await Promise.all([app.admin(), app.register('alice'), app.register('bob')]);
  const { id: eventId } = await admin.must('createEvent', eventInput(more));
  return { app, admin, alice, bob, eventId };
}

async function checkInOf(t: TestContext, more: Partial<CommandRequest<'checkIn'>>): Promise<Sending<'checkIn'>> {
  const { app, admin, alice, eventId } = await freeSetting(t);
  const { code } = await book(alice, eventId, 3);
  const effect = () => app.app.models.bookings.distinct('checkedInSeats');
  return { app, sender: admin, input: { ticket: code, ...more }, effect };
}

/** The personal tickets of a booking that were sent or revoked. */
async function sentTickets(owner: Person, bookingId: string): Promise<string[]> {
  const { personalTickets = [] } = await owner.must('getBooking', { bookingId });
  return personalTickets.map(({ type, number, issue, sharedAt }) => {
    return `${type} ${number}: issue ${issue}, ${sharedAt === null ? 'not sent' : 'sent'}`;
  });
}

/** Bookings as "status seats", oldest first, and the free seats. */
async function storedSeats({ app: { models } }: TestApp, eventId: string) {
  const bookings = await models.bookings.find({ eventId }).sort({ _id: 1 }).lean();
  const event = await models.events.findById(eventId).orFail().lean();
  return { bookings: bookings.map(({ status, seats }) => `${status} ${seats}`), free: event.availableSeats };
}

async function seatsAndRefunds(app: TestApp, eventId: string) {
  const payments = await app.app.models.payments.find({ eventId }).lean();
  const refunds = payments.flatMap((payment) => payment.refunds.map(({ amount }) => amount));
  return { ...(await storedSeats(app, eventId)), refunds };
}

async function entriesOf({ app: { models } }: TestApp, eventId: string) {
  const entries = await models.waitlist.find({ eventId }).lean();
  const event = await models.events.findById(eventId).orFail().lean();
  return { entries: entries.map(({ status, seats }) => `${status} ${seats}`), waiting: event.waitingCount };
}

function comparable(answer: Awaited<ReturnType<Person['send']>>, { changing = [] }: Repeat) {
  if (!answer.ok) return { ok: false, code: answer.error.code };
  const data = Object.fromEntries(Object.entries(answer.data).filter(([key]) => !changing.includes(key)));
  return { ok: true, data };
}
