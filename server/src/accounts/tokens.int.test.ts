import { createHmac, randomUUID } from 'node:crypto';
import { describe, expect, it, type TestContext } from 'vitest';
import { handClock, NOON } from '../../test/support/hand-clock.ts';
import { bearer, registered, sharedHttp, testHttp } from '../../test/support/test-http.ts';
import { loadKeys } from './keys.ts';

const clock = handClock({ standsAt: NOON });
const NOW = clock.now().getTime() / 1_000;

function encode(part: unknown): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** A token with any header and claims, signed with the secret. */
function forge(secret: string, header: object, claims: object, hash = 'sha256'): string {
  const body = `${encode(header)}.${encode(claims)}`;
  return `${body}.${createHmac(hash, secret).update(body).digest('base64url')}`;
}

const HEADER = { alg: 'HS256', typ: 'JWT' };

describe('a session token', () => {
  const app = sharedHttp({ clock });

  /** The token and claims of a real session, with the server's secret. */
  async function genuine(email = `${randomUUID()}@example.org`) {
    const token = await registered(app(), { name: 'Eve', email, password: 'long enough' });
    const { value: secret } = await app().models.keys.findById('token-secret').orFail().lean();
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    return { token, claims, secret };
  }

  const statusOf = async (token: string) =>
    (await app().http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode;

  it('forged with the right secret, header and claims is accepted (control for the refusals below)', async () => {
    const { secret, claims } = await genuine();
    expect(claims).toEqual({
      sub: expect.stringMatching(/^[0-9a-f]{24}$/),
      jti: expect.stringMatching(/^[0-9a-f]{24}$/),
      iss: 'frontrow',
      aud: 'frontrow',
      iat: NOW,
      exp: NOW + 30 * 86_400,
    });
    expect(await statusOf(forge(secret, HEADER, claims))).toBe(200);
  });

  it.each<[string, (given: { token: string; secret: string; claims: Record<string, unknown> }) => string]>([
    ['garbage', () => 'garbage'],
    ['three dots', () => '...'],
    ['8 KB', ({ token }) => token + 'A'.repeat(8_192)],
    ['8 KB, well signed', ({ secret, claims }) => forge(secret, HEADER, { ...claims, pad: 'A'.repeat(8_192) })],
    ['alg none without signature', ({ claims }) => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`],
    ['alg none with a signature', ({ secret, claims }) => forge(secret, { alg: 'none', typ: 'JWT' }, claims)],
    ['HS512', ({ secret, claims }) => forge(secret, { alg: 'HS512', typ: 'JWT' }, claims, 'sha512')],
    ['RS256 by name', ({ secret, claims }) => forge(secret, { alg: 'RS256', typ: 'JWT' }, claims)],
    ['another secret', ({ claims }) => forge('x'.repeat(64), HEADER, claims)],
    ['no signature', ({ token }) => token.replace(/[^.]*$/, '')],
    ['a header with jku', ({ secret, claims }) => forge(secret, { ...HEADER, jku: 'https://evil.test/k' }, claims)],
    ['a header with jwk', ({ secret, claims }) => forge(secret, { ...HEADER, jwk: { kty: 'oct', k: 'AA' } }, claims)],
    ['a header with crit', ({ secret, claims }) => forge(secret, { ...HEADER, crit: ['exp'] }, claims)],
    ['a header with an empty crit', ({ secret, claims }) => forge(secret, { ...HEADER, crit: '' }, claims)],
    ['a header with kid', ({ secret, claims }) => forge(secret, { ...HEADER, kid: '../../dev/null' }, claims)],
    ['expired', ({ secret, claims }) => forge(secret, HEADER, { ...claims, exp: NOW - 1 })],
    ['no expiry', ({ secret, claims }) => forge(secret, HEADER, { ...claims, exp: undefined })],
    ['a text as expiry', ({ secret, claims }) => forge(secret, HEADER, { ...claims, exp: '9999999999' })],
    ['nbf in the future', ({ secret, claims }) => forge(secret, HEADER, { ...claims, nbf: NOW + 60 })],
    ['another issuer', ({ secret, claims }) => forge(secret, HEADER, { ...claims, iss: 'elsewhere' })],
    ['no issuer', ({ secret, claims }) => forge(secret, HEADER, { ...claims, iss: undefined })],
    ['another audience', ({ secret, claims }) => forge(secret, HEADER, { ...claims, aud: 'elsewhere' })],
    ['two audiences', ({ secret, claims }) => forge(secret, HEADER, { ...claims, aud: ['frontrow', 'elsewhere'] })],
    ['no session', ({ secret, claims }) => forge(secret, HEADER, { ...claims, jti: undefined })],
    ['an unknown session', ({ secret, claims }) => forge(secret, HEADER, { ...claims, jti: 'f'.repeat(24) })],
    ['an operator as session', ({ secret, claims }) => forge(secret, HEADER, { ...claims, jti: { $ne: null } })],
    ['an operator as user', ({ secret, claims }) => forge(secret, HEADER, { ...claims, sub: { $ne: null } })],
    ['a claim of a role', ({ secret, claims }) => forge(secret, HEADER, { ...claims, role: 'admin' })],
  ])('is refused: %s', async (_what, make) => {
    const given = await genuine();
    expect(await statusOf(make(given))).toBe(401);
    expect(await statusOf(given.token)).toBe(200);
  });

  it('of one user with the session of another is refused, and alternating tokens keep their identities', async () => {
    const [one, two] = [await genuine('one@example.org'), await genuine('two@example.org')];
    expect(await statusOf(forge(one.secret, HEADER, { ...one.claims, sub: two.claims.sub }))).toBe(401);
    for (const { token, email } of [
      { token: one.token, email: 'one@example.org' },
      { token: two.token, email: 'two@example.org' },
      { token: one.token, email: 'one@example.org' },
    ]) {
      const me = await app().http.inject({ url: '/api/auth/me', headers: bearer(token) });
      expect(me.json().user.email).toBe(email);
    }
  });
});

describe('the keys of a database', () => {
  const deps = async (t: TestContext) => {
    const { models } = await testHttp(t);
    await models.keys.deleteMany({});
    return { models, now: clock.now };
  };

  it('use JWT_SECRET if it is set, and then store no token secret', async (t) => {
    const { models, now } = await deps(t);
    const { tokenSecret, ticketSecret } = await loadKeys({ models, now, config: { jwtSecret: 's'.repeat(32) } });
    expect(tokenSecret).toBe('s'.repeat(32));
    const kept = (await models.keys.find().lean()).map(({ _id }) => _id);
    expect(kept.toSorted()).toEqual(['device-secret', 'payment-secret', 'ticket-secret', 'vapid']);
    expect(Buffer.from(ticketSecret, 'base64url').length).toBeGreaterThanOrEqual(32);
  });

  it('are the same for servers that start together on an empty database', async (t) => {
    const { models, now } = await deps(t);
    const load = () => loadKeys({ models, now, config: { jwtSecret: null } });
    const [first, ...others] = await Promise.all([load(), load(), load()]);
    expect(others).toEqual([first, first]);
  });
});
