import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { EngineWorld } from '../../../test/support/engine-world.ts';
import { bookCommand, engineWorld, userId } from '../../../test/support/engine-world.ts';
import { bookingOf, codeOf } from '../../../test/support/outcomes.ts';

/** More commands than any machine answers in two seconds. */
const CROWD = 25_000;

let world: EngineWorld;

beforeEach(async (t) => {
  world = await engineWorld(t);
});

describe('the queue of an event', () => {
  it('[I1] sells a crowd exactly the seats of the event, in few transactions', async () => {
    const eventId = await world.createEvent({ totalSeats: 100 });
    const commands = Array.from({ length: 300 }, (_, i) => bookCommand(userId(), 1 + (i % 3)));
    const settled = await Promise.all(commands.map((command) => world.engine.submit(eventId, command)));
    const sold = settled.reduce(
      (sum, { outcome }) => sum + (outcome.ok && 'booking' in outcome ? outcome.booking.seats : 0),
      0,
    );
    expect(sold).toBe(100);
    expect(new Set(settled.map(codeOf))).toEqual(new Set(['ok', 'SOLD_OUT']));
    expect(await world.storedEvent(eventId)).toMatchObject({ availableSeats: 0, soldSeats: 100 });
    expect(world.engine.metrics.batches).toBeLessThan(10);
  });

  it('writes one ledger document per batch, with the version of the event', async () => {
    const eventId = await world.createEvent();
    await world.engine.submit(eventId, bookCommand(userId(), 1));
    const two = [bookCommand(userId(), 1), bookCommand(userId(), 2), bookCommand(userId(), 3)];
    await Promise.all(two.map((command) => world.engine.submit(eventId, command)));
    const ledger = await world.models.ledger.find({ eventId }).sort({ seq: 1 }).lean();
    expect(ledger.map((doc) => doc.seq)).toEqual(ledger.map((_, index) => index + 1));
    expect(ledger.flatMap((doc) => doc.entries.map((entry) => entry.kind))).toEqual([
      'created',
      ...Array.from({ length: 4 }, () => 'booked'),
    ]);
    expect((await world.storedEvent(eventId)).version).toBe(ledger.length);
  });

  it('commits nothing for a batch of refusals', async () => {
    const eventId = await world.createEvent({ totalSeats: 1 });
    expect(codeOf(await world.engine.submit(eventId, bookCommand(userId(), 2)))).toBe('SOLD_OUT');
    expect(await world.models.ledger.countDocuments({ eventId })).toBe(1);
    expect((await world.storedEvent(eventId)).version).toBe(1);
  });

  it('answers NOT_FOUND for an unknown event', async () => {
    const settled = await world.engine.submit(new Types.ObjectId().toHexString(), bookCommand(userId(), 1));
    expect(codeOf(settled)).toBe('NOT_FOUND');
  });

  it('[I3] [F8] makes one booking for a request that is sent many times at once', async () => {
    const eventId = await world.createEvent({ totalSeats: 50 });
    const [user, requestId] = [userId(), randomUUID()];
    const send = () => world.engine.submit(eventId, bookCommand(user, 2, requestId));
    const settled = await Promise.all(Array.from({ length: 10 }, send));
    settled.push(await send());
    expect(new Set(settled.map((each) => bookingOf(each).id)).size).toBe(1);
    expect((await world.storedEvent(eventId)).soldSeats).toBe(2);
  });

  it('refuses as BUSY who would wait too long, decides the commands in it, and lets organisers in', async () => {
    const eventId = await world.createEvent({ totalSeats: 1 });
    const commands = Array.from({ length: CROWD }, () => bookCommand(userId(), 2));
    const crowd = commands.map((command) => world.engine.submit(eventId, command));
    const cancelled = { type: 'cancelEvent', actor: world.admin, reason: 'Storm' } as const;
    const organiser = world.engine.submit(eventId, cancelled);
    const codes = Map.groupBy(await Promise.all(crowd), codeOf);
    expect([...codes.keys()].sort()).toEqual(['BUSY', 'SOLD_OUT']);
    expect(codes.get('SOLD_OUT')?.length).toBeGreaterThan(5_000);
    for (const { outcome } of codes.get('BUSY') ?? [])
      expect(outcome).toMatchObject({ error: { retryAfterMs: expect.any(Number) } });
    expect((await organiser).outcome.ok).toBe(true);
  });
});

describe('several queues', () => {
  it('refuse a request id that was used on another event', async () => {
    const [first, second] = [await world.createEvent(), await world.createEvent()];
    const [user, requestId] = [userId(), randomUUID()];
    await world.engine.submit(first, bookCommand(user, 1, requestId));
    expect(codeOf(await world.engine.submit(second, bookCommand(user, 1, requestId)))).toBe('REQUEST_ID_REUSED');
  });

  it('[I3] make one booking if the same request races on two events', async () => {
    const events = await Promise.all([world.createEvent(), world.createEvent()]);
    for (let round = 0; round < 10; round += 1) {
      const [user, requestId] = [userId(), randomUUID()];
      const settled = await Promise.all(
        events.map((eventId) => world.engine.submit(eventId, bookCommand(user, 1, requestId))),
      );
      expect(settled.map(codeOf).sort()).toEqual(['REQUEST_ID_REUSED', 'ok']);
    }
  });

  it('[F8] on two servers sell one event without overselling, with one booking per request', async () => {
    const other = await world.again();
    const eventId = await world.createEvent({ totalSeats: 60 });
    const requests = Array.from({ length: 80 }, () => ({ user: userId(), requestId: randomUUID() }));
    const settled = await Promise.all(
      requests.flatMap(({ user, requestId }) =>
        [world, other].map(({ engine }) => engine.submit(eventId, bookCommand(user, 1, requestId))),
      ),
    );
    const answers = settled.map((each) => (codeOf(each) === 'ok' ? bookingOf(each).id : codeOf(each)));
    for (let i = 0; i < answers.length; i += 2) expect(answers[i]).toBe(answers[i + 1]);
    expect(await world.storedEvent(eventId)).toMatchObject({ availableSeats: 0, soldSeats: 60 });
  });
});

describe('a batch that cannot be committed', () => {
  it('is halved until the command that prevents the commit is alone; the others are committed', async () => {
    const eventId = await world.createEvent({ totalSeats: 100 });
    await world.database.command({
      collMod: 'bookings',
      validator: { code: { $ne: 'POISON' } },
    });
    const commands = Array.from({ length: 40 }, () => bookCommand(userId(), 1));
    const poison = { ...bookCommand(userId(), 1), code: 'POISON' };
    const first = world.engine.submit(eventId, bookCommand(userId(), 1));
    const all = [...commands.slice(0, 17), poison, ...commands.slice(17)];
    const settled = await Promise.allSettled(all.map((command) => world.engine.submit(eventId, command)));
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(settled[17]?.status).toBe('rejected');
    expect(codeOf(await first)).toBe('ok');
    expect((await world.storedEvent(eventId)).soldSeats).toBe(41);
    expect(world.engine.metrics.halvings).toBeGreaterThan(2);
  });

  it('is retried with another code if a booking’s code is taken', async () => {
    const eventId = await world.createEvent();
    const taken = bookCommand(userId(), 1);
    await world.engine.submit(eventId, taken);
    const settled = await world.engine.submit(eventId, { ...bookCommand(userId(), 1), code: taken.code });
    expect(codeOf(settled)).toBe('ok');
    expect(settled.outcome).not.toMatchObject({ booking: { code: taken.code } });
  });
});

describe('limits and edits in the queue', () => {
  it('count seats per user across batches and cancellations', async () => {
    const eventId = await world.createEvent({ maxSeatsPerUser: 3 });
    const user = userId();
    const booked = await world.engine.submit(eventId, bookCommand(user, 2));
    expect(codeOf(await world.engine.submit(eventId, bookCommand(user, 2)))).toBe('LIMIT_EXCEEDED');
    const { id: bookingId } = bookingOf(booked);
    await world.engine.submit(eventId, {
      type: 'cancel',
      requestId: null,
      bookingId,
      actor: user,
      by: 'buyer',
      seats: null,
      reason: null,
    });
    expect(codeOf(await world.engine.submit(eventId, bookCommand(user, 3)))).toBe('ok');
  });

  it('count earlier seats of users if the limit is set later', async () => {
    const eventId = await world.createEvent();
    const user = userId();
    await world.engine.submit(eventId, bookCommand(user, 2));
    const limit = { eventId, revision: 1, changes: { maxSeatsPerUser: 3 } };
    expect(await world.eventEditing.update(limit, world.admin)).toMatchObject({
      ok: true,
      data: { maxSeatsPerUser: 3 },
    });
    expect(codeOf(await world.engine.submit(eventId, bookCommand(user, 2)))).toBe('LIMIT_EXCEEDED');
    expect(codeOf(await world.engine.submit(eventId, bookCommand(user, 1)))).toBe('ok');
  });

  it('refuse one of two edits of the same revision', async () => {
    const eventId = await world.createEvent();
    const edit = (title: string) =>
      world.eventEditing.update({ eventId, revision: 1, changes: { title } }, world.admin);
    const [first, second] = await Promise.all([edit('One'), edit('Two')]);
    expect(first).toMatchObject({ ok: true, data: { title: 'One', revision: 2 } });
    expect(second).toMatchObject({ ok: false, error: { code: 'INVALID_STATE', details: { revision: 2 } } });
  });

  it('leave price, status and all other fields as they are when the title changes', async () => {
    const price = { amount: 2000, currency: 'EUR' };
    const eventId = await world.createEvent({ price, status: 'draft', holdMinutes: 3, maxSeatsPerBooking: 2 });
    const before = await world.storedEvent(eventId);
    await world.eventEditing.update({ eventId, revision: 1, changes: { title: 'Blues' } }, world.admin);
    const { title, searchText, revision, updatedAt, ...after } = await world.storedEvent(eventId);
    expect({ ...before, ...after }).toEqual(before);
    expect({ title, searchText, revision }).toEqual({ title: 'Blues', searchText: 'blues\nclub', revision: 2 });
    expect(updatedAt).toEqual(world.clock.now());
  });

  it('create an event once per request id', async () => {
    const requestId = randomUUID();
    const input = { title: 'A', description: '', venue: 'B', startsAt: '2026-12-24T18:00:00.000Z', totalSeats: 5 };
    const full = { requestId, timeZone: 'UTC', price: { amount: 0, currency: 'EUR' }, maxSeatsPerBooking: 10 };
    const rest = { maxSeatsPerUser: null, holdMinutes: 10, offerMinutes: 120, cancelBeforeHours: 24 };
    const create = (title: string) =>
      world.eventEditing.create({ ...input, ...full, ...rest, status: 'published', title }, world.admin);
    const made = await Promise.all([create('A'), create('A'), create('A')]);
    expect(new Set(made.map((reply) => (reply.ok ? reply.data.id : 'none'))).size).toBe(1);
    expect(await create('Other')).toMatchObject({ error: { code: 'REQUEST_ID_REUSED' } });
    expect(await world.models.events.countDocuments()).toBe(1);
  });
});

describe('the database', () => {
  it('refuses counters that do not add up, from any writer', async () => {
    const eventId = await world.createEvent();
    const oversell = world.models.events.collection.updateOne(
      { _id: new Types.ObjectId(eventId) },
      { $inc: { soldSeats: 1 } },
    );
    await expect(oversell).rejects.toThrow('Document failed validation');
  });

  it('finds a batch by its request ids without reading the collection', async () => {
    const eventId = await world.createEvent({ totalSeats: 500 });
    await Promise.all(Array.from({ length: 300 }, () => world.engine.submit(eventId, bookCommand(userId(), 1))));
    const requestId = { $in: [randomUUID(), randomUUID()], $type: 'string' as const };
    const plan = await world.models.bookings.collection.find({ requestId }).explain('executionStats');
    expect(plan['executionStats'].totalKeysExamined).toBeLessThan(10);
    expect(plan['executionStats'].totalDocsExamined).toBe(0);
  });
});
