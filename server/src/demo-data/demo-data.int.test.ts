import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { handClock, NOON } from '../../test/support/hand-clock.ts';
import { quiet } from '../../test/support/quiet.ts';
import { tempFolder } from '../../test/support/temp-folder.ts';
import { testApp } from '../../test/support/test-app.ts';
import { expectAgreement as agree } from '../../test/support/database/agreement.ts';
import { databaseOf, testDatabaseUri } from '../../test/support/database/test-database.ts';
import type { App } from '#server/app/app.ts';
import { NOTIFY_MOVED } from '#server/booking/rules/notify.ts';
import { readConfig } from '#server/config.ts';
import { readFacts } from '#server/process/database-facts.ts';
import { unwrap } from '#shared/protocol/errors.ts';
import { prepareDemoData } from './demo-data.ts';
import { SAMPLES } from './demo-samples.ts';

const DAY_MS = 86_400_000;
const SOLD = SAMPLES.reduce((sum, sample) => sum + (sample.sold ?? 0), 0);

type Settings = Parameters<typeof readConfig>[0];

/** A database and a data folder for several starts of a server. */
async function demoWorld(t: TestContext, settings: Settings = {}) {
  const dataDir = await tempFolder(t, 'demo');
  const clock = handClock({ standsAt: NOON });
  const mongoUri = testDatabaseUri();

  /** Starts a server, calls `look` with the server and its terminal lines, and closes the server. */
  async function start<T>(
    look: (app: App, messages: string[]) => Promise<T>,
    { embedded = true, more = {} }: { embedded?: boolean; more?: Settings } = {},
  ): Promise<T> {
    const env = { DATA_DIR: dataDir, ...settings, ...more };
    const { app, close } = await testApp(t, { mongoUri, clock, env, expectsAgreement: false });
    const config = readConfig(env);
    try {
      return await look(app, await prepareDemoData({ ...app, config, embedded, now: clock.now, log: quiet }));
    } finally {
      await close();
    }
  }

  return { start, clock, adminFile: join(dataDir, 'admin.txt') };
}

async function snapshot({ models }: App) {
  const events = await models.events.find().sort({ requestId: 1 }).lean();
  return {
    events,
    titles: events.map((event) => event.title),
    bookings: await models.bookings.countDocuments(),
    users: await models.users.countDocuments(),
    sold: events.reduce((sum, event) => sum + event.soldSeats, 0),
  };
}

/** Registers a person; resolves with the id of the account. */
async function register({ accounts }: App): Promise<string> {
  const person = { name: 'Alice', email: 'alice@example.org', password: 'correct horse' };
  return unwrap(
    await accounts.register(person, { locale: 'en', device: '', address: '127.0.0.1' }),
  ).user._id.toHexString();
}

function eventTitled({ models }: App, title: RegExp) {
  return models.events.findOne({ title }).orFail().lean();
}

/** Finds a sample event by its title. */
async function sampleOf(app: App, title: RegExp) {
  const { _id, revision, createdBy } = await eventTitled(app, title);
  return { eventId: _id.toHexString(), revision, actor: createdBy!.toHexString() };
}

/** Expects that counters, bookings and ledger of every event agree. */
function expectAgreement({ models }: App): Promise<void> {
  return agree(databaseOf(models.events.db));
}

describe('DEMO_DATA=auto', () => {
  it('fills an empty embedded database with every sample, and sells seats through the engine', async (t) => {
    const { start, clock } = await demoWorld(t);
    await start(async (app) => {
      const { events, titles, sold } = await snapshot(app);
      expect(titles.toSorted()).toEqual(SAMPLES.map((sample) => sample.event.title).toSorted());
      expect(sold).toBe(SOLD);
      await expectAgreement(app);
      const titled = (title: string) => events.find((event) => event.title.startsWith(title));
      expect(titled('Stand-up')).toMatchObject({ availableSeats: 0, status: 'published', waitingCount: 3 });
      expect(titled('Open Mic')).toMatchObject({ availableSeats: 3 });
      expect(titled('Winter Lantern')).toMatchObject({ status: 'cancelled', cancelReason: expect.any(String) });
      expect(titled('Sommernachtsball')).toMatchObject({ status: 'draft' });
      expect(titled('Aurora')?.salesOpenAt).toEqual(new Date(clock.now().getTime() + 180_000));
    });
  });

  it('prints the admin’s password once and keeps it in a file that only its owner can read', async (t) => {
    const { start, adminFile } = await demoWorld(t);
    const first = await start(async ({ http }, messages) => {
      const [email = '', password = ''] = (await readFile(adminFile, 'utf8')).split('\n');
      expect((await stat(adminFile)).mode & 0o777).toBe(0o600);
      expect(messages).toEqual([expect.stringContaining(password)]);
      const login = await http.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password } });
      expect(login.json().user).toMatchObject({ role: 'admin', email });
      return password;
    });
    await start(async (_app, messages) => {
      expect(messages).toEqual([expect.stringContaining(adminFile)]);
      expect(messages.join()).not.toContain(first);
      expect(await readFile(adminFile, 'utf8')).toContain(first);
    });
  });

  it('moves the samples to new dates at each start, also a week later, and sells nothing twice', async (t) => {
    const { start, clock } = await demoWorld(t);
    const before = await start(snapshot);
    clock.pass(7 * DAY_MS);
    const after = await start(async (app) => {
      await expectAgreement(app);
      return snapshot(app);
    });
    const kept = after.events.filter((event) => event.status !== 'cancelled');
    for (const event of kept) {
      const earlier = before.events.find(({ _id }) => _id.equals(event._id));
      expect([event.title, event.startsAt.getTime() - earlier!.startsAt.getTime()]).toEqual([event.title, 7 * DAY_MS]);
      expect(event.endsAt!.getTime()).toBeGreaterThan(clock.now().getTime());
    }
    expect([after.sold, after.bookings, after.users]).toEqual([before.sold, before.bookings, before.users]);
    const waiting = ({ events }: typeof after) => events.map(({ title, waitingCount }) => [title, waitingCount]);
    expect(waiting(after).filter(([, count]) => count)).toEqual([['Stand-up im Keller', 3]]);
    const cancelled = after.events.filter((event) => event.status === 'cancelled');
    expect(cancelled.map((event) => event.startsAt > clock.now())).toEqual([false, true]);
  });

  it('changes on the same day only the sale that opens in three minutes', async (t) => {
    const { start, clock } = await demoWorld(t);
    const before = await start(snapshot);
    clock.pass(600_000);
    const after = await start(snapshot);
    const changed = after.events.filter((event, index) => event.revision !== before.events[index]?.revision);
    expect(changed.map((event) => event.title)).toEqual([expect.stringContaining('Aurora')]);
    expect(changed[0]?.salesOpenAt).toEqual(new Date(clock.now().getTime() + 180_000));
    expect(changed[0]?.movedAt).toBeNull();
  });

  it('continues after an interrupted start', async (t) => {
    const { start } = await demoWorld(t);
    await start(async ({ models }) => {
      // The state after a kill during the first start: some samples are missing, and one has no sales yet.
      await models.events.deleteMany({ title: /^(Jazz|Open Mic|Winter)/ });
      await models.bookings.deleteMany({});
      await models.ledger.deleteMany({});
      await models.waitlist.deleteMany({});
      const ticketTypes = { $map: { input: '$ticketTypes', in: { $mergeObjects: ['$$this', { sold: 0 }] } } };
      const counters = { soldSeats: 0, availableSeats: '$totalSeats', version: 1, waitingCount: 0 };
      const free = [{ $set: { ...counters, ticketTypes } }];
      await models.events.updateMany({}, free, { updatePipeline: true });
    });
    await start(async (app) => {
      const { titles, sold } = await snapshot(app);
      expect(titles.length).toBe(SAMPLES.length);
      expect(sold).toBe(SOLD);
    });
  });

  it('does not change a database that has events or accounts, or is not embedded', async (t) => {
    const outside = await demoWorld(t);
    await outside.start(async (app, messages) => expect([(await snapshot(app)).users, messages]).toEqual([0, []]), {
      embedded: false,
    });
    const used = await demoWorld(t, { DEMO_DATA: 'off' });
    await used.start(register);
    await used.start(async (app, messages) => expect([(await snapshot(app)).events, messages]).toEqual([[], []]), {
      more: { DEMO_DATA: 'auto' },
    });
  });

  it('uses the admin of ADMIN_EMAIL, and writes no password to a file', async (t) => {
    const { start, adminFile } = await demoWorld(t, {
      ADMIN_EMAIL: 'Boss@example.org',
      ADMIN_PASSWORD: 'a good password',
    });
    await start(async (app, messages) => {
      const { titles } = await snapshot(app);
      expect([titles.length, messages]).toEqual([SAMPLES.length, []]);
      expect(await app.models.users.countDocuments({ role: 'admin' })).toBe(1);
      await expect(stat(adminFile)).rejects.toThrow('ENOENT');
    });
  });

  it('leaves a sample alone from an organiser’s first edit on, whatever it changed', async (t) => {
    const { start, clock } = await demoWorld(t);
    const before = await start(async (app) => {
      const jazz = await sampleOf(app, /^Jazz/);
      const { eventId, revision, actor } = jazz;
      const edited = await app.eventEditing.update({ eventId, revision, changes: { title: 'Ours now' } }, actor);
      expect(edited).toMatchObject({ ok: true });
      expect(edited.ok && edited.data.sample).toBeUndefined();
      return snapshot(app);
    });
    clock.pass(DAY_MS);
    const after = await start(snapshot);
    const ours = ({ events }: typeof after) => events.find(({ title }) => title === 'Ours now');
    expect(ours(after)).toEqual(ours(before));
    expect(after.events.filter(({ sample }) => sample).length).toBe(before.events.length - 1);
  });

  it.for(['book its seats', 'join its waiting list'])(
    'keeps the dates of a sample, without notifications, after people %s',
    async (act, t) => {
      const { start, clock } = await demoWorld(t);
      const title = act.startsWith('book') ? /^Jazz/ : /^Stand-up/;
      const before = await start(async (app) => {
        const { eventId } = await sampleOf(app, title);
        const buyer = await register(app);
        const input = { eventId, requestId: randomUUID(), seats: 1 };
        const done = act.startsWith('book')
          ? await app.bookings.book(input, buyer)
          : await app.waitlist.join(input, buyer);
        expect(done).toMatchObject({ ok: true });
        return eventTitled(app, title);
      });
      clock.pass(DAY_MS);
      await start(async (app) => {
        const { startsAt, revision } = before;
        expect(await eventTitled(app, title)).toMatchObject({ startsAt, revision, sample: true });
        expect(await eventTitled(app, /^Poetry/)).toMatchObject({ revision: 2 });
        expect(await app.models.jobs.countDocuments({ kind: NOTIFY_MOVED })).toBe(0);
      });
    },
  );

  it('creates a booked sample again once it is over, but never one that an organiser has edited', async (t) => {
    const { start, clock } = await demoWorld(t);
    await start(async (app) => {
      const { eventId, revision, actor } = await sampleOf(app, /^Open Mic/);
      await app.eventEditing.update({ eventId, revision, changes: { venue: 'Pier 9, Hamburg' } }, actor);
      const { eventId: booked } = await sampleOf(app, /^Jazz/);
      const buyer = await register(app);
      for (let seats = 1; seats <= 2; seats += 1)
        await app.bookings.book({ eventId: booked, requestId: randomUUID(), seats }, buyer);
    });
    for (let week = 1; week <= 2; week += 1) {
      clock.pass(7 * DAY_MS);
      await start(async (app) => {
        const { events } = await snapshot(app);
        const titled = (title: string) => events.filter((event) => event.title.startsWith(title));
        expect(titled('Open Mic')).toMatchObject([{ venue: 'Pier 9, Hamburg', revision: 2 }]);
        const coming = titled('Jazz').filter(({ startsAt }) => startsAt > clock.now());
        expect([titled('Jazz').length, coming.length]).toEqual([2, 1]);
        expect(coming[0]).toMatchObject({ sample: true, soldSeats: 82 });
        await expectAgreement(app);
      });
    }
  });

  it('marks the samples that an earlier version has stored, but none that was edited', async (t) => {
    const { start, clock } = await demoWorld(t);
    await start(async ({ models: { events, meta } }) => {
      await meta.deleteMany();
      // The earlier version had no samples with several ticket types.
      await events.deleteMany({ 'ticketTypes.1': { $exists: true } });
      await events.updateMany({}, { $unset: { sample: '' } });
      await events.updateOne({ title: /^Poetry/ }, { $set: { venue: 'The Other Room, Brooklyn' } });
      await events.updateOne({ title: /^Tokyo/ }, { $inc: { totalSeats: 1, availableSeats: 1 } });
      const dayLater = { startsAt: { $add: ['$startsAt', DAY_MS] }, endsAt: { $add: ['$endsAt', DAY_MS] } };
      await events.updateOne({ title: /^Kammer/ }, [{ $set: dayLater }], { updatePipeline: true });
    });
    clock.pass(DAY_MS);
    await start(async (app) => {
      const { events } = await snapshot(app);
      const edited = events.filter(({ sample }) => !sample);
      expect(edited.map(({ title }) => title.split(' ')[0]).toSorted()).toEqual(['Kammermusik', 'Poetry', 'Tokyo']);
      expect(edited.map(({ revision }) => revision)).toEqual([1, 1, 1]);
      expect(events.find(({ title }) => title.startsWith('Jazz'))?.revision).toBe(2);
    });
  });
});

describe('DEMO_DATA in production', () => {
  const production = { NODE_ENV: 'production', JWT_SECRET: 'a-secret-of-more-than-thirty-two-characters' };

  it('fills no database without being set', async (t) => {
    const { start, adminFile } = await demoWorld(t, production);
    const { titles, users } = await start(snapshot);
    expect([titles, users]).toEqual([[], 0]);
    await expect(stat(adminFile)).rejects.toThrow('ENOENT');
  });

  it('leaves stored samples as they are without being set; the start counts those that everybody sees', async (t) => {
    const { start, clock } = await demoWorld(t);
    const before = await start(snapshot);
    clock.pass(DAY_MS);
    expect(await start(snapshot, { more: production })).toEqual(before);
    const published = before.events.filter(({ status }) => status === 'published').length;
    const facts = await start(({ models }) => readFacts(databaseOf(models.events.db)), { more: production });
    expect(published).toBeGreaterThan(3);
    expect(facts.samples).toBe(published);
  });

  it('never prints the admin’s password, only where it is kept', async (t) => {
    const { start, adminFile } = await demoWorld(t, { ...production, DEMO_DATA: 'on' });
    await start(async (_app, messages) => {
      const [, password = ''] = (await readFile(adminFile, 'utf8')).split('\n');
      expect(messages).toEqual([expect.stringContaining(adminFile)]);
      expect(messages.join()).not.toContain(password);
    });
  });
});

describe('DEMO_DATA=on and off', () => {
  it('fill any database, and no database', async (t) => {
    const { start } = await demoWorld(t);
    const none = await start(snapshot, { embedded: true, more: { DEMO_DATA: 'off' } });
    expect([none.titles, none.users]).toEqual([[], 0]);
    const all = await start(snapshot, { embedded: false, more: { DEMO_DATA: 'on' } });
    expect([all.titles.length, all.sold]).toEqual([SAMPLES.length, SOLD]);
  });
});
