import type { EventDoc } from '#server/models/event.ts';
import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { pushes } from '#shared/protocol/pushes.ts';
import { bookCommand, engineWorld, userId } from '../../test/support/engine-world.ts';
import { databaseOf } from '../../test/support/database/test-database.ts';
import { interruptFeed, watchOpenings } from '../../test/support/database/feed-faults.ts';
import type { LiveWorld } from '../../test/support/live-world.ts';
import { ask, liveWorld } from '../../test/support/live-world.ts';
import type { Client } from '../../test/support/test-app.ts';
import { pushed, pushesOf } from '../../test/support/test-app.ts';
import { connectMongo } from '#server/mongo/connect.ts';
import { ofOneType } from '../../test/support/database/of-one-type.ts';

const t = { onTestFinished };
/** The time within which an edit by another program must reach every client. */
const OUTSIDE_WITHIN_MS = 1_000;
/** For edits by another program, after which counters and ledger disagree. */
const SPOILS = { expectsAgreement: false };

async function connectEveryone(world: LiveWorld) {
  const [alice, admin] = [await world.person(), await world.person('admin')];
  const visitor = await world.welcomed('/public');
  return { alice, visitor, member: await world.signedIn(alice.token), organiser: await world.signedIn(admin.token) };
}

async function book(world: LiveWorld, eventId: string, userId: string, seats = 1) {
  const { outcome } = await world.app.engine.submit(eventId, bookCommand(userId, seats));
  if (!outcome.ok) throw new Error(outcome.error.message);
}

/** The collection of events on a separate connection, which plays another program or a console. */
async function outsideEvents(world: LiveWorld) {
  const connection = await connectMongo(world.mongoUri);
  onTestFinished(() => connection.close());
  return databaseOf(connection).collection('events');
}

/** Barrier: a reply on the same connection arrives after any push that was sent before. */
async function replied(...clients: Client[]): Promise<void> {
  for (const client of clients) expect(await ask(client, 'clock', {})).toMatchObject({ ok: true });
}

const seatsPushed = (client: Client, eventId: string, availableSeats: number) =>
  pushed(client, 'availabilityChanged', ({ changes }) =>
    changes.some((change) => change.eventId === eventId && change.availableSeats === availableSeats),
  );

describe('a booking', () => {
  it('moves the seats on every screen of both namespaces, and is pushed to each connection of its buyer only', async () => {
    const world = await liveWorld(t);
    const eventId = await world.createEvent({ totalSeats: 10 });
    const { alice, visitor, member, organiser } = await connectEveryone(world);
    const second = await world.signedIn(alice.token);
    const seen = Promise.all([visitor, member, organiser].map((client) => seatsPushed(client, eventId, 8)));
    const shown = Promise.all([member, second].map((client) => pushed(client, 'bookingChanged')));
    const others = [visitor, organiser].map((client) => pushesOf(client, 'bookingChanged'));
    await book(world, eventId, alice.userId, 2);
    for (const payload of await seen) {
      const { changes } = pushes.availabilityChanged.parse(payload);
      expect(changes).toMatchObject([{ eventId, version: 2, totalSeats: 10, availableSeats: 8, soldSeats: 2 }]);
    }
    const [first, again] = await shown;
    expect(pushes.bookingChanged.parse(first)).toMatchObject({
      eventId,
      seats: 2,
      status: 'confirmed',
      event: { title: 'Jazz' },
    });
    expect(again).toEqual(first);
    await replied(visitor, organiser);
    expect(others).toEqual([[], []]);
  });

  it('through another server process on the same database reaches the screens of this process', async () => {
    const world = await liveWorld(t);
    const eventId = await world.createEvent();
    const visitor = await world.welcomed('/public');
    const other = await engineWorld(t, { mongoUri: world.mongoUri });
    const seen = seatsPushed(visitor, eventId, 7);
    await other.engine.submit(eventId, bookCommand(userId(), 3));
    expect((await seen).changes).toHaveLength(1);
  });

  it('causes no read of the event by the feed, however many bookings there are', async () => {
    const world = await liveWorld(t, SPOILS);
    const eventId = await world.createEvent({ totalSeats: 200, maxSeatsPerBooking: 1 });
    const visitor = await world.welcomed('/public');
    const frames = pushesOf(visitor, 'availabilityChanged');
    const reads = countReads(world);
    const seen = seatsPushed(visitor, eventId, 0);
    await Promise.all(Array.from({ length: 200 }, () => book(world, eventId, userId())));
    await seen;
    expect(reads()).toBe(0);
    expect(frames.length).toBeLessThan(60);
    const outside = seatsPushed(visitor, eventId, 5);
    const change = ofOneType({ $inc: { availableSeats: 5, soldSeats: -5 } });
    await (await outsideEvents(world)).updateOne({ _id: new Types.ObjectId(eventId) }, change);
    await outside;
    expect(reads()).toBe(1);
  });
});

describe('an event', () => {
  it('is pushed to everyone when it is created, edited, published or withdrawn, and to admins only while it is a draft', async () => {
    const world = await liveWorld(t);
    const { visitor, organiser } = await connectEveryone(world);
    const seen: Record<string, string[]> = { visitor: [], organiser: [] };
    visitor.on('eventChanged', ({ title, status }) => seen.visitor?.push(`${title} ${status}`));
    organiser.on('eventChanged', ({ title, status }) => seen.organiser?.push(`${title} ${status}`));
    const seats: string[] = [];
    visitor.on('availabilityChanged', ({ changes }) => seats.push(...changes.map(({ eventId }) => eventId)));
    const eventId = await world.createEvent({ status: 'draft' });
    const edit = async (revision: number, changes: object) => {
      const edited = await world.app.eventEditing.update({ eventId, revision, changes }, userId());
      if (!edited.ok) throw new Error(JSON.stringify(edited.error));
      await expect.poll(() => seen.organiser?.length).toBe(revision + 1);
    };
    await edit(1, { title: 'Still a draft' });
    await replied(visitor);
    expect([seen.visitor, seats]).toEqual([[], []]);
    await edit(2, { status: 'published' });
    await edit(3, { title: 'Renamed' });
    await edit(4, { status: 'draft' });
    await edit(5, { title: 'Hidden again' });
    const last = pushed(visitor, 'eventChanged', ({ title }) => title === 'The last one');
    await world.createEvent({ title: 'The last one' });
    await last;
    expect(seen.visitor).toEqual([
      'Still a draft published',
      'Renamed published',
      'Renamed draft',
      'The last one published',
    ]);
  });

  it('published before this server started is withdrawn from every screen', async () => {
    const world = await liveWorld(t);
    const eventId = await world.createEvent();
    const fresh = await liveWorld(t, { mongoUri: world.mongoUri });
    const visitor = await fresh.welcomed('/public');
    const withdrawn = pushed(visitor, 'eventChanged');
    await world.app.eventEditing.update({ eventId, revision: 1, changes: { status: 'draft' } }, userId());
    expect(pushes.eventChanged.parse(await withdrawn)).toMatchObject({ id: eventId, status: 'draft' });
  });
});

describe('an edit by another program', () => {
  it.each([
    ['the counters, with the version they have', { $inc: { availableSeats: -4, heldSeats: 4 } }, { version: 1 }],
    ['the counters and the version', { $inc: { availableSeats: -4, soldSeats: 4, version: 1 } }, { version: 2 }],
  ])('of %s is on every screen within a second', async (_edited, update, expected) => {
    const world = await liveWorld(t, SPOILS);
    const eventId = await world.createEvent({ totalSeats: 10 });
    const { visitor, member } = await connectEveryone(world);
    const events = await outsideEvents(world);
    const seen = Promise.all([visitor, member].map((client) => seatsPushed(client, eventId, 6)));
    const beganMs = performance.now();
    await events.updateOne({ _id: new Types.ObjectId(eventId) }, ofOneType(update));
    for (const { changes } of await seen) expect(changes).toMatchObject([{ ...expected, availableSeats: 6 }]);
    expect(performance.now() - beganMs).toBeLessThan(OUTSIDE_WITHIN_MS);
  });

  it('of the text is pushed as an event, also when it replaces the whole document', async () => {
    const world = await liveWorld(t, SPOILS);
    const eventId = await world.createEvent();
    const visitor = await world.welcomed('/public');
    const events = await outsideEvents(world);
    const _id = new Types.ObjectId(eventId);
    const beganMs = performance.now();
    const renamed = pushed(visitor, 'eventChanged', ({ title }) => title === 'By hand');
    await events.updateOne({ _id }, { $set: { title: 'By hand' } });
    await renamed;
    expect(performance.now() - beganMs).toBeLessThan(OUTSIDE_WITHIN_MS);
    const replaced = pushed(visitor, 'eventChanged', ({ venue }) => venue === 'Elsewhere');
    const recounted = seatsPushed(visitor, eventId, 3);
    const { ticketTypes, ...doc } = (await events.findOne({ _id })) as unknown as EventDoc;
    const sold = { availableSeats: 3, soldSeats: 7, ticketTypes: ticketTypes.map((type) => ({ ...type, sold: 7 })) };
    await events.replaceOne({ _id }, { ...doc, ...sold, venue: 'Elsewhere' });
    await Promise.all([replaced, recounted]);
  });

  it('that breaks the schema of a document does not stop the feed', async () => {
    const errors: string[] = [];
    const log = { write: (line: string) => void (isError(line) && errors.push(line)) };
    const world = await liveWorld(t, { ...SPOILS, log });
    const eventId = await world.createEvent({ totalSeats: 10 });
    const visitor = await world.welcomed('/public');
    const events = await outsideEvents(world);
    await events.updateOne({ _id: new Types.ObjectId(eventId) }, { $set: { startsAt: 'soon' } });
    await world.app.feedDatabase.collection('ledger').insertOne({ note: randomUUID() });
    const healthy = await world.createEvent({ title: 'Healthy', totalSeats: 10 });
    const seen = seatsPushed(visitor, healthy, 9);
    await book(world, healthy, userId());
    await seen;
    expect(errors).toHaveLength(2);
    expect(world.app.live.feed.counts).toEqual({ reopened: 0, gaps: 0 });
  });
});

describe('[F10] after changes were lost', () => {
  it('every screen gets the state that it missed: seats, edits, bookings, and the end of sessions', async () => {
    const world = await liveWorld(t, SPOILS);
    const [sold, edited, quiet] = [await world.createEvent(), await world.createEvent(), await world.createEvent()];
    const { alice, visitor, member, organiser } = await connectEveryone(world);
    const leaving = await world.person();
    const left = await world.signedIn(leaving.token);
    const { openings, way } = watchOpenings(world.app.feedDatabase);
    way.down = true;
    await interruptFeed(world.mongoUri, world.app.live.feed);
    await expect.poll(() => world.app.live.feed.live).toBe(false);
    const events = pushesOf(visitor, 'eventChanged');
    const missed = Promise.all([
      seatsPushed(visitor, sold, 7),
      seatsPushed(organiser, edited, 4),
      pushed(visitor, 'eventChanged', ({ id, title }) => id === edited && title === 'By hand'),
      pushed(member, 'bookingChanged', ({ eventId }) => eventId === sold),
      pushed(left, 'sessionEnded'),
    ]);
    await book(world, sold, alice.userId, 3);
    const change = ofOneType({ $set: { title: 'By hand' }, $inc: { availableSeats: -6, heldSeats: 6 } });
    await (await outsideEvents(world)).updateOne({ _id: new Types.ObjectId(edited) }, change);
    await world.app.sessions.end(leaving.session._id, 'logged_out');
    Object.assign(way, { down: false, aged: true });
    await missed;
    await expect.poll(() => world.app.live.feed.live).toBe(true);
    expect(openings).toEqual(['resumed', 'anew']);
    const after = seatsPushed(visitor, quiet, 9);
    await book(world, quiet, alice.userId);
    await after;
    expect(events.map(({ id }) => id)).toEqual([edited]);
  });
});

/** Whether a line of the log is an error (pino's level 50). */
function isError(line: string): boolean {
  return (JSON.parse(line) as { level: number }).level >= 50;
}

/** Counts the reads of single events, the only reads that event pushes make. */
function countReads(world: LiveWorld): () => number {
  const read = vi.spyOn(world.app.models.events.collection, 'findOne');
  return () => read.mock.calls.length;
}
