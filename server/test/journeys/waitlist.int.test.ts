import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WaitlistEntry } from '#shared/waitlist.ts';
import { pushes } from '#shared/protocol/pushes.ts';
import type { Client, Person, TestApp } from '../support/test-app.ts';
import {
  book,
  commandsOf,
  connected,
  eventInput,
  pushed,
  pushesOf,
  storedEvent,
  testApp,
} from '../support/test-app.ts';
import { PRICE } from '../support/payments/demo-payments.ts';

const OFFERED_WITHIN_MS = 1_000;
const MINUTE_MS = 60_000;

/** An event whose ten seats are all booked by one user, and three more users. */
async function soldOutSetting(t: Parameters<typeof testApp>[0], more: Parameters<typeof eventInput>[0] = {}) {
  const app = await testApp(t);
  const [admin, owner, alice, bob] = await Promise.all([
    app.admin(),
    app.register('owner'),
    app.register('alice'),
    app.register('bob'),
  ]);
  const { id: eventId } = await admin.must('createEvent', eventInput({ offerMinutes: 10, ...more }));
  const booking = await book(owner, eventId, 10);
  return { app, admin, owner, alice, bob, eventId, booking };
}

function join({ must }: Pick<Person, 'must'>, eventId: string, seats: number, requestId: string = randomUUID()) {
  return must('joinWaitlist', { requestId, eventId, seats });
}

/** Resolves with the next push about the user's own entry that has these properties. */
function entryPushed(socket: Client, wanted: Partial<WaitlistEntry>): Promise<WaitlistEntry> {
  const fits = (entry: WaitlistEntry) =>
    Object.entries(wanted).every(([key, value]) => entry[key as keyof WaitlistEntry] === value);
  return pushed(socket, 'waitlistChanged', fits).then((entry) => pushes.waitlistChanged.parse(entry));
}

async function within(ms: number, act: () => Promise<unknown>, seen: Promise<unknown>): Promise<void> {
  const began = Date.now();
  await act();
  await seen;
  expect(Date.now() - began).toBeLessThan(ms);
}

describe('joinWaitlist', () => {
  it('answers with the position, and its changes are pushed to every connection of the account', async (t) => {
    const { app, alice, bob, eventId } = await soldOutSetting(t);
    const second = await connected(app.open('/booking', bob.token));
    expect(await join(alice, eventId, 2)).toMatchObject({ status: 'waiting', position: 1, seats: 2, bookingId: null });
    const joined = [bob.socket, second].map((socket) => entryPushed(socket, { position: 2 }));
    const entry = await join(bob, eventId, 3);
    expect(entry).toMatchObject({ eventId, position: 2, version: 1, offerExpiresAt: null });
    for (const push of await Promise.all(joined)) expect(push).toEqual(entry);
    expect(await storedEvent(app, eventId)).toMatchObject({ waitingCount: 2, version: 4 });

    const moved = [bob.socket, second].map((socket) => entryPushed(socket, { position: 1 }));
    const left = entryPushed(alice.socket, { status: 'left' });
    expect(await alice.must('leaveWaitlist', { eventId })).toMatchObject({
      status: 'left',
      position: null,
      version: 2,
    });
    expect(await left).toMatchObject({ position: null, version: 2 });
    // Only the position has changed, so the entry keeps its version.
    for (const push of await Promise.all(moved)) expect(push).toEqual({ ...entry, position: 1 });
    expect((await bob.must('listWaitlist', {})).entries).toEqual([{ ...entry, position: 1 }]);
  });

  it('[F8] adds one entry, however often it is repeated, and refuses the request id with other seats', async (t) => {
    const { app, alice, eventId } = await soldOutSetting(t);
    const twin = commandsOf(await connected(app.open('/booking', alice.token)));
    const other = await testApp(t, { mongoUri: app.mongoUri });
    const there = commandsOf(await connected(other.open('/booking', alice.token)));
    const requestId = randomUUID();
    const made = await Promise.all(
      [alice, twin, there, alice, twin, there].map((at) => join(at, eventId, 2, requestId)),
    );
    for (const entry of made) expect(entry).toEqual(made[0]);
    const input = { requestId, eventId, seats: 3 };
    expect(await alice.send('joinWaitlist', input)).toMatchObject({ error: { code: 'REQUEST_ID_REUSED' } });
    expect(await storedEvent(app, eventId)).toMatchObject({ waitingCount: 1 });
  });

  it('changes the party size when repeated: a smaller one keeps the position, a larger one goes to the end', async (t) => {
    const { alice, bob, eventId } = await soldOutSetting(t);
    const first = await join(alice, eventId, 2);
    await join(bob, eventId, 2);
    expect(await join(alice, eventId, 1)).toMatchObject({ id: first.id, seats: 1, position: 1, version: 2 });
    const forward = entryPushed(bob.socket, { position: 1 });
    const back = entryPushed(alice.socket, { position: 2, seats: 4 });
    expect(await join(alice, eventId, 4)).toMatchObject({ id: first.id, seats: 4, position: 2, version: 3 });
    await Promise.all([forward, back]);
  });

  it('is refused if the seats can be booked, over a limit, and for an unknown event', async (t) => {
    const { admin, alice, owner, eventId, booking } = await soldOutSetting(t, {
      maxSeatsPerUser: 10,
      maxSeatsPerBooking: 10,
    });
    await owner.must('cancelBooking', { bookingId: booking.id, seats: 2 });
    const ask = (seats: number, event = eventId) =>
      alice.send('joinWaitlist', { requestId: randomUUID(), eventId: event, seats });
    expect(await ask(2)).toMatchObject({ error: { code: 'INVALID_STATE', details: { availableSeats: 2 } } });
    expect(await ask(11)).toMatchObject({ error: { code: 'LIMIT_EXCEEDED', details: { limit: 10 } } });
    expect(await ask(1, 'f'.repeat(24))).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await ask(0)).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(await alice.send('leaveWaitlist', { eventId })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await ask(3)).toMatchObject({ ok: true });
    const later = eventInput({ salesOpenAt: new Date(Date.now() + MINUTE_MS).toISOString() });
    const { id } = await admin.must('createEvent', later);
    expect(await ask(1, id)).toMatchObject({ error: { code: 'SALES_CLOSED', details: { reason: 'not_open' } } });
  });

  it('pushes the entry to its owner alone', async (t) => {
    const { alice, bob, admin, eventId } = await soldOutSetting(t);
    const others = [pushesOf(bob.socket, 'waitlistChanged'), pushesOf(admin.socket, 'waitlistChanged')];
    const mine = entryPushed(alice.socket, { position: 1 });
    await join(alice, eventId, 2);
    await mine;
    // Barrier: pushes keep their order, so the push about a user's own entry arrives after any about an earlier entry.
    const ids: string[] = [];
    for (const [index, person] of [bob, admin].entries()) {
      const own = entryPushed(person.socket, { position: index + 2 });
      ids.push((await join(person, eventId, 1)).id);
      await own;
    }
    expect(others.map((entries) => [...new Set(entries.map((entry) => entry.id))])).toEqual(ids.map((id) => [id]));
    for (const [index, person] of [bob, admin].entries()) {
      expect((await person.must('listWaitlist', {})).entries.map((entry) => entry.id)).toEqual([ids[index]]);
    }
  });
});

describe('[I7] seats that are free again', () => {
  type Scene = Awaited<ReturnType<typeof soldOutSetting>>;

  /** Each way in which seats become free again: the event's price, and the act that frees two seats. */
  const WAYS: Record<string, { price?: typeof PRICE; act(scene: Scene): Promise<unknown> }> = {
    'a partial cancellation': {
      act: ({ owner, booking }) => owner.must('cancelBooking', { bookingId: booking.id, seats: 2 }),
    },
    'an increase of capacity': {
      act: ({ admin, eventId }) => admin.must('updateEvent', { eventId, revision: 1, changes: { totalSeats: 12 } }),
    },
    'a smaller party size of a hold': {
      price: PRICE,
      act: ({ owner, booking }) => owner.must('changeHold', { bookingId: booking.id, seats: 8 }),
    },
    'the release of a hold': {
      price: PRICE,
      act: ({ owner, booking }) => owner.must('cancelBooking', { bookingId: booking.id }),
    },
    'the expiry of a hold': {
      price: PRICE,
      act: async ({ app }) => (app.clock.offsetMs = 10 * MINUTE_MS + 1),
    },
  };

  it.for(Object.keys(WAYS))(
    'after %s are offered to the head of the waiting list in the same commit, within a second',
    async (way, t) => {
      const { price, act } = WAYS[way]!;
      const scene = await soldOutSetting(t, { ...(price && { price }) });
      const { app, alice, bob, eventId } = scene;
      await join(alice, eventId, 2);
      await join(bob, eventId, 9);
      const offered = entryPushed(alice.socket, { status: 'offered' });
      const held = pushed(alice.socket, 'bookingChanged', ({ source }) => source === 'waitlist');
      const nearer = entryPushed(bob.socket, { position: 1 });
      await within(
        way === 'the expiry of a hold' ? 2 * OFFERED_WITHIN_MS : OFFERED_WITHIN_MS,
        () => act(scene),
        offered,
      );
      const entry = await offered;
      const booking = await held;
      expect(booking).toMatchObject({
        id: entry.bookingId,
        status: 'held',
        seats: 2,
        holdExpiresAt: entry.offerExpiresAt,
      });
      expect(entry).toMatchObject({ position: null, version: 2 });
      expect(await nearer).toMatchObject({ status: 'waiting', version: 1 });
      const { entries } = await app.app.models.ledger.findOne({ eventId, 'entries.kind': 'offered' }).orFail().lean();
      expect(entries.map(({ kind }) => kind)).toEqual([
        expect.stringMatching(/cancelled|capacity|resized|released|expired/),
        'offered',
      ]);
    },
  );

  it('skip entries that want more seats or whose user has a live hold; the rest goes on sale', async (t) => {
    const { app, owner, admin, alice, bob, eventId } = await soldOutSetting(t, { price: PRICE });
    const carol = await app.register('carol');
    await admin.must('updateEvent', { eventId, revision: 1, changes: { totalSeats: 11 } });
    const hold = await book(alice, eventId, 1);
    await join(alice, eventId, 2);
    await join(bob, eventId, 5);
    await join(carol, eventId, 2);
    const offered = entryPushed(carol.socket, { status: 'offered' });
    const [{ bookings }] = [await owner.must('listBookings', {})];
    await owner.must('changeHold', { bookingId: bookings[0]?.id ?? '', seats: 7 });
    await offered;
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 1, waitingCount: 2, heldSeats: 10 });
    const entriesOf = async (person: Person) => (await person.must('listWaitlist', {})).entries;
    expect(await entriesOf(alice)).toMatchObject([{ status: 'waiting', position: 1 }]);
    expect(await entriesOf(bob)).toMatchObject([{ status: 'waiting', position: 2 }]);
    // Alice releases the hold that excluded her from offers; with the one seat left, two seats are free.
    const hers = entryPushed(alice.socket, { status: 'offered' });
    await alice.must('cancelBooking', { bookingId: hold.id });
    expect((await hers).bookingId).not.toBe(hold.id);
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 0, waitingCount: 1 });
  });

  it('cannot be booked past the waiting list', async (t) => {
    const { app, owner, alice, bob, eventId, booking } = await soldOutSetting(t);
    await join(alice, eventId, 2);
    const quick = Array.from({ length: 20 }, () => bob.send('book', { requestId: randomUUID(), eventId, seats: 1 }));
    const offered = entryPushed(alice.socket, { status: 'offered' });
    await owner.must('cancelBooking', { bookingId: booking.id, seats: 2 });
    const late = await bob.send('book', { requestId: randomUUID(), eventId, seats: 1 });
    for (const reply of [...(await Promise.all(quick)), late]) {
      expect(reply).toMatchObject({ error: { code: 'SOLD_OUT', details: { availableSeats: 0 } } });
    }
    await offered;
    expect(await storedEvent(app, eventId)).toMatchObject({ availableSeats: 0, heldSeats: 2, soldSeats: 8 });
  });
});

describe('an offer of the waiting list', () => {
  async function offer(t: Parameters<typeof testApp>[0], more: Parameters<typeof eventInput>[0] = {}) {
    const scene = await soldOutSetting(t, more);
    const { alice, bob, owner, eventId, booking } = scene;
    await join(alice, eventId, 2);
    await join(bob, eventId, 2);
    const offered = entryPushed(alice.socket, { status: 'offered' });
    await owner.must('cancelBooking', { bookingId: booking.id, seats: 2 });
    const { bookingId } = await offered;
    return { ...scene, bookingId: bookingId ?? '' };
  }

  it('of a free event is confirmed by its owner, and by no other account', async (t) => {
    const { app, admin, alice, bob, eventId, bookingId } = await offer(t);
    for (const person of [bob, admin]) {
      expect(await person.send('confirmBooking', { bookingId })).toMatchObject({ error: { code: 'NOT_FOUND' } });
      expect(await person.send('changeHold', { bookingId, seats: 1 })).toMatchObject({ error: { code: 'NOT_FOUND' } });
    }
    const fulfilled = entryPushed(alice.socket, { status: 'fulfilled' });
    const booking = await alice.must('confirmBooking', { bookingId });
    expect(booking).toMatchObject({ status: 'confirmed', source: 'waitlist', seats: 2, ticket: expect.any(String) });
    expect(await alice.must('confirmBooking', { bookingId })).toEqual(booking);
    expect(await fulfilled).toMatchObject({ bookingId, version: 3 });
    expect(await storedEvent(app, eventId)).toMatchObject({ soldSeats: 10, heldSeats: 0, waitingCount: 1 });
    expect(await bob.must('listWaitlist', {})).toMatchObject({ entries: [{ status: 'waiting', position: 1 }] });
  });

  it('goes to the next entry at once when declined; its buyer may join again at the end', async (t) => {
    const { app, alice, bob, eventId, bookingId } = await offer(t);
    const next = entryPushed(bob.socket, { status: 'offered' });
    const released = pushed(alice.socket, 'bookingChanged', ({ status }) => status === 'cancelled');
    expect(await alice.must('leaveWaitlist', { eventId })).toMatchObject({ status: 'left', bookingId });
    await next;
    expect(await released).toMatchObject({ id: bookingId, ended: { by: 'buyer' } });
    const carol = await app.register('carol');
    await join(carol, eventId, 1);
    const again = await join(alice, eventId, 2);
    expect(again).toMatchObject({ status: 'waiting', position: 2 });
    const { entries } = await alice.must('listWaitlist', {});
    expect(entries.map(({ id, status }) => [id === again.id, status])).toEqual([
      [true, 'waiting'],
      [false, 'left'],
    ]);
  });

  it('becomes missed when it lapses, and goes to the next entry for its full time', async (t) => {
    const { app, alice, bob, bookingId } = await offer(t);
    const missed = entryPushed(alice.socket, { status: 'missed' });
    const next = entryPushed(bob.socket, { status: 'offered' });
    app.clock.offsetMs = 10 * MINUTE_MS;
    expect(await missed).toMatchObject({ bookingId });
    const { offerExpiresAt } = await next;
    expect(Date.parse(offerExpiresAt ?? '')).toBeGreaterThan(Date.now() + 19 * MINUTE_MS);
    expect(await alice.send('confirmBooking', { bookingId })).toMatchObject({ error: { code: 'INVALID_STATE' } });
  });

  it('ends with the sale at the latest', async (t) => {
    const salesCloseAt = new Date(Date.now() + 5 * MINUTE_MS).toISOString();
    const { app, alice, bob, eventId } = await offer(t, { salesCloseAt });
    const { entries } = await alice.must('listWaitlist', {});
    expect(entries).toMatchObject([{ status: 'offered', offerExpiresAt: salesCloseAt }]);
    const closed = [alice, bob].map(({ socket }) => entryPushed(socket, { status: 'closed' }));
    app.clock.offsetMs = 5 * MINUTE_MS;
    await Promise.all(closed);
    expect(await storedEvent(app, eventId)).toMatchObject({ waitingCount: 0, heldSeats: 0, availableSeats: 2 });
  });
});

describe('the end of a waiting list', () => {
  it('comes with the end of sales, however long the list is', async (t) => {
    const { app, alice, eventId } = await soldOutSetting(t, {
      salesCloseAt: new Date(Date.now() + MINUTE_MS).toISOString(),
    });
    await crowdWaits(app, eventId, 1_200);
    await join(alice, eventId, 1);
    const closed = entryPushed(alice.socket, { status: 'closed' });
    app.clock.offsetMs = MINUTE_MS;
    expect(await closed).toMatchObject({ position: null });
    const left = () => app.app.models.waitlist.countDocuments({ eventId, active: true });
    await expect.poll(left, { timeout: 10_000 }).toBe(0);
    expect(await storedEvent(app, eventId)).toMatchObject({ waitingCount: 0 });
  });

  it('comes with the event’s cancellation, whose seats are not offered', async (t) => {
    const { app, admin, alice, bob, eventId } = await soldOutSetting(t);
    await join(alice, eventId, 2);
    await join(bob, eventId, 2);
    const [hers, his] = [pushesOf(alice.socket, 'waitlistChanged'), pushesOf(bob.socket, 'waitlistChanged')];
    const closed = [alice, bob].map(({ socket }) => entryPushed(socket, { status: 'closed' }));
    await admin.must('cancelEvent', { eventId, reason: 'Storm' });
    await Promise.all(closed);
    expect([...hers, ...his].some(({ status }) => status === 'offered')).toBe(false);
    await expect.poll(() => storedEvent(app, eventId)).toMatchObject({ waitingCount: 0, soldSeats: 0 });
  });
});

describe('the entries of a long waiting list', () => {
  it('are pushed at most once a second, to connected accounts alone', async (t) => {
    const { app, alice, bob, eventId } = await soldOutSetting(t);
    const people = await crowdWaits(app, eventId, 300);
    await join(alice, eventId, 1);
    const [hers, his] = [pushesOf(alice.socket, 'waitlistChanged'), pushesOf(bob.socket, 'waitlistChanged')];
    const last = entryPushed(alice.socket, { position: 1 });
    const began = performance.now();
    for (const userId of people) await app.app.engine.submit(eventId, { type: 'leave', userId });
    await last;
    const seconds = (performance.now() - began) / 1_000;
    expect(hers.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
    expect(hers.map(({ version }) => version)).toEqual(hers.map(() => 1));
    // Barrier: pushes keep their order, so bob's own push arrives after any about the earlier entries.
    const own = entryPushed(bob.socket, { position: 2 });
    const { id } = await join(bob, eventId, 1);
    await own;
    expect(his.map((entry) => entry.id)).toEqual([id]);
  });

  it('are pushed by every server, whichever server committed the change', async (t) => {
    const { app, owner, alice, eventId, booking } = await soldOutSetting(t);
    const other = await testApp(t, { mongoUri: app.mongoUri });
    const there = await connected(other.open('/booking', alice.token));
    await join(alice, eventId, 2);
    const offered = entryPushed(there, { status: 'offered' });
    await owner.must('cancelBooking', { bookingId: booking.id });
    expect(await offered).toMatchObject({ version: 2 });
  });
});

/** Adds entries of one seat through the engine, without accounts or connections. Returns their user ids. */
async function crowdWaits({ app }: TestApp, eventId: string, count: number): Promise<string[]> {
  const people = Array.from({ length: count }, () => randomUUID().replaceAll('-', '').slice(0, 24));
  const entry = (userId: string) => ({
    type: 'join' as const,
    userId,
    requestId: randomUUID(),
    seats: 1,
    entryId: randomUUID().replaceAll('-', '').slice(0, 24),
  });
  const settled = await Promise.all(people.map((userId) => app.engine.submit(eventId, entry(userId))));
  expect(settled.every(({ outcome }) => outcome.ok)).toBe(true);
  return people;
}
