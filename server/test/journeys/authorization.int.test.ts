import { randomUUID } from 'node:crypto';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import type { CommandName } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { ErrorCode, Result } from '#shared/protocol/errors.ts';
import type { Client, Person, TestApp } from '../support/test-app.ts';
import { connected, eventInput, testApp } from '../support/test-app.ts';
import { routesOf } from '../support/routes.ts';

const NAMES = Object.keys(commands) as CommandName[];

/** Open to everybody: reading the programme, coming in, and what proves itself by what it carries. All else asks for a session. */
const PUBLIC_ROUTES = [
  /^\/api\/(events|events\/:id|schema\.json|site)$/,
  /^\/api\/health\/(live|ready)$/,
  /^\/api\/auth\/(register|login|session|forgot|reset|verify)$/,
  // Signed by the provider, or by ourselves in the address.
  /^\/api\/(payments|webhooks|checkouts|demo)\//,
];
const ADMIN_ROUTES = [/^\/api\/events\/:id\/bookings\.csv$/, /^\/api\/(admin|refunds)\b/];
/** Somebody's own, named by its id. */
const OWNER_ROUTES = [/^\/api\/bookings\/:id\b/];

/** A word for each property that a command about a booking may ask for. */
const WORDS = { seats: 1, requestId: randomUUID(), amount: { amount: 1, currency: 'EUR' }, reason: 'Test' };

/** Alice with a booking, Mallory without, and somebody who was an admin until just now. */
async function scene(t: Pick<TestContext, 'onTestFinished'>) {
  const app = await testApp(t);
  const [admin, alice, mallory, former] = [
    await app.admin(),
    ...(await Promise.all(['alice', 'mallory', 'former'].map((name) => app.register(name)))),
  ] as [Person, Person, Person, Person];
  const event = await admin.must('createEvent', eventInput());
  const booking = await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await admin.must('setRole', { email: former.user.email, role: 'admin' });
  const demoted = await demotedBehindItsBack(app, former);
  return { app, admin, alice, mallory, demoted, event, booking };
}

/** A connection that was an admin's when it was made. Nobody tells this server that it is not any more: its feed stands still. */
async function demotedBehindItsBack(app: TestApp, former: Person): Promise<Person> {
  const socket = await connected(app.open('/booking', former.token));
  expect(await ask(socket, 'eventStats', { eventId: 'f'.repeat(24) })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  await app.app.live.stop();
  await app.app.models.users.updateOne({ _id: former.user.id }, { $set: { role: 'user' } });
  return { ...former, socket };
}

function ask(socket: Client, name: CommandName, input: unknown): Promise<Result<unknown>> {
  const emit = socket.emit.bind(socket) as (...args: unknown[]) => void;
  return new Promise((resolve) => emit(name, input, resolve));
}

async function codesOf(socket: Client, names: readonly CommandName[], input: (name: CommandName) => unknown) {
  const codes: Partial<Record<CommandName, ErrorCode | 'ok'>> = {};
  for (const name of names) {
    const reply = await ask(socket, name, input(name));
    codes[name] = reply.ok ? 'ok' : reply.error.code;
  }
  return codes;
}

const allOf = (names: readonly CommandName[], code: ErrorCode) => Object.fromEntries(names.map((name) => [name, code]));
const withAccess = (access: string) => NAMES.filter((name) => commands[name].access === access);

/** The commands about a booking that is named, with that booking and what else they ask for. */
function aboutBooking(bookingId: string) {
  const shapes = NAMES.map((name) => [name, Object.keys(commands[name].input.shape)] as const);
  const about = shapes.filter(([, keys]) => keys.includes('bookingId'));
  const inputs = new Map(
    about.map(([name, keys]) => [
      name,
      { bookingId, ...Object.fromEntries(Object.entries(WORDS).filter(([key]) => keys.includes(key))) },
    ]),
  );
  return { names: about.map(([name]) => name), input: (name: CommandName) => inputs.get(name) };
}

describe('every command', () => {
  it('but the public ones is refused to a signed-out client, whatever the input', async (t) => {
    const app = await testApp(t);
    const signedOut = await connected(app.open('/public'));
    const closed = [...withAccess('user'), ...withAccess('admin')];
    expect(await codesOf(signedOut, closed, () => ({ role: 'admin' }))).toEqual(allOf(closed, 'UNAUTHENTICATED'));
    expect(withAccess('all')).toEqual(['clock', 'listEvents', 'getEvent']);
  });

  it('for organisers is refused to all others, and to a demoted organiser from the next command on', async (t) => {
    const { alice, mallory, demoted } = await scene(t);
    const names = withAccess('admin');
    for (const { socket } of [alice, mallory, demoted]) {
      expect(await codesOf(socket, names, () => ({}))).toEqual(allOf(names, 'FORBIDDEN'));
    }
  });

  it('about a booking answers NOT_FOUND for another account’s booking, and does not change it', async (t) => {
    const { alice, mallory, demoted, booking } = await scene(t);
    const { names, input } = aboutBooking(booking.id);
    const own = names.filter((name) => commands[name].access !== 'admin');
    expect(own).toEqual(expect.arrayContaining(['getBooking', 'cancelBooking', 'changeHold', 'confirmBooking']));
    for (const { socket } of [mallory, demoted]) {
      expect(await codesOf(socket, own, input)).toEqual(allOf(own, 'NOT_FOUND'));
    }
    expect(await alice.must('getBooking', { bookingId: booking.id })).toEqual(booking);
    expect((await mallory.must('listBookings', {})).bookings).toEqual([]);
    expect((await mallory.must('listWaitlist', {})).entries).toEqual([]);
  });
});

describe('every route', () => {
  it('of the API is refused to a signed-out client and to a forged token, unless it is public', async (t) => {
    const { app, event } = await scene(t);
    const closed = routesOf(app.app.http).filter(({ path }) => !PUBLIC_ROUTES.some((open) => open.test(path)));
    expect(closed.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/api/auth/me', '/api/events/:id/bookings.csv']),
    );
    for (const { method, path } of closed) {
      for (const headers of [{}, { authorization: `Bearer ${'x'.repeat(40)}` }]) {
        const reply = await app.app.http.inject({ method, url: path.replace(':id', event.id), headers, payload: {} });
        expect([method, path, reply.statusCode]).toEqual([method, path, 401]);
      }
    }
  });

  it('for organisers is refused to all others; one about a booking answers 404 for another account’s booking', async (t) => {
    const { app, mallory, demoted, event, booking } = await scene(t);
    const routes = routesOf(app.app.http);
    const rows = [
      ...routes
        .filter(({ path }) => ADMIN_ROUTES.some((one) => one.test(path)))
        .map((route) => ({ ...route, id: event.id, status: 403 })),
      ...routes
        .filter(({ path }) => OWNER_ROUTES.some((one) => one.test(path)))
        .map((route) => ({ ...route, id: booking.id, status: 404 })),
    ];
    expect(rows.map(({ path }) => path)).toContain('/api/events/:id/bookings.csv');
    for (const { token } of [mallory, demoted]) {
      for (const { method, path, id, status } of rows) {
        const headers = { authorization: `Bearer ${token}` };
        const reply = await app.app.http.inject({ method, url: path.replace(':id', id), headers, payload: {} });
        expect([path, reply.statusCode]).toEqual([path, status]);
      }
    }
  });
});

describe('a change of role', () => {
  it('reaches the account’s connections, and the organisers’ pushes begin and end with it', async (t) => {
    const app = await testApp(t);
    const [admin, bob] = [await app.admin(), await app.register('bob')];
    const heard: unknown[] = [];
    const { socket } = bob;
    socket.on('salesChanged', (push) => heard.push(push));
    const greeted = () =>
      new Promise<string | undefined>((resolve) => socket.once('welcome', ({ user }) => resolve(user?.role)));
    const sessionEnd = () =>
      new Promise<string>((resolve) => socket.once('sessionEnded', ({ reason }) => resolve(reason)));
    let [ended, back] = [sessionEnd(), greeted()];
    expect(await admin.must('setRole', { email: bob.user.email.toUpperCase(), role: 'admin' })).toEqual({
      ...bob.user,
      role: 'admin',
    });
    expect([await ended, await back]).toEqual(['role_changed', 'admin']);
    const { id: eventId } = await bob.must('createEvent', eventInput());
    await expect.poll(() => heard.length, { timeout: 15_000 }).toBeGreaterThan(0);
    [ended, back] = [sessionEnd(), greeted()];
    await admin.must('setRole', { email: bob.user.email, role: 'user' });
    expect([await ended, await back]).toEqual(['role_changed', 'user']);
    heard.length = 0;
    const last = new Promise((resolve) => admin.socket.once('salesChanged', resolve));
    await bob.must('book', { requestId: randomUUID(), eventId, seats: 1 });
    await last;
    expect(await bob.send('eventStats', { eventId })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(heard).toEqual([]);
  });

  it('is refused for an unknown account and for the last organiser', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const set = (email: string, role: string) => admin.send('setRole', { email, role } as never);
    expect(await set('nobody@example.org', 'admin')).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await set(admin.user.email, 'user')).toMatchObject({
      error: { code: 'INVALID_STATE', details: { lastAdmin: true } },
    });
    expect(await set(admin.user.email, 'owner')).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(await set('nobody', 'admin')).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  });
});
