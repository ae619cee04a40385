import { randomUUID } from 'node:crypto';
import { Types } from 'mongoose';
import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import type { CommandName } from '#shared/protocol/commands.ts';
import { commands } from '#shared/protocol/commands.ts';
import type { ErrorCode } from '#shared/protocol/errors.ts';
import type { Client, Person, TestApp } from '../support/test-app.ts';
import { ask } from '../support/live-world.ts';
import { codeOf } from '../support/outcomes.ts';
import { connected, eventInput, pushesOf, testApp, verifyAddress } from '../support/test-app.ts';
import { withRoutes } from '../support/routes.ts';

/** Who may send each command: everybody, signed-in users, organisers. The type requires every command of the table. */
const COMMANDS: Record<CommandName, 'all' | 'user' | 'admin'> = {
  clock: 'all',
  listEvents: 'all',
  getEvent: 'all',
  book: 'user',
  checkVoucher: 'user',
  changeHold: 'user',
  checkout: 'user',
  confirmBooking: 'user',
  getBooking: 'user',
  cancelBooking: 'user',
  acknowledgeMove: 'user',
  shareTicket: 'user',
  revokeTicket: 'user',
  listBookings: 'user',
  joinWaitlist: 'user',
  leaveWaitlist: 'user',
  listWaitlist: 'user',
  remindMe: 'user',
  forgetReminder: 'user',
  listReminders: 'user',
  refundBooking: 'admin',
  createEvent: 'admin',
  updateEvent: 'admin',
  cancelEvent: 'admin',
  createVouchers: 'admin',
  updateVoucher: 'admin',
  listVouchers: 'admin',
  listEventBookings: 'admin',
  eventStats: 'admin',
  checkIn: 'admin',
  setRole: 'admin',
  listPaymentTroubles: 'admin',
  retryPayment: 'admin',
  keepBooking: 'admin',
};
const NAMES = Object.keys(COMMANDS) as CommandName[];

/** Commands about a booking that are answered NOT_FOUND unless the owner of the booking sends them. */
const OWN_COMMANDS: CommandName[] = [
  'acknowledgeMove',
  'cancelBooking',
  'changeHold',
  'checkout',
  'confirmBooking',
  'getBooking',
  'revokeTicket',
  'shareTicket',
];

/**
 * Who may use each route: everybody, signed-in users, the owner of the booking in the address (`payer`: one that was paid),
 * organisers. `signed` routes require a signature: the payment provider's, or the server's own in the address.
 */
const ROUTES: Record<string, 'all' | 'user' | 'owner' | 'payer' | 'admin' | 'signed'> = {
  'GET /api/health/live': 'all',
  'GET /api/health/ready': 'all',
  'GET /api/site': 'all',
  'GET /api/schema.json': 'all',
  'GET /api/events': 'all',
  'GET /api/events/filters': 'all',
  'GET /api/events/:id': 'all',
  'GET /api/images/:name': 'all',
  'GET /api/events/:id/card.jpg': 'all',
  'POST /api/auth/register': 'all',
  'POST /api/auth/login': 'all',
  'POST /api/auth/provisional': 'all',
  'POST /api/auth/code': 'all',
  'POST /api/auth/code/verify': 'all',
  'POST /api/auth/passkeys/sign-in/options': 'all',
  'POST /api/auth/passkeys/sign-in': 'all',
  'GET /api/auth/session': 'all',
  'POST /api/auth/forgot': 'all',
  'POST /api/auth/reset': 'all',
  'POST /api/auth/verify': 'all',
  'GET /metrics': 'all',
  'GET /calendar.ics': 'all',
  'GET /de/calendar.ics': 'all',
  'GET /events/:id/event.ics': 'all',
  'GET /de/events/:id/event.ics': 'all',
  'GET /feed.xml': 'all',
  'GET /de/feed.xml': 'all',
  'GET /rss.xml': 'all',
  'GET /de/rss.xml': 'all',
  'GET /robots.txt': 'all',
  'GET /sitemap.xml': 'all',
  'ALL /api/*': 'all',
  'GET /*': 'all',
  'POST /*': 'all',
  'GET /api/checkouts/outcome': 'signed',
  'POST /api/webhooks/:provider': 'signed',
  'GET /demo-payment/:id': 'signed',
  'GET /demo-payment/archivo.woff2': 'all',
  'POST /api/ticket-links': 'signed',
  'GET /api/ticket-links/:key/ticket.pdf': 'signed',
  'GET /api/ticket-links/:key/event.ics': 'signed',
  'POST /demo-payment/:id': 'signed',
  'POST /api/bookings': 'user',
  'POST /api/reminders': 'user',
  'POST /api/reminders/forget': 'user',
  'POST /api/reminders/end/:key': 'signed',
  'GET /api/reminders/end/:key': 'signed',
  'POST /api/auth/logout': 'user',
  'POST /api/auth/verify/send': 'user',
  'POST /api/auth/password': 'user',
  'GET /api/auth/me': 'user',
  'PATCH /api/auth/me': 'user',
  'DELETE /api/auth/me': 'user',
  'GET /api/auth/me/export': 'user',
  'GET /api/auth/sessions': 'user',
  'DELETE /api/auth/sessions/:id': 'user',
  'GET /api/auth/passkeys': 'user',
  'POST /api/auth/passkeys': 'user',
  'POST /api/auth/passkeys/options': 'user',
  'POST /api/auth/passkeys/closing/options': 'user',
  'DELETE /api/auth/passkeys/:id': 'user',
  'GET /api/push/key': 'user',
  'POST /api/push/subscriptions': 'user',
  'DELETE /api/push/subscriptions': 'user',
  'GET /api/bookings/:id/ticket.svg': 'owner',
  'GET /api/bookings/:id/link': 'owner',
  'GET /api/bookings/:id/personal-tickets': 'owner',
  'GET /api/bookings/:id/ticket.pdf': 'owner',
  'GET /api/bookings/:id/event.ics': 'owner',
  'GET /api/bookings/:id/receipts': 'owner',
  'GET /api/bookings/:id/receipt.pdf': 'payer',
  'POST /api/bookings/:id/invoice-address': 'payer',
  'GET /api/receipts.csv': 'admin',
  'GET /api/events/:id/bookings.csv': 'admin',
  'GET /api/events/:id/vouchers.csv': 'admin',
  'PUT /api/events/:id/image': 'admin',
  'DELETE /api/events/:id/image': 'admin',
};

/** A valid value for each property that a command about a booking may require. */
const WORDS = {
  type: 't1',
  number: 1,
  issue: 0,
  at: '2030-01-01T00:00:00.000Z',
  seats: 1,
  requestId: randomUUID(),
  amount: { amount: 1, currency: 'EUR' },
  reason: 'Test',
};

/** Alice with a booking, Mallory without one, and a person whose admin role was just revoked. */
async function everyAccess(t: Pick<TestContext, 'onTestFinished'>) {
  const app = await testApp(t);
  const [admin, alice, mallory, former] = [
    await app.admin(),
    ...(await Promise.all(['alice', 'mallory', 'former'].map((name) => app.register(name)))),
  ] as [Person, Person, Person, Person];
  const event = await admin.must('createEvent', eventInput());
  const booking = await alice.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await verifyAddress(app, former);
  await admin.must('setRole', { email: former.user.email, role: 'admin' });
  const demoted = await demotedBehindItsBack(app, former);
  return { app, admin, alice, mallory, demoted, event, booking };
}

/** A connection opened as admin whose role is then revoked in the database, while the server's feed is stopped. */
async function demotedBehindItsBack(app: TestApp, former: Person): Promise<Person> {
  const socket = await connected(app.open('/booking', former.token));
  expect(await ask(socket, 'eventStats', { eventId: 'f'.repeat(24) })).toMatchObject({ error: { code: 'NOT_FOUND' } });
  await app.app.live.stop();
  await app.app.models.users.updateOne({ _id: former.user.id }, { $set: { role: 'user' } });
  return { ...former, socket };
}

async function codesOf(socket: Client, names: readonly CommandName[], input: (name: CommandName) => unknown) {
  const codes: Partial<Record<CommandName, ErrorCode | 'ok'>> = {};
  for (const name of names) {
    const reply = await ask(socket, name, input(name));
    codes[name] = codeOf(reply) as ErrorCode | 'ok';
  }
  return codes;
}

const allOf = (names: readonly CommandName[], code: ErrorCode) => Object.fromEntries(names.map((name) => [name, code]));
const withAccess = (access: string) => NAMES.filter((name) => COMMANDS[name] === access);

/** The properties of an input, those of its first form where it has several. */
function propertiesOf(input: (typeof commands)[CommandName]['input']): string[] {
  return Object.keys('options' in input ? input.options[0].shape : input.shape);
}

/** All commands with a `bookingId`, and a valid input of each for this booking. */
function aboutBooking(bookingId: string) {
  const shapes = NAMES.map((name) => [name, propertiesOf(commands[name].input)] as const);
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
  it('has an entry in the table of access, which has no other entry', () => {
    const access = Object.entries(commands).map(([name, row]) => [name, row.access]);
    expect(Object.fromEntries(access)).toEqual(COMMANDS);
  });

  it('except the public ones is refused to a signed-out client, whatever the input', async (t) => {
    const app = await testApp(t);
    const signedOut = await connected(app.open('/public'));
    const closed = [...withAccess('user'), ...withAccess('admin')];
    expect(await codesOf(signedOut, closed, () => ({ role: 'admin' }))).toEqual(allOf(closed, 'UNAUTHENTICATED'));
    expect(closed.length).toBeGreaterThan(0);
    for (const name of withAccess('all')) {
      expect([name, await ask(signedOut, name, {})]).not.toMatchObject([name, { error: { code: 'UNAUTHENTICATED' } }]);
    }
  });

  it('for organisers is refused to all others, and to a demoted organiser from the next command on', async (t) => {
    const { alice, mallory, demoted } = await everyAccess(t);
    const names = withAccess('admin');
    for (const { socket } of [alice, mallory, demoted]) {
      expect(await codesOf(socket, names, () => ({}))).toEqual(allOf(names, 'FORBIDDEN'));
    }
  });

  it('about a booking answers NOT_FOUND for another account’s booking, and does not change it', async (t) => {
    const { alice, mallory, demoted, booking } = await everyAccess(t);
    const { names, input } = aboutBooking(booking.id);
    const own = names.filter((name) => COMMANDS[name] === 'user');
    expect(own.toSorted()).toEqual(OWN_COMMANDS);
    for (const { socket } of [mallory, demoted]) {
      expect(await codesOf(socket, own, input)).toEqual(allOf(own, 'NOT_FOUND'));
    }
    expect(await alice.must('getBooking', { bookingId: booking.id })).toEqual(booking);
    expect((await mallory.must('listBookings', {})).bookings).toEqual([]);
    expect((await mallory.must('listWaitlist', {})).entries).toEqual([]);
  });
});

/** Requests a route with these ids in its address. Returns the status. */
async function statusOf({ app }: TestApp, route: string, token: string | null, ids: Record<string, string> = {}) {
  const [method = '', path = ''] = route.split(' ');
  const url = path
    .replace(':provider', 'demo')
    .replace(
      /:id/,
      ids[/^\/api\/(?:auth\/)?(booking|event|session|passkey)s\//.exec(path)?.[1] ?? ''] ?? 'f'.repeat(24),
    )
    .replace('*', 'nowhere');
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const asked = { method: (method === 'ALL' ? 'GET' : method) as 'GET', url, headers };
  return (await app.http.inject(method === 'GET' ? asked : { ...asked, payload: {} })).statusCode;
}

const routesFor = (...access: string[]) => Object.keys(ROUTES).filter((route) => access.includes(ROUTES[route] ?? ''));

describe('every route', () => {
  it('that is mounted has an entry in the table of access, which has no other entry', async (t) => {
    const { routes } = await withRoutes(() => testApp(t));
    expect(routes.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  it('except the public ones is refused to a signed-out client and to a forged token', async (t) => {
    const { app, booking, event } = await everyAccess(t);
    const ids = { booking: booking.id, event: event.id };
    for (const route of routesFor('user', 'owner', 'payer', 'admin')) {
      for (const token of [null, 'x'.repeat(40)]) {
        expect([route, await statusOf(app, route, token, ids)]).toEqual([route, 401]);
      }
    }
    for (const route of routesFor('all')) {
      expect([401, 403], route).not.toContain(await statusOf(app, route, null, ids));
    }
    for (const route of routesFor('signed')) expect([400, 404], route).toContain(await statusOf(app, route, null, ids));
  });

  it('for signed-in users requires no other role', async (t) => {
    const { app, mallory } = await everyAccess(t);
    const userId = new Types.ObjectId(mallory.user.id);
    const passkey = { _id: 'mallorys', userId, publicKey: 'key', counter: 0, transports: [], domain: 'localhost' };
    await app.app.models.passkeys.create({ ...passkey, createdAt: app.clock.now() });
    for (const route of routesFor('user')) {
      // Log in for each route, because some routes end the session.
      const login = await app.post('/api/auth/login', { email: mallory.user.email, password: 'correct horse' });
      const { token } = (await login.json()) as { token: string };
      const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
      expect([401, 403, 404], route).not.toContain(
        await statusOf(app, route, token, { session: jti, passkey: 'mallorys' }),
      );
    }
  });

  it('for organisers is refused to all others; one about a booking answers 404 for another account’s booking', async (t) => {
    const { app, admin, alice, mallory, demoted, booking, event } = await everyAccess(t);
    const ids = { booking: booking.id, event: event.id };
    const statuses = async (route: string) =>
      Promise.all([alice, mallory, demoted, admin].map(({ token }) => statusOf(app, route, token, ids)));
    for (const route of routesFor('admin')) {
      // A picture needs more than a body without words.
      const admitted = route.startsWith('PUT') ? 400 : 200;
      expect([route, ...(await statuses(route))]).toEqual([route, 403, 403, 403, admitted]);
    }
    for (const route of routesFor('owner')) {
      expect([route, ...(await statuses(route))]).toEqual([route, 200, 404, 404, 200]);
    }
    for (const route of routesFor('payer')) {
      // The booking was free, and the address is missing; only the buyer may change it.
      const [own, admitted] = route.startsWith('POST') ? [400, 403] : [409, 409];
      expect([route, ...(await statuses(route))]).toEqual([route, own, 404, 404, admitted]);
    }
  });
});

describe('a role', () => {
  it('that is granted or revoked takes effect on the person’s connections, and organiser pushes end with a revocation', async (t) => {
    const app = await testApp(t);
    const [admin, bob] = [await app.admin(), await app.register('bob')];
    const { socket } = bob;
    const heard = pushesOf(socket, 'salesChanged');
    const greeted = () =>
      new Promise<string | undefined>((resolve) => socket.once('welcome', ({ user }) => resolve(user?.role)));
    const endReason = () =>
      new Promise<string>((resolve) => socket.once('sessionEnded', ({ reason }) => resolve(reason)));
    let [ended, back] = [endReason(), greeted()];
    await verifyAddress(app, bob);
    expect(await admin.must('setRole', { email: bob.user.email.toUpperCase(), role: 'admin' })).toEqual({
      ...bob.user,
      verified: true,
      role: 'admin',
    });
    expect([await ended, await back]).toEqual(['role_changed', 'admin']);
    const { id: eventId } = await bob.must('createEvent', eventInput());
    await expect.poll(() => heard.length, { timeout: 15_000 }).toBeGreaterThan(0);
    [ended, back] = [endReason(), greeted()];
    await admin.must('setRole', { email: bob.user.email, role: 'user' });
    expect([await ended, await back]).toEqual(['role_changed', 'user']);
    heard.length = 0;
    const last = new Promise((resolve) => admin.socket.once('salesChanged', resolve));
    await bob.must('book', { requestId: randomUUID(), eventId, seats: 1 });
    await last;
    expect(await bob.send('eventStats', { eventId })).toMatchObject({ error: { code: 'FORBIDDEN' } });
    expect(heard).toEqual([]);
  });

  it('is not granted to an unknown or unverified address, and not revoked from the last organiser', async (t) => {
    const app = await testApp(t);
    const admin = await app.admin();
    const set = (email: string, role: string) => admin.send('setRole', { email, role } as never);
    const { user } = await app.register('bob');
    expect(await set(user.email, 'admin')).toMatchObject({
      error: { code: 'INVALID_STATE', details: { verified: false } },
    });
    expect(await set('nobody@example.org', 'admin')).toMatchObject({ error: { code: 'NOT_FOUND' } });
    expect(await set(admin.user.email, 'user')).toMatchObject({
      error: { code: 'INVALID_STATE', details: { lastAdmin: true } },
    });
    expect(await set(admin.user.email, 'owner')).toMatchObject({ error: { code: 'INVALID_INPUT' } });
    expect(await set('nobody', 'admin')).toMatchObject({ error: { code: 'INVALID_INPUT' } });
  });
});
