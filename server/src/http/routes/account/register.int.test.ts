import { describe, expect, it, onTestFinished } from 'vitest';
import { ALICE, registered, sharedHttp, testHttp } from '../../../../test/support/test-http.ts';
import { handClock, NOON } from '../../../../test/support/hand-clock.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

describe('POST /api/auth/register', () => {
  it('answers 201 with the user and a token, and sets the cookie', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const { http } = await testHttp(t, { clock });
    const reply = await http.inject({ method: 'POST', url: '/api/auth/register', payload: ALICE });
    expect(reply.statusCode).toBe(201);
    const { user, token } = reply.json();
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      name: 'Alice',
      email: 'alice@example.org',
      verified: false,
      hasPassword: true,
      locale: 'en',
      role: 'user',
      createdAt: '2026-11-23T12:00:00.000Z',
    });
    expect([reply.headers['set-cookie']].flat()).toContain(
      `session=${token}; Path=/; Expires=Wed, 23 Dec 2026 12:00:00 GMT; HttpOnly; SameSite=Lax`,
    );
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    ['http://tickets.example.org', undefined],
    ['https://tickets.example.org', true],
    [null, undefined],
  ])('with PUBLIC_URL %s sets a cookie with Secure: %s', async (publicUrl, secure) => {
    const { http } = await testHttp({ onTestFinished }, publicUrl === null ? {} : { env: { PUBLIC_URL: publicUrl } });
    const reply = await http.inject({ method: 'POST', url: '/api/auth/register', payload: ALICE });
    expect(reply.cookies[0]).toMatchObject({ name: 'session', httpOnly: true, sameSite: 'Lax', path: '/' });
    expect(reply.cookies[0]?.secure).toBe(secure);
  });

  it('stores an argon2id hash of at least 19,456 KiB and two passes, never the password', async (t) => {
    const app = await testHttp(t, { hashesPasswordsSafely: true });
    await registered(app);
    const user = await app.models.users.findOne({}).orFail().lean();
    expect(user.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(user)).not.toContain(ALICE.password);
  });

  it('accepts an address once, whatever its case, also in simultaneous registrations', async (t) => {
    const { http, models } = await testHttp(t);
    const spellings = ['bob@example.org', 'BOB@example.org', 'Bob@Example.org', 'bob@EXAMPLE.ORG'];
    const replies = await Promise.all(
      spellings.map((email) =>
        http.inject({ method: 'POST', url: '/api/auth/register', payload: { ...ALICE, email } }),
      ),
    );
    expect(replies.map((reply) => reply.statusCode).sort()).toEqual([201, 409, 409, 409]);
    const refused = replies.filter((reply) => reply.statusCode === 409);
    for (const reply of refused) expect(reply.json().error.code).toBe('EMAIL_TAKEN');
    expect(await models.users.countDocuments()).toBe(1);
  });

  it.each([
    ['de-AT,de;q=0.9', undefined, 'de'],
    ['de', 'en', 'en'],
  ])('with Accept-Language "%s" and locale %s stores the locale %s', async (header, locale, expected) => {
    const { http } = await testHttp({ onTestFinished });
    const reply = await http.inject({
      method: 'POST',
      url: '/api/auth/register',
      headers: { 'accept-language': header },
      payload: { ...ALICE, ...(locale && { locale }) },
    });
    expect(reply.json().user.locale).toBe(expected);
  });
});

describe('POST /api/auth/register with an invalid body', () => {
  const app = sharedHttp();

  it.each([
    ['a smuggled role', { ...ALICE, role: 'admin' }, ['unrecognized_keys', []]],
    ['an operator as address', { ...ALICE, email: { $ne: null } }, ['invalid_type', ['email']]],
    ['an operator as password', { ...ALICE, password: { $gt: '' } }, ['invalid_type', ['password']]],
    ['a NUL in the name', { ...ALICE, name: 'A\0lice' }, ['custom', ['name']]],
    ['a lone surrogate', { ...ALICE, name: 'A\ud800' }, ['custom', ['name']]],
    ['a password of 7 characters', { ...ALICE, password: '1234567' }, ['too_small', ['password']]],
    ['a password of 129 characters', { ...ALICE, password: 'x'.repeat(129) }, ['too_big', ['password']]],
    ['no address', { name: 'A', password: 'long enough' }, ['invalid_type', ['email']]],
    ['an array', [ALICE], ['invalid_type', []]],
    ['an unknown language', { ...ALICE, locale: 'fr' }, ['invalid_value', ['locale']]],
    ['a number as name', { ...ALICE, name: 7 }, ['invalid_type', ['name']]],
  ])('refuses %s and stores nothing', async (_what, payload, [code, path]) => {
    const { http, models } = app();
    const reply = await http.inject({ method: 'POST', url: '/api/auth/register', payload });
    expect(reply.statusCode).toBe(400);
    expect(reply.json().error).toMatchObject({ code: 'INVALID_INPUT', message: expect.any(String) });
    expect(reply.json().error.issues).toContainEqual({ path, code, message: expect.any(String) });
    expect(reply.headers['set-cookie']).toBeUndefined();
    expect(await models.users.countDocuments()).toBe(0);
  });

  it.each([
    ['malformed JSON', '{"name":', JSON_TYPE],
    ['a prototype key', '{"__proto__":{"role":"admin"},"name":"A"}', JSON_TYPE],
    ['a constructor key', '{"constructor":{"prototype":{"role":"admin"}}}', JSON_TYPE],
    ['null', 'null', JSON_TYPE],
    ['an empty body', '', JSON_TYPE],
    ['deep nesting', '['.repeat(30_000) + ']'.repeat(30_000), JSON_TYPE],
    ['a form', 'name=Alice&email=a%40example.org', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', '{}', { 'content-type': 'text/plain' }],
    ['more than 64 KB', JSON.stringify({ name: 'x'.repeat(70_000) }), JSON_TYPE],
  ])('answers INVALID_INPUT with 400 to %s', async (_what, payload, headers) => {
    const { http, models } = app();
    const reply = await http.inject({ method: 'POST', url: '/api/auth/register', payload, headers });
    expect(reply.statusCode).toBe(400);
    const issues = [expect.objectContaining({ path: [], code: expect.any(String), message: expect.any(String) })];
    expect(reply.json().error).toMatchObject({ code: 'INVALID_INPUT', issues });
    expect(await models.users.countDocuments()).toBe(0);
  });
});
