import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { User } from '#shared/account.ts';
import type { InputIssue } from '#shared/protocol/errors.ts';
import { mailLog } from '../support/mail-log.ts';
import type { TestApp, TestAppOptions } from '../support/test-app.ts';
import { book, commandsOf, connected, eventInput, pushed, refusalOf, testApp } from '../support/test-app.ts';

const MINUTE_MS = 60_000;
const ADDRESS = 'mia@example.org';
const NAME = 'Mia';

interface SignedIn {
  user: User;
  token: string;
  created: boolean;
}

type Undoing = Parameters<typeof testApp>[0];

/** A server whose mails are in its log. */
async function codeApp(t: Undoing, options: TestAppOptions = {}) {
  const mails = mailLog();
  const app = await testApp(t, { log: mails.log, ...options });
  return { app, mails };
}

const request = (app: TestApp, email = ADDRESS, headers: Record<string, string> = {}) =>
  app.post('/api/auth/code', { email }, headers);

const verify = (app: TestApp, input: object, headers: Record<string, string> = {}) =>
  app.post('/api/auth/code/verify', input, headers);

async function requested({ app, mails }: Awaited<ReturnType<typeof codeApp>>, email = ADDRESS, count = 1) {
  expect((await request(app, email)).status).toBe(204);
  return mails.codeTo(email, count);
}

async function signedIn(response: Response): Promise<SignedIn> {
  expect(response.status).toBe(200);
  return (await response.json()) as SignedIn;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** Another code than this one. */
const wrongFor = (code: string, step = 1) => String((Number(code) + step) % 1_000_000).padStart(6, '0');

describe('a mailed code', () => {
  it('makes an account for an unknown address once it has a name; asking without one uses up no try', async (t) => {
    const world = await codeApp(t);
    const { app } = world;
    const code = await requested(world);
    for (let asked = 0; asked < 6; asked += 1) {
      const { status, issues } = await refusalOf(await verify(app, { email: ADDRESS, code }));
      expect([status, issues?.map(({ path }: InputIssue) => path)]).toEqual([400, [['name']]]);
    }
    const reply = await verify(app, { email: ADDRESS, code, name: NAME });
    const { user, token, created } = await signedIn(reply);
    expect(created).toBe(true);
    expect(user).toMatchObject({ name: NAME, email: ADDRESS, verified: true, hasPassword: false, role: 'user' });
    expect(reply.headers.getSetCookie().map((cookie) => cookie.split('=')[0])).toEqual(['session', 'device']);
    const admin = await app.admin();
    const event = await admin.must('createEvent', eventInput());
    const socket = await connected(app.open('/booking', token));
    expect(await book(commandsOf(socket), event.id, 2)).toMatchObject({ status: 'confirmed', seats: 2 });
  });

  it('signs in to a known account, however the address is written, and leaves its password as it is', async (t) => {
    const world = await codeApp(t);
    const { app, mails } = world;
    const email = 'info@xn--e1afmkfd.xn--p1ai';
    const input = { name: 'Анна', email, password: 'correct horse' };
    const registered = (await (await app.post('/api/auth/register', input)).json()) as SignedIn;
    expect((await request(app, 'INFO@Пример.РФ')).status).toBe(204);
    const code = await mails.codeTo(email);
    const { user, created } = await signedIn(await verify(app, { email: 'Info@пример.рф', code, name: 'Other' }));
    expect(created).toBe(false);
    expect(user).toMatchObject({ id: registered.user.id, name: 'Анна', verified: true, hasPassword: true });
    expect((await app.post('/api/auth/login', { email, password: input.password })).status).toBe(200);
  });

  it('works once: used, wrong, expired and unknown codes answer with identical bytes', async (t) => {
    const world = await codeApp(t);
    const { app, mails } = world;
    const code = await requested(world);
    await signedIn(await verify(app, { email: ADDRESS, code, name: NAME }));
    const used = await verify(app, { email: ADDRESS, code });
    expect((await request(app, 'late@example.org')).status).toBe(204);
    const late = await mails.codeTo('late@example.org');
    const wrong = await verify(app, { email: 'late@example.org', code: wrongFor(late) });
    app.clock.pass(10 * MINUTE_MS);
    const expired = await verify(app, { email: 'late@example.org', code: late, name: NAME });
    const unknown = await verify(app, { email: 'nobody@example.org', code });
    const answers = await Promise.all([used, wrong, expired, unknown].map((reply) => reply.text()));
    expect([used, wrong, expired, unknown].map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(new Set(answers).size).toBe(1);
    expect(JSON.parse(answers[0] as string)).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('is valid until its ten minutes are over', async (t) => {
    const world = await codeApp(t);
    const code = await requested(world);
    world.app.clock.pass(10 * MINUTE_MS - 5_000);
    await signedIn(await verify(world.app, { email: ADDRESS, code, name: NAME }));
  });

  it('ends after five wrong tries, also when they come at once', async (t) => {
    const world = await codeApp(t, { env: { RATE_LIMITS: 'off' } });
    const { app } = world;
    const first = await requested(world);
    const wrong = Array.from({ length: 4 }, (_, index) => wrongFor(first, index + 1));
    for (const code of wrong) expect((await verify(app, { email: ADDRESS, code, name: NAME })).status).toBe(401);
    await signedIn(await verify(app, { email: ADDRESS, code: first, name: NAME }));
    const second = await requested(world, ADDRESS, 2);
    const guesses = Array.from({ length: 40 }, (_, index) => wrongFor(second, index + 1));
    const replies = await Promise.all(guesses.map((code) => verify(app, { email: ADDRESS, code })));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await verify(app, { email: ADDRESS, code: second })).status).toBe(401);
    const third = await requested(world, ADDRESS, 3);
    await signedIn(await verify(app, { email: ADDRESS, code: third }));
  });

  it('ends when a newer one is requested, and leaves the codes of other addresses alone', async (t) => {
    const world = await codeApp(t);
    const { app } = world;
    const [first, other] = [await requested(world), await requested(world, 'other@example.org')];
    app.clock.pass(MINUTE_MS + 1_000);
    const second = await requested(world, ADDRESS, 2);
    expect((await verify(app, { email: ADDRESS, code: first, name: NAME })).status).toBe(401);
    expect((await verify(app, { email: 'other@example.org', code: second, name: NAME })).status).toBe(401);
    await signedIn(await verify(app, { email: ADDRESS, code: second, name: NAME }));
    await signedIn(await verify(app, { email: 'other@example.org', code: other, name: NAME }));
  });

  it('admits one of several simultaneous uses on two servers, and makes one account', async (t) => {
    const world = await codeApp(t, { env: { RATE_LIMITS: 'off' } });
    const { app } = world;
    const second = await testApp(t, { mongoUri: app.mongoUri, env: { RATE_LIMITS: 'off' } });
    const code = await requested(world);
    const tabs = [app, second, app, second, app, second];
    const replies = await Promise.all(tabs.map((one) => verify(one, { email: ADDRESS, code, name: NAME })));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    const { users, sessions } = app.app.models;
    expect([await users.countDocuments({ email: ADDRESS }), await sessions.countDocuments()]).toEqual([1, 1]);
  });

  it('survives a restart between request and entry', async (t) => {
    const world = await codeApp(t);
    const code = await requested(world);
    await world.app.close();
    const again = await testApp(t, { mongoUri: world.app.mongoUri });
    await signedIn(await verify(again, { email: ADDRESS, code, name: NAME }));
  });

  it('makes an account of the address that is registered at the same moment only once', async (t) => {
    const world = await codeApp(t);
    const { app } = world;
    const code = await requested(world);
    const password = { name: NAME, email: ADDRESS, password: 'correct horse' };
    const [entered, registered] = await Promise.all([
      verify(app, { email: ADDRESS, code, name: NAME }),
      app.post('/api/auth/register', password),
    ]);
    expect(entered.status).toBe(200);
    expect([201, 409]).toContain(registered.status);
    expect(await app.app.models.users.countDocuments({ email: ADDRESS })).toBe(1);
  });

  it('is stored as a keyed hash, and its job names no address', async (t) => {
    const world = await codeApp(t);
    const code = await requested(world);
    const { signInCodes, jobs, sentMails } = world.app.app.models;
    const stored = await signInCodes.find().lean();
    expect(stored).toMatchObject([{ wrongTries: 0, request: { email: ADDRESS, codeHash: expect.any(String) } }]);
    await expect.poll(async () => (await jobs.find().lean()).map(({ state }) => state)).toEqual(['done']);
    const everything = JSON.stringify([stored, await jobs.find().lean(), await sentMails.find().lean()]);
    expect(everything).not.toMatch(new RegExp(`(?<![0-9a-f])${code}(?![0-9a-f])`));
    expect(JSON.stringify([await jobs.find().lean(), await sentMails.find().lean()])).not.toContain('example.org');
  });
});

describe('the input of a sign-in by code', () => {
  it('is strict: six digits without spaces or hyphens, and nothing that the contract does not name', async (t) => {
    const world = await codeApp(t);
    const { app } = world;
    const code = await requested(world);
    const spaced = `${code.slice(0, 3)} ${code.slice(3)}`;
    const codes = [
      spaced,
      spaced.replace(' ', '-'),
      ` ${code}`,
      `${code}\n`,
      `${code}0`,
      '',
      Number(code),
      '１２３４５６',
    ];
    const odd = [
      ...[...codes, { $ne: null }, [code], null].map((one) => ({ email: ADDRESS, code: one, name: NAME })),
      { email: { $ne: null }, code, name: NAME },
      { email: 'no address', code, name: NAME },
      { email: ADDRESS, code, name: '' },
      { email: ADDRESS, code, name: '\u200b' },
      { email: ADDRESS, code, name: 'x'.repeat(81) },
      { email: ADDRESS, code, name: NAME, role: 'admin' },
      { email: ADDRESS, code, name: NAME, locale: 'de' },
      {},
    ];
    for (const input of odd) {
      const refused = await refusalOf(await verify(app, input));
      expect([refused.status, refused.code], JSON.stringify(input)).toEqual([400, 'INVALID_INPUT']);
    }
    for (const input of [
      {},
      { email: 'x' },
      { email: { $gt: '' } },
      { email: ADDRESS, locale: 'fr' },
      { email: ADDRESS, name: NAME },
    ])
      expect((await refusalOf(await app.post('/api/auth/code', input))).code, JSON.stringify(input)).toBe(
        'INVALID_INPUT',
      );
    const { user } = await signedIn(await verify(app, { email: ADDRESS, code, name: NAME }));
    expect(user.role).toBe('user');
  });

  it('is refused from the page of another site', async (t) => {
    const { app } = await codeApp(t);
    const headers = { origin: 'https://evil.example' };
    expect((await request(app, ADDRESS, headers)).status).toBe(403);
    expect((await verify(app, { email: ADDRESS, code: '123456', name: NAME }, headers)).status).toBe(403);
    expect(await app.app.models.signInCodes.countDocuments()).toBe(0);
  });
});

describe('requests of codes', () => {
  it('are always answered 204; an address gets one a minute and five an hour', async (t) => {
    const world = await codeApp(t);
    const { app, mails } = world;
    for (let sent = 1; sent <= 5; sent += 1) {
      const code = await requested(world, ADDRESS, sent);
      for (let more = 0; more < 3; more += 1) expect((await request(app, 'MIA@example.org')).status).toBe(204);
      expect(await app.app.models.jobs.countDocuments({ key: /^code:/ })).toBe(sent);
      // The requests beyond the limit have not replaced the code.
      expect((await refusalOf(await verify(app, { email: ADDRESS, code }))).code).toBe('INVALID_INPUT');
      app.clock.pass(MINUTE_MS + 1_000);
    }
    expect((await request(app)).status).toBe(204);
    expect(await app.app.models.jobs.countDocuments({ key: /^code:/ })).toBe(5);
    app.clock.pass(56 * MINUTE_MS);
    await requested(world, ADDRESS, 6);
    expect(mails.codesTo(ADDRESS)).toHaveLength(6);
  });

  it('count on all servers together, however many come at once', async (t) => {
    const { app } = await codeApp(t);
    const second = await testApp(t, { mongoUri: app.mongoUri });
    await Promise.all([app, second, app, second, app, second].map((one) => request(one)));
    expect(await app.app.models.jobs.countDocuments({ key: /^code:/ })).toBe(1);
  });
});

describe('wrong codes', () => {
  it('are limited for an address from one network, and lock out neither another network nor the password', async (t) => {
    const world = await codeApp(t, { env: { TRUST_PROXY: '127.0.0.1' } });
    const { app } = world;
    const from = (address: string) => ({ 'x-forwarded-for': address });
    const password = { name: NAME, email: ADDRESS, password: 'correct horse' };
    expect((await app.post('/api/auth/register', password)).status).toBe(201);
    for (let wrong = 0; wrong < 10; wrong += 1)
      expect((await verify(app, { email: ADDRESS, code: '000000' }, from('203.0.113.7'))).status).toBe(401);
    const refused = await refusalOf(await verify(app, { email: ADDRESS, code: '000000' }, from('203.0.113.7')));
    expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    const code = await requested(world);
    expect((await verify(app, { email: ADDRESS, code }, from('203.0.113.7'))).status).toBe(429);
    expect(
      (await app.post('/api/auth/login', { email: ADDRESS, password: 'correct horse' }, from('203.0.113.7'))).status,
    ).toBe(200);
    await signedIn(await verify(app, { email: ADDRESS, code }, from('198.51.100.1')));
  });

  it('are limited for one network that tries many addresses', async (t) => {
    const { app } = await codeApp(t);
    const guess = (index: number) => verify(app, { email: `guess-${index}@example.org`, code: '000000' });
    const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => guess(index)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    expect((await guess(100)).status).toBe(429);
    app.clock.pass(15 * MINUTE_MS);
    expect((await guess(101)).status).toBe(401);
  });

  it('of a stranger do not keep the owner out of a browser that has signed in before', async (t) => {
    const world = await codeApp(t);
    const { app } = world;
    const code = await requested(world);
    const first = await verify(app, { email: ADDRESS, code, name: NAME });
    const cookie = first.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; ');
    for (let wrong = 0; wrong < 10; wrong += 1) await verify(app, { email: ADDRESS, code: '000000' });
    app.clock.pass(MINUTE_MS + 1_000);
    const second = await requested(world, ADDRESS, 2);
    expect((await verify(app, { email: ADDRESS, code: second })).status).toBe(429);
    await signedIn(await verify(app, { email: ADDRESS, code: second }, { cookie }));
  });
});

describe('a code for an account whose address was never verified', () => {
  const victims = { name: 'Mallory', email: ADDRESS, password: 'chosen by Mallory' };
  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('ends the password and the sessions of a stranger who registered it', async (t) => {
    const world = await codeApp(t, { env: { TRUST_PROXY: '127.0.0.1' } });
    const { app } = world;
    const reply = await app.post('/api/auth/register', victims, from('203.0.113.7'));
    const stranger = (await reply.json()) as SignedIn;
    const socket = await connected(app.open('/booking', stranger.token));
    const ended = pushed(socket, 'sessionEnded');
    const code = await requested(world);
    const { user, token } = await signedIn(await verify(app, { email: ADDRESS, code }, from('198.51.100.1')));
    expect(user).toMatchObject({ id: stranger.user.id, verified: true, hasPassword: false });
    expect(await ended).toEqual({ reason: 'password_changed' });
    const login = { email: ADDRESS, password: victims.password };
    expect((await app.post('/api/auth/login', login, from('203.0.113.7'))).status).toBe(401);
    expect((await app.get('/api/auth/me', bearer(stranger.token))).status).toBe(401);
    expect((await app.get('/api/auth/me', bearer(token))).status).toBe(200);
  });

  it('keeps the password of a registration in this browser, or in this network', async (t) => {
    for (const [registeredAt, enteredAt, keepsCookies] of [
      ['203.0.113.7', '198.51.100.1', true],
      ['203.0.113.7', '203.0.113.7', false],
    ] as const) {
      const world = await codeApp(t, { env: { TRUST_PROXY: '127.0.0.1' } });
      const { app } = world;
      const reply = await app.post('/api/auth/register', victims, from(registeredAt));
      const device =
        reply.headers
          .getSetCookie()
          .find((one) => one.startsWith('device='))
          ?.split(';')[0] ?? '';
      const code = await requested(world);
      const headers = { ...from(enteredAt), ...(keepsCookies && { cookie: device }) };
      const { user } = await signedIn(await verify(app, { email: ADDRESS, code }, headers));
      expect(user).toMatchObject({ verified: true, hasPassword: true });
      expect((await app.app.models.users.findOne({ email: ADDRESS }).lean())?.registeredFrom).toBeUndefined();
    }
  });
});

describe('an account without a password', () => {
  async function passwordless(t: Undoing, options: TestAppOptions = {}) {
    const world = await codeApp(t, options);
    const code = await requested(world);
    const mine = await signedIn(await verify(world.app, { email: ADDRESS, code, name: NAME }));
    return { ...world, ...mine, headers: bearer(mine.token) };
  }

  it('answers a login by password like a wrong password', async (t) => {
    const { app } = await passwordless(t);
    const login = (email: string) => app.post('/api/auth/login', { email, password: 'a password of no account' });
    const [mine, nobodys] = [await login(ADDRESS), await login('nobody@example.org')];
    expect([mine.status, await mine.text()]).toEqual([401, await nobodys.text()]);
  });

  it('may set a password within ten minutes of a code, and then signs in by both', async (t) => {
    const world = await passwordless(t);
    const { app, headers } = world;
    const set = (body: object) => app.post('/api/auth/password', body, headers);
    expect((await refusalOf(await set({ current: 'correct horse', next: 'battery staple' }))).code).toBe('FORBIDDEN');
    expect((await refusalOf(await set({ next: 'short' }))).code).toBe('INVALID_INPUT');
    app.clock.pass(9 * MINUTE_MS);
    expect((await set({ next: 'battery staple' })).status).toBe(204);
    const { issues } = await refusalOf(await set({ next: 'another one' }));
    expect(issues).toMatchObject([{ path: ['current'] }]);
    const me = (await (await app.get('/api/auth/me', headers)).json()) as { user: User };
    expect(me.user.hasPassword).toBe(true);
    expect((await app.post('/api/auth/login', { email: ADDRESS, password: 'battery staple' })).status).toBe(200);
    const code = await requested(world, ADDRESS, 2);
    expect((await signedIn(await verify(app, { email: ADDRESS, code }))).user.hasPassword).toBe(true);
  });

  it('sets no password later than that, until a new code', async (t) => {
    const world = await passwordless(t);
    const { app, headers } = world;
    app.clock.pass(10 * MINUTE_MS + 1_000);
    const late = await refusalOf(await app.post('/api/auth/password', { next: 'battery staple' }, headers));
    expect(late).toMatchObject({ status: 403, code: 'FORBIDDEN', details: { code: 'needed' } });
    const code = await requested(world, ADDRESS, 2);
    const { token } = await signedIn(await verify(app, { email: ADDRESS, code }));
    expect((await app.post('/api/auth/password', { next: 'battery staple' }, bearer(token))).status).toBe(204);
    // A first password ends the other sessions, too.
    expect((await app.get('/api/auth/me', headers)).status).toBe(401);
    expect((await app.get('/api/auth/me', bearer(token))).status).toBe(200);
  });

  it('is deleted by a code, which stays valid while a booking forbids it', async (t) => {
    const world = await passwordless(t);
    const { app, headers, token } = world;
    const remove = (body: object, as = headers) =>
      fetch(`${app.url}/api/auth/me`, {
        method: 'DELETE',
        headers: { 'content-type': 'application/json', ...as },
        body: JSON.stringify(body),
      });
    const admin = await app.admin();
    const event = await admin.must('createEvent', eventInput());
    const mine = commandsOf(await connected(app.open('/booking', token)));
    const booking = await book(mine, event.id, 1);
    app.clock.pass(MINUTE_MS + 1_000);
    const code = await requested(world, ADDRESS, 2);
    expect(await refusalOf(await remove({ password: 'correct horse' }))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(await remove({ code: wrongFor(code) }))).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
    for (const body of [{}, { code: 'x' }, { code, password: 'correct horse' }, { code, more: 1 }])
      expect((await refusalOf(await remove(body))).code).toBe('INVALID_INPUT');
    expect(await refusalOf(await remove({ code }))).toMatchObject({
      code: 'INVALID_STATE',
      details: { bookings: [booking.id] },
    });
    await mine.must('cancelBooking', { bookingId: booking.id });
    expect((await remove({ code })).status).toBe(204);
    const { users, signInCodes } = app.app.models;
    expect([await users.countDocuments({ email: ADDRESS }), await signInCodes.countDocuments()]).toEqual([0, 0]);
    expect((await verify(app, { email: ADDRESS, code, name: NAME })).status).toBe(401);
    const alice = await app.register('alice');
    expect(await refusalOf(await remove({ code: '123456' }, bearer(alice.token)))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('exports that a code opened its session', async (t) => {
    const { app, headers } = await passwordless(t);
    const data = await (await app.get('/api/auth/me/export', headers)).json();
    expect(data).toMatchObject({ user: { hasPassword: false }, sessions: [{ codeAt: expect.any(String) }] });
  });

  it('gets a password by the link of a forgotten one, and is used by a waiting list like any other', async (t) => {
    const { app, mails, token } = await passwordless(t);
    expect((await app.post('/api/auth/forgot', { email: ADDRESS })).status).toBe(204);
    const link = () => mails.mails.map(({ text }) => /reset\?token=([\w-]{43})/.exec(text)?.[1]).find(Boolean);
    await expect.poll(link, { timeout: 20_000 }).toBeDefined();
    const admin = await app.admin();
    const event = await admin.must('createEvent', eventInput({ totalSeats: 1 }));
    await book(admin, event.id, 1);
    const mine = commandsOf(await connected(app.open('/booking', token)));
    const entry = { requestId: randomUUID(), eventId: event.id, seats: 1 };
    expect(await mine.must('joinWaitlist', entry)).toMatchObject({ status: 'waiting', position: 1 });
    expect((await app.post('/api/auth/reset', { token: link(), next: 'battery staple' })).status).toBe(204);
    expect((await app.post('/api/auth/login', { email: ADDRESS, password: 'battery staple' })).status).toBe(200);
  });
});
