import { describe, expect, it } from 'vitest';
import { MIGRATIONS } from '#server/migrations/migrations.ts';
import { versionOf } from '#server/migrations/prepare-database.ts';
import { noDetails } from '#shared/events/details.ts';
import { SEARCH_TEXT_VERSION } from '#shared/text/search-text.ts';
import { testDatabaseUri, withDatabase } from '../support/database/test-database.ts';
import { handClock } from '../support/hand-clock.ts';
import type { Stored } from '../support/old-data/kept-data.ts';
import { fieldsOf, isKept, keepStored, readKept, readStored } from '../support/old-data/kept-data.ts';
import { serverOn } from '../support/old-data/old-server.ts';
import { addObsolete, asUnnumbered } from '../support/old-data/unnumbered.ts';
import { readEverything, useEverything } from '../support/old-data/use-everything.ts';
import { writeEverything } from '../support/old-data/write-everything.ts';

const VERSION = versionOf(MIGRATIONS);
/** Each test stores or reads everything, on a machine that may be busy. */
const TIMEOUT_MS = 180_000;

/** The fields that a document may lack, with what they mean then. */
const DEFAULTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  events: {
    description: '',
    endsAt: null,
    salesOpenAt: null,
    salesCloseAt: null,
    maxSeatsPerUser: null,
    waitingCount: 0,
    holdsUntil: null,
    image: null,
    cancelReason: null,
    movedAt: null,
    moves: [],
    ...noDetails(),
    categoryKey: null,
    cityKey: null,
    organiserKey: null,
    tagKeys: [],
    createdBy: null,
    requestId: null,
    requestDigest: null,
  },
  bookings: {
    source: 'direct',
    holdExpiresAt: null,
    settling: false,
    payment: null,
    ended: null,
    checkedInSeats: 0,
    requestId: null,
    requested: null,
  },
  waitlist: { bookingId: null, offerExpiresAt: null, requests: [] },
  payments: {
    reference: null,
    url: null,
    cancellingSince: null,
    processing: false,
    declined: false,
    declinedAt: null,
    extended: false,
    charge: null,
    paid: null,
    paidAt: null,
    bought: false,
    mismatch: false,
    lookAt: null,
  },
  receipts: { cancels: null, cause: null, seller: null, note: null, tax: null, taxRate: null },
  jobs: { holder: null, lockedUntil: null, progress: null, lastError: null, doneAt: null },
  users: { passwordHash: null, verified: false, locale: 'en', role: 'user' },
  sessions: { ended: null },
  signInCodes: { request: null },
};

/** The documents without the fields that hold their defaults; also without those that few documents have at all. */
function withoutDefaults(stored: readonly Stored[]): Stored[] {
  return stored.map(({ collection, doc }) => {
    const defaults = DEFAULTS[collection] ?? {};
    const fields = Object.entries(doc).filter(
      ([name, value]) => !(name in defaults) || JSON.stringify(value) !== JSON.stringify(defaults[name]),
    );
    return { collection, doc: Object.fromEntries(fields) };
  });
}

describe('the kept data of a version', { timeout: TIMEOUT_MS }, () => {
  it('have the fields that this version writes', async (t) => {
    const mongoUri = testDatabaseUri();
    await writeEverything(t, mongoUri);
    const written = await withDatabase(mongoUri, readStored);
    if (!isKept(VERSION)) {
      await keepStored(VERSION, written, new Date());
      expect.fail(`The data of version ${VERSION} were kept just now: look at them, and commit them`);
    }
    const why =
      'a stored field needs a new version; before its release, delete the kept data to have them written anew';
    expect(fieldsOf(written), why).toEqual(fieldsOf(await readKept(VERSION)));
  });

  const earlier = MIGRATIONS.map(({ version }) => version).filter((version) => version < VERSION);
  it.for(earlier)('of number %i are read and used by this one', async (version, t) => {
    const server = await serverOn(t, await readKept(version));
    await readEverything(server);
    await useEverything(server);
  });

  it('without a number are read and used by this one, which searches them, and drops what is obsolete', async (t) => {
    const mongoUri = testDatabaseUri();
    await withDatabase(mongoUri, addObsolete);
    const server = await serverOn(t, asUnnumbered(await readKept(1)), { mongoUri });
    await readEverything(server);
    await useEverything(server);
    await withDatabase(mongoUri, async (database) => {
      const indexesOf = async (name: string) =>
        (await database.collection(name).listIndexes().toArray()).map((i) => i['name'] as string);
      expect(await indexesOf('events')).not.toContain('status_1_startsAt_1__id_1');
      expect(await indexesOf('events')).not.toContain('startsAt_1__id_1');
      expect(await indexesOf('bookings')).not.toContain('eventId_1__id_-1');
      expect(await indexesOf('jobs')).not.toContain('state_1_nextAt_1');
      expect(await database.listCollections({ name: 'userSeats' }).toArray()).toEqual([]);
      const outdated = { searchTextVersion: { $ne: SEARCH_TEXT_VERSION } };
      expect(await database.collection('events').countDocuments(outdated)).toBe(0);
      expect(await database.collection('meta').findOne({})).toMatchObject({ version: VERSION });
    });
  });
});

describe('documents that lack fields which were added later', { timeout: TIMEOUT_MS }, () => {
  it('are answered as documents are that hold the defaults of these fields, and every command takes both', async (t) => {
    const now = new Date();
    const stored = await readKept(VERSION, now);
    const clock = handClock({ standsAt: now.toISOString() });
    const whole = await serverOn(t, stored, { clock });
    const expected = await readEverything(whole);
    const lacking = await serverOn(t, withoutDefaults(stored), { clock });
    expect(await readEverything(lacking)).toEqual(expected);
    await useEverything(lacking);
    await useEverything(whole);
  });
});
