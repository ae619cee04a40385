import { describe, expect, it } from 'vitest';
import { setRole } from '#server/accounts/roles.ts';
import type { App } from '#server/app/app.ts';
import { testDatabaseUri } from '../../../../test/support/database/test-database.ts';
import { handClock, NOON } from '../../../../test/support/hand-clock.ts';
import { ALICE, bearer, promote, registered, sharedHttp, testHttp } from '../../../../test/support/test-http.ts';

const HOUR_MS = 3_600_000;
/** PROTOCOL.md: a session lasts 30 days, an admin's 12 hours. */
const SESSION_LIFETIME_MS = 30 * 24 * HOUR_MS;
const ADMIN_LIFETIME_MS = 12 * HOUR_MS;

const JSON_TYPE = { 'content-type': 'application/json' };

describe('POST /api/auth/login', () => {
  it('answers 200 with the user, a token and the cookies, whatever the case of the address', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const payload = { email: 'ALICE@example.org', password: ALICE.password };
    const reply = await app.http.inject({ method: 'POST', url: '/api/auth/login', payload });
    expect(reply.statusCode).toBe(200);
    const { user, token } = reply.json();
    expect(user.email).toBe('alice@example.org');
    expect(reply.cookies).toMatchObject([{ name: 'session', value: token }, { name: 'device' }]);
    const me = await app.http.inject({ url: '/api/auth/me', headers: bearer(token) });
    expect(me.json().user).toEqual(user);
  });

  it('answers a wrong password and an unknown address with identical bytes', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const login = (email: string) =>
      app.http.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password: 'wrong password' } });
    const [known, unknown] = [await login(ALICE.email), await login('nobody@example.org')];
    expect(known.statusCode).toBe(401);
    expect(known.json().error.code).toBe('UNAUTHENTICATED');
    expect(unknown.statusCode).toBe(401);
    expect(unknown.body).toBe(known.body);
    expect(known.headers['set-cookie']).toBeUndefined();
  });

  it('refuses MongoDB operators as email or password', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    for (const payload of [
      { email: { $ne: null }, password: ALICE.password },
      { email: ALICE.email, password: { $ne: null } },
    ]) {
      const reply = await app.http.inject({ method: 'POST', url: '/api/auth/login', payload });
      expect([reply.statusCode, reply.json().error.code]).toEqual([400, 'INVALID_INPUT']);
    }
  });
});

describe('the sessions of an account', () => {
  const PHONE = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36';

  it('are listed with their devices, the one used last first, and only those that are open', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const token = await registered(app);
    clock.pass(60_000);
    const payload = { email: ALICE.email, password: ALICE.password };
    const login = () =>
      app.http.inject({ method: 'POST', url: '/api/auth/login', payload, headers: { 'user-agent': PHONE } });
    const phone = (await login()).json<{ token: string }>().token;
    const old = (await login()).json<{ token: string }>().token;
    await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(old) });
    await registered(app, { ...ALICE, email: 'bob@example.org' });
    const list = async (by: string) =>
      (await app.http.inject({ url: '/api/auth/sessions', headers: bearer(by) })).json<{ sessions: object[] }>();
    expect((await list(token)).sessions).toMatchObject([
      { device: 'Chrome, Android', current: false },
      { current: true },
    ]);
    clock.pass(10 * 60_000);
    await list(token);
    await expect.poll(async () => (await list(phone)).sessions.length).toBe(2);
    const seen = clock.now().toISOString();
    await expect
      .poll(async () => (await list(token)).sessions.find((one) => 'current' in one && one.current))
      .toMatchObject({ lastSeenAt: seen });
  });

  it('end one by one: its token works no more, the others go on, and another account’s is NOT_FOUND', async (t) => {
    const app = await testHttp(t);
    const [mine, bobs] = [await registered(app), await registered(app, { ...ALICE, email: 'bob@example.org' })];
    const payload = { email: ALICE.email, password: ALICE.password };
    const login = await app.http.inject({ method: 'POST', url: '/api/auth/login', payload });
    const other = login.json<{ token: string }>().token;
    const sessionsOf = async (by: string) =>
      (await app.http.inject({ url: '/api/auth/sessions', headers: bearer(by) })).json<{
        sessions: { id: string; current: boolean }[];
      }>().sessions;
    const ended = (await sessionsOf(other)).find(({ current }) => current)?.id ?? '';
    const end = (id: string, by: string) =>
      app.http.inject({ method: 'DELETE', url: `/api/auth/sessions/${id}`, headers: bearer(by) });
    for (const id of [ended, 'x', '0'.repeat(24)]) expect((await end(id, bobs)).statusCode).toBe(404);
    expect((await end(ended, mine)).statusCode).toBe(204);
    expect((await end(ended, mine)).statusCode).toBe(404);
    const me = (by: string) => app.http.inject({ url: '/api/auth/me', headers: bearer(by) });
    expect([(await me(other)).statusCode, (await me(mine)).statusCode]).toEqual([401, 200]);
    const last = (await sessionsOf(mine))[0]?.id ?? '';
    const own = await end(last, mine);
    expect([own.statusCode, own.cookies[0]?.value, (await me(mine)).statusCode]).toEqual([204, '', 401]);
  });
});

describe('POST /api/auth/logout', () => {
  it('ends the session with an empty body: answers 204, marks the document and invalidates the token', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const reply = await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(token) });
    expect([reply.statusCode, reply.body]).toEqual([204, '']);
    expect(reply.cookies).toMatchObject([{ name: 'session', value: '', httpOnly: true, sameSite: 'Lax' }]);
    const session = await app.models.sessions.findOne({}).orFail().lean();
    expect(session.ended).toMatchObject({ reason: 'logged_out', at: expect.any(Date) });
    const me = await app.http.inject({ url: '/api/auth/me', headers: bearer(token) });
    expect([me.statusCode, me.json().error.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('accepts an empty body declared as JSON, and an empty object', async (t) => {
    const app = await testHttp(t);
    for (const [index, payload] of ['', '{}'].entries()) {
      const token = await registered(app, { ...ALICE, email: `a${index}@example.org` });
      const headers = { ...bearer(token), ...JSON_TYPE };
      const reply = await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers, payload });
      expect(reply.statusCode).toBe(204);
    }
  });

  it('with `everywhere` ends every session of this user and of no other user', async (t) => {
    const app = await testHttp(t);
    const first = await registered(app);
    const login = { email: ALICE.email, password: ALICE.password };
    const second = (await app.http.inject({ method: 'POST', url: '/api/auth/login', payload: login })).json().token;
    const other = await registered(app, { ...ALICE, email: 'bob@example.org' });
    await app.http.inject({
      method: 'POST',
      url: '/api/auth/logout',
      headers: bearer(second),
      payload: { everywhere: true },
    });
    const statuses = await Promise.all(
      [first, second, other].map(
        async (token) => (await app.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode,
      ),
    );
    expect(statuses).toEqual([401, 401, 200]);
  });

  it('without `everywhere` leaves the other sessions, and refuses unknown properties', async (t) => {
    const app = await testHttp(t);
    const first = await registered(app);
    const login = { email: ALICE.email, password: ALICE.password };
    const second = (await app.http.inject({ method: 'POST', url: '/api/auth/login', payload: login })).json().token;
    const url = '/api/auth/logout';
    const odd = await app.http.inject({ method: 'POST', url, headers: bearer(first), payload: { all: true } });
    expect([odd.statusCode, odd.json().error.code]).toEqual([400, 'INVALID_INPUT']);
    await app.http.inject({ method: 'POST', url, headers: bearer(first) });
    expect((await app.http.inject({ url: '/api/auth/me', headers: bearer(second) })).statusCode).toBe(200);
  });
});

describe('GET /api/auth/me', () => {
  it('accepts the cookie and the bearer token, and prefers the bearer token', async (t) => {
    const app = await testHttp(t);
    const alice = await registered(app);
    const bob = await registered(app, { ...ALICE, name: 'Bob', email: 'bob@example.org' });
    const me = async (headers: Record<string, string>) =>
      (await app.http.inject({ url: '/api/auth/me', headers })).json().user?.email;
    expect(await me({ cookie: `session=${alice}` })).toBe('alice@example.org');
    expect(await me(bearer(bob))).toBe('bob@example.org');
    expect(await me({ cookie: `session=${alice}`, ...bearer(bob) })).toBe('bob@example.org');
    expect(await me({ cookie: `session=${alice}`, ...bearer('garbage') })).toBeUndefined();
  });

  it('answers when the session ends, and renews a session past half its lifetime: same document, new token', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const token = await registered(app);
    const me = (sent: string) => app.http.inject({ url: '/api/auth/me', headers: bearer(sent) });
    clock.pass(SESSION_LIFETIME_MS / 2);
    const early = await me(token);
    expect(early.json()).toEqual({ user: expect.any(Object), expiresAt: '2026-12-23T12:00:00.000Z' });
    expect(early.headers['set-cookie']).toBeUndefined();
    clock.pass(1_000);
    const late = await me(token);
    expect(late.json().expiresAt).toBe('2027-01-07T12:00:01.000Z');
    expect(late.cookies).toMatchObject([{ name: 'session', value: late.json().token }]);
    expect(await app.models.sessions.countDocuments()).toBe(1);
    clock.pass(SESSION_LIFETIME_MS - 1_000);
    expect((await me(token)).statusCode).toBe(401);
    expect((await me(late.json().token)).statusCode).toBe(200);
    clock.pass(SESSION_LIFETIME_MS + 1_000);
  });

  it("answers UNAUTHENTICATED after the session's 30 days", async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const token = await registered(app);
    clock.pass(SESSION_LIFETIME_MS + 1);
    const reply = await app.http.inject({ url: '/api/auth/me', headers: bearer(token) });
    expect([reply.statusCode, reply.json().error.code]).toEqual([401, 'UNAUTHENTICATED']);
  });
});

describe('the session of an admin', () => {
  const me = async (app: App, token: string) =>
    (await app.http.inject({ url: '/api/auth/me', headers: bearer(token) })).json<{
      expiresAt: string;
      token?: string;
    }>();
  const login = async (app: App) => {
    const payload = { email: ALICE.email, password: ALICE.password };
    return (await app.http.inject({ method: 'POST', url: '/api/auth/login', payload })).json<{ token: string }>().token;
  };

  it('lasts twelve hours, and is renewed for twelve past half of them', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    await registered(app);
    await promote(app.models, ALICE.email);
    const token = await login(app);
    clock.pass(ADMIN_LIFETIME_MS / 2);
    expect(await me(app, token)).toEqual({ user: expect.any(Object), expiresAt: '2026-11-24T00:00:00.000Z' });
    clock.pass(1_000);
    expect(await me(app, token)).toMatchObject({ expiresAt: '2026-11-24T06:00:01.000Z', token: expect.any(String) });
  });

  it('that was opened before ends twelve hours after the role was granted, used or not', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const [token, unused] = [await registered(app), await login(app)];
    await registered(app, { ...ALICE, email: 'bob@example.org' });
    const user = await app.models.users.findOne({ email: ALICE.email }).orFail().lean();
    const granted = await setRole(app.models, user, 'admin', { at: clock.now(), allowsUnverified: true });
    expect(granted.ok).toBe(true);
    expect((await me(app, token)).expiresAt).toBe('2026-11-24T00:00:00.000Z');
    const ends = (await app.models.sessions.find().sort({ _id: 1 }).lean()).map(({ expiresAt }) =>
      expiresAt.toISOString(),
    );
    const [admins, bobs] = ['2026-11-24T00:00:00.000Z', '2026-12-23T12:00:00.000Z'];
    expect(ends).toEqual([admins, admins, bobs]);
    clock.pass(ADMIN_LIFETIME_MS + 1_000);
    expect((await app.http.inject({ url: '/api/auth/me', headers: bearer(unused) })).statusCode).toBe(401);
  });

  it('is shortened at its next use where another program has granted the role', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const token = await registered(app);
    await promote(app.models, ALICE.email);
    clock.pass(HOUR_MS);
    expect((await me(app, token)).expiresAt).toBe('2026-11-24T01:00:00.000Z');
    await expect
      .poll(async () => (await app.models.sessions.findOne().lean())?.expiresAt.toISOString())
      .toBe('2026-11-24T01:00:00.000Z');
  });

  it('is one of 30 days again, past half of its hours, once the role was revoked', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    await registered(app);
    await promote(app.models, ALICE.email);
    const token = await login(app);
    await app.models.users.updateOne({ email: ALICE.email }, { $set: { role: 'user' } });
    expect((await me(app, token)).expiresAt).toBe('2026-12-23T12:00:00.000Z');
  });
});

describe('GET /api/auth/session', () => {
  it('answers a signed-out visitor 200 with no user, no cookie and no caching', async (t) => {
    const app = await testHttp(t);
    const reply = await app.http.inject({ url: '/api/auth/session' });
    expect([reply.statusCode, reply.json()]).toEqual([200, { user: null, expiresAt: null }]);
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(reply.headers['set-cookie']).toBeUndefined();
  });

  it('answers with the user and the end of the session, by the cookie `session` alone', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    for (const headers of [{ cookie: `session=${token}` }, bearer(token)]) {
      const me = await app.http.inject({ url: '/api/auth/me', headers });
      const reply = await app.http.inject({ url: '/api/auth/session', headers });
      expect([reply.statusCode, reply.json()]).toEqual([200, me.json()]);
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
  });

  it('renews a session past half its lifetime in the cookie, without the new token in the body', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const headers = { cookie: `session=${await registered(app)}` };
    clock.pass(SESSION_LIFETIME_MS / 2 + 1_000);
    const reply = await app.http.inject({ url: '/api/auth/session', headers });
    expect(reply.json()).toEqual({ user: expect.any(Object), expiresAt: '2027-01-07T12:00:01.000Z' });
    expect(reply.cookies).toMatchObject([{ name: 'session', httpOnly: true, sameSite: 'Lax', path: '/' }]);
    const renewed = { cookie: `session=${reply.cookies[0]?.value}` };
    clock.pass(SESSION_LIFETIME_MS - 1_000);
    expect((await app.http.inject({ url: '/api/auth/me', headers: renewed })).statusCode).toBe(200);
  });

  it('answers no user for an expired, ended or forged session, and leaves the cookie alone', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    const [expired, ended] = [await registered(app), await registered(app, { ...ALICE, email: 'bob@example.org' })];
    await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(ended) });
    clock.pass(SESSION_LIFETIME_MS + 1);
    for (const token of [expired, ended, 'garbage']) {
      const reply = await app.http.inject({ url: '/api/auth/session', headers: { cookie: `session=${token}` } });
      expect([reply.statusCode, reply.json()]).toEqual([200, { user: null, expiresAt: null }]);
      // Clearing the cookie would sign out another tab that has signed in since the request.
      expect(reply.headers['set-cookie']).toBeUndefined();
    }
  });
});

describe('PATCH /api/auth/me', () => {
  it('changes name and language and nothing else', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const patch = (payload: object) =>
      app.http.inject({ method: 'PATCH', url: '/api/auth/me', headers: bearer(token), payload });
    expect((await patch({ locale: 'de' })).json().user).toMatchObject({ name: 'Alice', locale: 'de' });
    expect((await patch({ name: 'Alicia' })).json().user).toMatchObject({ name: 'Alicia', locale: 'de' });
    for (const payload of [{}, { role: 'admin' }, { email: 'x@example.org' }, { name: 'A', verified: true }]) {
      const reply = await patch(payload);
      expect([reply.statusCode, reply.json().error.code]).toEqual([400, 'INVALID_INPUT']);
    }
    expect(await app.models.users.findOne({}).lean()).toMatchObject({ name: 'Alicia', role: 'user', verified: false });
  });
});

describe('POST /api/auth/password', () => {
  it('changes the password and ends all other sessions with their reason', async (t) => {
    const app = await testHttp(t);
    const other = await registered(app);
    const login = (password: string) =>
      app.http.inject({ method: 'POST', url: '/api/auth/login', payload: { email: ALICE.email, password } });
    const mine: string = (await login(ALICE.password)).json().token;
    const payload = { current: ALICE.password, next: 'battery staple' };
    const reply = await app.http.inject({
      method: 'POST',
      url: '/api/auth/password',
      headers: bearer(mine),
      payload,
    });
    expect([reply.statusCode, reply.body]).toEqual([204, '']);
    const me = async (token: string) =>
      (await app.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode;
    expect([await me(mine), await me(other)]).toEqual([200, 401]);
    expect(await app.models.sessions.countDocuments({ 'ended.reason': 'password_changed' })).toBe(1);
    expect([(await login(ALICE.password)).statusCode, (await login('battery staple')).statusCode]).toEqual([401, 200]);
  });

  it('refuses a wrong current password with FORBIDDEN and changes nothing', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const before = await app.models.users.findOne({}).lean();
    const payload = { current: 'wrong password', next: 'battery staple' };
    const reply = await app.http.inject({ method: 'POST', url: '/api/auth/password', headers: bearer(token), payload });
    expect([reply.statusCode, reply.json().error.code]).toEqual([403, 'FORBIDDEN']);
    expect(await app.models.users.findOne({}).lean()).toEqual(before);
  });

  it('ends sessions that are opened with the old password during the change', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const login = { email: ALICE.email, password: ALICE.password };
    const send = (url: string, payload: object, headers = {}) =>
      app.http.inject({ method: 'POST', url, payload, headers });
    const change = { current: ALICE.password, next: 'battery staple' };
    const [, ...logins] = await Promise.all([
      send('/api/auth/password', change, bearer(token)),
      ...Array.from({ length: 6 }, () => send('/api/auth/login', login)),
    ]);
    const opened = logins.filter((reply) => reply.statusCode === 200).map((reply) => reply.json<{ token: string }>());
    for (const { token: old } of opened) {
      const me = await app.http.inject({ url: '/api/auth/me', headers: bearer(old) });
      expect(me.statusCode).toBe(401);
    }
    expect(await app.models.sessions.countDocuments({ ended: null })).toBe(1);
  });
});

describe('a request without a session', () => {
  const app = sharedHttp();

  it.each([
    ['GET', '/api/auth/me'],
    ['PATCH', '/api/auth/me'],
    ['POST', '/api/auth/logout'],
    ['POST', '/api/auth/password'],
  ] as const)('is answered UNAUTHENTICATED by %s %s', async (method, url) => {
    const reply = await app().http.inject({ method, url });
    expect([reply.statusCode, reply.json().error.code]).toEqual([401, 'UNAUTHENTICATED']);
  });

  it('is UNAUTHENTICATED after its account was deleted, and has the role that the database holds now', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const me = () => app.http.inject({ url: '/api/auth/me', headers: bearer(token) });
    await promote(app.models, ALICE.email);
    expect((await me()).json().user.role).toBe('admin');
    await app.models.users.deleteOne({ email: ALICE.email });
    expect((await me()).statusCode).toBe(401);
  });
});

describe('two servers on one database', () => {
  it('accept each other’s tokens, also if they started together', async (t) => {
    const mongoUri = testDatabaseUri();
    const [one, two] = await Promise.all([testHttp(t, { mongoUri }), testHttp(t, { mongoUri })]);
    const token = await registered(one);
    expect((await two.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(200);
    await two.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(token) });
    expect((await one.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(401);
  });
});
