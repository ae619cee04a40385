import { describe, expect, it } from 'vitest';
import { ALICE, bearer, registered, testHttp } from '../../test/support/test-http.ts';
import type { App } from '#server/app/app.ts';
import { ensureConfiguredAdmin } from './ensure-admin.ts';

const ADMIN = { adminEmail: 'Boss@Example.org', adminPassword: 'first password' };

function start(app: App, config: { adminEmail: string | null; adminPassword: string | null } = ADMIN) {
  return ensureConfiguredAdmin({ ...app, now: () => new Date(), config });
}

async function login({ http }: App, password: string, email = 'boss@example.org') {
  return http.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password } });
}

describe('ADMIN_EMAIL and ADMIN_PASSWORD', () => {
  it('make an admin of a new account', async (t) => {
    const app = await testHttp(t);
    await start(app);
    const reply = await login(app, ADMIN.adminPassword);
    expect(reply.json().user).toMatchObject({ email: 'boss@example.org', role: 'admin' });
  });

  it('change nothing and end no session at the next start', async (t) => {
    const app = await testHttp(t);
    await start(app);
    const { token } = (await login(app, ADMIN.adminPassword)).json();
    const before = await app.models.users.find().lean();
    await start(app);
    expect(await app.models.users.find().lean()).toEqual(before);
    expect((await app.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(200);
  });

  it('replace an older password and end its sessions', async (t) => {
    const app = await testHttp(t);
    await start(app);
    const { token } = (await login(app, ADMIN.adminPassword)).json();
    await start(app, { ...ADMIN, adminPassword: 'second password' });
    expect((await app.http.inject({ url: '/api/auth/me', headers: bearer(token) })).statusCode).toBe(401);
    expect((await login(app, ADMIN.adminPassword)).statusCode).toBe(401);
    expect((await login(app, 'second password')).statusCode).toBe(200);
    expect(await app.models.sessions.countDocuments({ 'ended.reason': 'password_changed' })).toBe(1);
  });

  it('take over an account that was registered with that address before', async (t) => {
    const app = await testHttp(t);
    const squatter = await registered(app, { ...ALICE, email: 'boss@example.org' });
    await start(app);
    expect((await app.http.inject({ url: '/api/auth/me', headers: bearer(squatter) })).statusCode).toBe(401);
    expect((await login(app, ALICE.password)).statusCode).toBe(401);
    expect((await login(app, ADMIN.adminPassword)).json().user.role).toBe('admin');
  });

  it('make no admin of an account whose older password could not be replaced', async (t) => {
    const app = await testHttp(t);
    const squatter = await registered(app, { ...ALICE, email: 'boss@example.org' });
    const passwords = { ...app.passwords, hash: () => Promise.reject(new Error('no memory')) };
    await expect(ensureConfiguredAdmin({ ...app, passwords, now: () => new Date(), config: ADMIN })).rejects.toThrow(
      'no memory',
    );
    const me = await app.http.inject({ url: '/api/auth/me', headers: bearer(squatter) });
    expect(me.json().user.role).toBe('user');
  });

  it('make one account on two servers that start together', async (t) => {
    const app = await testHttp(t);
    await Promise.all([start(app), start(app)]);
    expect(await app.models.users.countDocuments()).toBe(1);
  });

  it('create no account while unset', async (t) => {
    const app = await testHttp(t);
    await start(app, { adminEmail: null, adminPassword: null });
    expect(await app.models.users.countDocuments()).toBe(0);
  });
});
