import { describe, expect, it } from 'vitest';
import { ALICE, bearer, registered, sharedHttp, testHttp } from '../../test/support/test-http.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('a body that is not JSON', () => {
  const app = sharedHttp();

  it.each([
    ['DELETE', '/api/auth/me'],
    ['PATCH', '/api/auth/me'],
    ['POST', '/api/auth/password'],
    ['POST', '/api/auth/logout'],
  ] as const)('is looked at after the session: %s %s', async (method, url) => {
    const signedOut = await app().http.inject({ method, url, payload: '{"pass', headers: JSON_TYPE });
    expect([signedOut.statusCode, signedOut.json().error.code]).toEqual([401, 'UNAUTHENTICATED']);
    const email = `${method}${url.length}@example.org`;
    const token = await registered(app(), { ...ALICE, email });
    const headers = { ...JSON_TYPE, ...bearer(token) };
    const member = await app().http.inject({ method, url, payload: '{"pass', headers });
    expect(member.statusCode).toBe(400);
    expect(member.json().error).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: [], code: 'unreadable' }] });
    expect((await app().http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(200);
  });

  it.each<Record<string, string>>([FORM, JSON_TYPE, { 'content-type': 'text/plain' }, {}])(
    'is no obstacle to logging out if it is empty (%o)',
    async (type) => {
      const token = await registered(app(), { ...ALICE, email: `${type['content-type']?.length ?? 0}@example.org` });
      const headers = { ...type, ...bearer(token), 'content-length': '0' };
      const reply = await app().http.inject({ method: 'POST', url: '/api/auth/logout', headers });
      expect([reply.statusCode, reply.body]).toEqual([204, '']);
      expect((await app().http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(401);
    },
  );
});

it('a form with valid credentials, as another site could send it, opens no session', async (t) => {
  const { http } = await testHttp(t);
  await registered({ http });
  const payload = `email=${encodeURIComponent(ALICE.email)}&password=${encodeURIComponent(ALICE.password)}`;
  const reply = await http.inject({ method: 'POST', url: '/api/auth/login', payload, headers: FORM });
  expect([reply.statusCode, reply.headers['set-cookie']]).toEqual([400, undefined]);
});
