import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io } from 'socket.io-client';
import type { TestContext } from 'vitest';
import { expect, it } from 'vitest';
import { testDatabaseUri, withDatabase } from '../support/database/test-database.ts';
import { NEXT_VERSION } from '../support/old-data/next-version.ts';
import { programEnv } from '../support/program-env.ts';
import type { Client, Person } from '../support/test-app.ts';
import { book, commandsOf, connected, eventInput, pushed, testApp } from '../support/test-app.ts';

const NEWER = join(import.meta.dirname, 'newer-server.fixture.ts');

/** Starts a server of the next version in a process of its own; resolves with its address and the way to end it. */
async function newerServer(mongoUri: string) {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', NEWER, mongoUri], {
    cwd: tmpdir(),
    env: programEnv({}),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [line] = (await Promise.race([once(child.stdout, 'data'), ended])) as [unknown];
  if (child.exitCode !== null) expect.fail('The newer server ended before it was ready');
  return {
    url: String(line).trim(),
    async end(): Promise<void> {
      child.stdin.end();
      await ended;
    },
  };
}

/** The same person's connection to another server. */
async function atServer(t: Pick<TestContext, 'onTestFinished'>, url: string, { token, user }: Person): Promise<Person> {
  const options = { transports: ['websocket'], forceNew: true, autoConnect: false, auth: { token } };
  const socket: Client = await connected(io(`${url}/booking`, options));
  t.onTestFinished(async () => void socket.disconnect());
  return { token, user, socket, ...commandsOf(socket) };
}

it('servers of two neighbouring versions sell together, before, beside and after each other', async (t) => {
  const mongoUri = testDatabaseUri();
  const old = await testApp(t, { mongoUri, env: { RATE_LIMITS: 'off' } });
  const [admin, alice, bob] = [await old.admin(), await old.register('alice'), await old.register('bob')];
  const { id: eventId } = await admin.must('createEvent', eventInput({ totalSeats: 12 }));
  const first = await book(alice, eventId, 2);

  const newer = await newerServer(mongoUri);
  const seen = (person: Person, sold: number) =>
    pushed(person.socket, 'availabilityChanged', ({ changes }) => changes.some(({ soldSeats }) => soldSeats === sold));
  const [bobThere, aliceThere] = [await atServer(t, newer.url, bob), await atServer(t, newer.url, alice)];

  // Each server shows what the other sells, and changes what the other has sold.
  const seenHere = seen(alice, 5);
  const second = await book(bobThere, eventId, 3);
  await seenHere;
  const seenThere = seen(bobThere, 9);
  const third = await book(alice, eventId, 4);
  await seenThere;
  await bob.must('cancelBooking', { bookingId: second.id, seats: 1 });
  await aliceThere.must('cancelBooking', { bookingId: first.id });
  const ids = (await aliceThere.must('listBookings', { status: 'confirmed' })).bookings.map(({ id }) => id);
  expect(ids).toEqual([third.id]);
  const edited = pushed(bobThere.socket, 'eventChanged', ({ venue }) => venue === 'Stadthalle');
  await admin.must('updateEvent', { eventId, revision: 1, changes: { venue: 'Stadthalle' } });
  await edited;

  // A server of this version starts again on the newer database, and goes on after the newer one was taken back.
  const again = await testApp(t, { mongoUri, env: { RATE_LIMITS: 'off' } });
  const bobAgain = await atServer(t, again.url, bob);
  await newer.end();
  const crowd = [alice, bob, bobAgain, alice, bob, bobAgain, alice, bob, bobAgain];
  const replies = await Promise.all(
    crowd.map(({ send }) => send('book', { requestId: randomUUID(), eventId, seats: 1 })),
  );
  expect(replies.filter((reply) => reply.ok)).toHaveLength(6);
  expect(await bob.must('getEvent', { eventId })).toMatchObject({ availableSeats: 0, soldSeats: 12 });
  await withDatabase(mongoUri, async (database) => {
    expect(await database.collection('meta').findOne({})).toMatchObject({ version: NEXT_VERSION });
    // What the older servers wrote lacks the new field; what they changed keeps it.
    const bookings = database.collection('bookings');
    expect(await bookings.findOne({ code: first.code })).toMatchObject({ rows: 2, status: 'cancelled' });
    expect(await bookings.countDocuments({ rows: { $exists: false } })).toBe(8);
  });
});
