import { describe, expect, it } from 'vitest';
import { ALICE, bearer, registered, testHttp } from '../../test/support/test-http.ts';
import type { TestHttp } from '../../test/support/test-http.ts';
import { ensureConfiguredAdmin } from './ensure-admin.ts';

const ADMIN = { adminEmail: 'Boss@Example.org', adminPassword: 'first password' };

function start(http: TestHttp, config: { adminEmail: string | null; adminPassword: string | null } = ADMIN) {
  return ensureConfiguredAdmin({ ...http, now: () => new Date(), config });
}

async function login({ app }: TestHttp, password: string, email = 'boss@example.org') {
  return app.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password } });
}

describe('ADMIN_EMAIL and ADMIN_PASSWORD', () => {
  it('make an admin of a new account', async (t) => {
    const http = await testHttp(t);
    await start(http);
    const reply = await login(http, ADMIN.adminPassword);
    expect(reply.json().user).toMatchObject({ email: 'boss@example.org', role: 'admin' });
  });

  it('change nothing and end no session at the next start', async (t) => {
    const http = await testHttp(t);
    await start(http);
    const { token } = (await login(http, ADMIN.adminPassword)).json();
    const before = await http.models.users.find().lean();
    await start(http);
    expect(await http.models.users.find().lean()).toEqual(before);
    expect((await http.app.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(200);
  });

  it('replace an older password and end its sessions', async (t) => {
    const http = await testHttp(t);
    await start(http);
    const { token } = (await login(http, ADMIN.adminPassword)).json();
    await start(http, { ...ADMIN, adminPassword: 'second password' });
    expect((await http.app.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(401);
    expect((await login(http, ADMIN.adminPassword)).statusCode).toBe(401);
    expect((await login(http, 'second password')).statusCode).toBe(200);
    expect(await http.models.sessions.countDocuments({ 'ended.reason': 'password_changed' })).toBe(1);
  });

  it('take over an account that was registered with that address before', async (t) => {
    const http = await testHttp(t);
    const squatter = await registered(http, { ...ALICE, email: 'boss@example.org' });
    await start(http);
    expect((await http.app.inject({ url: '/api/auth/me', headers: bearer(squatter) })).statusCode).toBe(401);
    expect((await login(http, ALICE.password)).statusCode).toBe(401);
    expect((await login(http, ADMIN.adminPassword)).json().user.role).toBe('admin');
  });

  it('make one account on two servers that start together', async (t) => {
    const http = await testHttp(t);
    await Promise.all([start(http), start(http)]);
    expect(await http.models.users.countDocuments()).toBe(1);
  });

  it('create no account while unset', async (t) => {
    const http = await testHttp(t);
    await start(http, { adminEmail: null, adminPassword: null });
    expect(await http.models.users.countDocuments()).toBe(0);
  });
});
