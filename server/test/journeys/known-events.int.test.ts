import { Types } from 'mongoose';
import { expect, it, onTestFinished, vi } from 'vitest';
import { bookCommand, engineWorld, userId } from '../support/engine-world.ts';
import { lentDatabaseUri } from '../support/database/test-database.ts';
import { interruptFeed, watchOpenings } from '../support/database/feed-faults.ts';
import type { LiveWorld } from '../support/live-world.ts';
import { liveWorld } from '../support/live-world.ts';
import type { Availability, Event, EventPage } from '#shared/event.ts';
import { ofOneType } from '../support/database/of-one-type.ts';

const t = { onTestFinished };
/** A feed that lost its connection tries again after five seconds at most. */
const PATIENT = { timeout: 20_000 };
const SPOILS = { expectsAgreement: false };

const readEvent = async ({ app }: LiveWorld, eventId: string) =>
  (await app.http.inject({ url: `/api/events/${eventId}` })).json<Event>();

async function readTitles({ app }: LiveWorld, query = ''): Promise<string[]> {
  const { events } = (await app.http.inject({ url: `/api/events${query}` })).json<EventPage>();
  return events.map(({ title }) => title);
}

/** Counts the database's reads of events for the public. */
function watchReads({ app }: LiveWorld) {
  const { events } = app.readModels;
  const reads = (['find', 'findOne', 'countDocuments'] as const).map((method) => vi.spyOn(events, method as 'find'));
  return { count: () => reads.reduce((sum, { mock }) => sum + mock.calls.length, 0) };
}

it('a server that knows its events answers an event, a list and a search without a read while nothing changes', async () => {
  const world = await liveWorld(t);
  const eventId = await world.createEvent({ title: 'Jazz' });
  const ask = async () => [
    (await readEvent(world, eventId)).title,
    ...(await readTitles(world)),
    ...(await readTitles(world, '?query=jaz')),
  ];
  await expect.poll(ask).toEqual(['Jazz', 'Jazz', 'Jazz']);
  const reads = watchReads(world);
  const readsOfAsking = async () => {
    const before = reads.count();
    await ask();
    return reads.count() - before;
  };
  await expect.poll(readsOfAsking).toBe(0);
});

it('a server that knows its events shows what it has acknowledged at once: a new event, an edit, a booking, a cancellation', async () => {
  const world = await liveWorld(t);
  const first = await world.createEvent({ title: 'Jazz', totalSeats: 10 });
  expect(await readTitles(world)).toEqual(['Jazz']);
  const { eventEditing, eventCancellation } = world.app;
  for (let seats = 9; seats > 0; seats -= 1) {
    const { outcome } = await world.app.engine.submit(first, bookCommand(userId(), 1));
    expect(outcome.ok).toBe(true);
    expect(await readEvent(world, first)).toMatchObject({ availableSeats: seats });
  }
  for (let revision = 1; revision < 10; revision += 1) {
    const title = `Jazz ${revision}`;
    await eventEditing.update({ eventId: first, revision, changes: { title } }, userId());
    expect(await readEvent(world, first)).toMatchObject({ title });
    expect(await readTitles(world)).toEqual([title]);
    expect(await readTitles(world, `?query=${revision}`)).toEqual([title]);
  }
  await eventCancellation.cancelEvent({ eventId: first, reason: 'Storm' }, userId());
  expect(await readEvent(world, first)).toMatchObject({ status: 'cancelled' });
  expect([await readTitles(world), await readTitles(world, '?query=jazz')]).toEqual([[], []]);
});

it(
  'what a server knows of its events is never older than what it pushed, also after a lost feed',
  { timeout: 120_000 },
  async () => {
    const world = await liveWorld(t);
    const eventId = await world.createEvent({ totalSeats: 400 });
    const other = await engineWorld(t, { mongoUri: world.mongoUri });
    const visitor = await world.welcomed('/public');
    const older: unknown[] = [];
    const checks: Promise<void>[] = [];
    async function check(pushed: Availability): Promise<void> {
      const { version } = await readEvent(world, eventId);
      if (version < pushed.version) older.push({ pushed: pushed.version, read: version });
    }
    visitor.on('availabilityChanged', ({ changes }) => checks.push(...changes.map(check)));
    const sell = async (count: number) => {
      for (let sold = 0; sold < count; sold += 1) await other.engine.submit(eventId, bookCommand(userId(), 1));
    };
    const untilShown = (availableSeats: number) =>
      expect.poll(() => readEvent(world, eventId), PATIENT).toMatchObject({ availableSeats });

    await sell(40);
    await untilShown(360);
    const { way } = watchOpenings(world.app.feedDatabase);
    way.down = true;
    await interruptFeed(world.mongoUri, world.app.live.feed);
    await expect.poll(() => world.app.live.feed.live).toBe(false);
    await sell(20);
    expect(await readEvent(world, eventId)).toMatchObject({ availableSeats: 340 });
    const selling = sell(20);
    Object.assign(way, { down: false, aged: true });
    await selling;
    await untilShown(320);
    await expect.poll(() => world.app.live.feed.live, PATIENT).toBe(true);
    await sell(40);
    await untilShown(280);
    await Promise.all(checks);
    expect(checks.length).toBeGreaterThan(2);
    expect(older).toEqual([]);
  },
);

it('what a server knows of its events follows edits and deletions by another program', async () => {
  const world = await liveWorld(t, SPOILS);
  const [edited, deleted] = [await world.createEvent({ title: 'Jazz' }), await world.createEvent({ title: 'Rock' })];
  await expect.poll(() => readTitles(world)).toEqual(['Jazz', 'Rock']);
  const events = world.app.models.events.collection;
  const counters = { availableSeats: -1, soldSeats: 1 };
  const change = ofOneType({ $set: { title: 'Blues' }, $inc: counters });
  await events.updateOne({ _id: new Types.ObjectId(edited) }, change);
  await events.deleteOne({ _id: new Types.ObjectId(deleted) });
  await expect.poll(() => readTitles(world)).toEqual(['Blues']);
  expect(await readEvent(world, edited)).toMatchObject({ title: 'Blues', soldSeats: 1 });
  expect(await readEvent(world, deleted)).toMatchObject({ error: { code: 'NOT_FOUND' } });
});

it('the first booking of an idle event is written by three statements and a commit, without a read', async () => {
  const mongoUri = `${await lentDatabaseUri(t)}&monitorCommands=true`;
  const world = await liveWorld(t, { mongoUri });
  const eventId = await world.createEvent({ totalSeats: 10 });
  await expect.poll(() => readTitles(world)).toEqual(['Jazz']);
  const statements: string[] = [];
  const client = world.app.models.events.db.getClient();
  client.on('commandStarted', ({ commandName, command }) => {
    if (command['autocommit'] === false) statements.push(commandName);
  });
  const { outcome } = await world.app.engine.submit(eventId, bookCommand(userId(), 1));
  expect(outcome.ok).toBe(true);
  expect(statements).toEqual(['update', 'insert', 'insert', 'commitTransaction']);
});
