import { describe, expect, it } from 'vitest';
import type { App } from '#server/app/app.ts';
import { testDatabaseUri } from '../../../test/support/database/test-database.ts';
import { ALICE, bearer, registered, testHttp } from '../../../test/support/test-http.ts';

const KEYS = { p256dh: `B${'x'.repeat(86)}`, auth: 'y'.repeat(22) };
const ENDPOINT = 'https://push.example.org/send/1';

function send(app: App, method: 'POST' | 'DELETE', token: string | null, payload: object) {
  const headers = token === null ? {} : bearer(token);
  return app.http.inject({ method, url: '/api/push/subscriptions', headers, payload });
}

describe('push subscriptions', () => {
  it('use one VAPID key pair for every server on the database', async (t) => {
    const mongoUri = testDatabaseUri();
    const [one, two] = await Promise.all([testHttp(t, { mongoUri }), testHttp(t, { mongoUri })]);
    const token = await registered(one);
    const key = async ({ http }: App) =>
      (await http.inject({ url: '/api/push/key', headers: bearer(token) })).json<{ key: string }>().key;
    const first = await key(one);
    expect(Buffer.from(first, 'base64url')).toHaveLength(65);
    expect(await key(two)).toBe(first);
    expect((await one.http.inject('/api/push/key')).statusCode).toBe(401);
  });

  it('are stored once per browser, and deleted on request', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const input = { endpoint: ENDPOINT, expirationTime: null, keys: KEYS };
    for (let again = 0; again < 2; again += 1) {
      const reply = await send(app, 'POST', token, input);
      expect([reply.statusCode, reply.body]).toEqual([204, '']);
    }
    expect(await app.models.pushSubscriptions.find().lean()).toMatchObject([{ endpoint: ENDPOINT, keys: KEYS }]);
    expect((await send(app, 'DELETE', token, { endpoint: ENDPOINT })).statusCode).toBe(204);
    expect((await send(app, 'DELETE', token, { endpoint: ENDPOINT })).statusCode).toBe(204);
    expect(await app.models.pushSubscriptions.countDocuments()).toBe(0);
  });

  it('belong to the user who signed in on the browser last, and only that user can delete them', async (t) => {
    const app = await testHttp(t);
    const alice = await registered(app);
    const bob = await registered(app, { ...ALICE, email: 'bob@example.org' });
    await send(app, 'POST', alice, { endpoint: ENDPOINT, keys: KEYS });
    await send(app, 'POST', bob, { endpoint: ENDPOINT, keys: KEYS });
    await send(app, 'DELETE', alice, { endpoint: ENDPOINT });
    const [stored] = await app.models.pushSubscriptions.find().lean();
    const owner = await app.models.users.findById(stored?.userId).lean();
    expect(owner?.email).toBe('bob@example.org');
  });

  it('end with the session that added them', async (t) => {
    const app = await testHttp(t);
    const first = await registered(app);
    const payload = { email: ALICE.email, password: ALICE.password };
    const second = (await app.http.inject({ method: 'POST', url: '/api/auth/login', payload })).json().token;
    await send(app, 'POST', first, { endpoint: `${ENDPOINT}1`, keys: KEYS });
    await send(app, 'POST', second, { endpoint: `${ENDPOINT}2`, keys: KEYS });
    const left = async () => (await app.models.pushSubscriptions.find().lean()).map(({ endpoint }) => endpoint);
    await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(first) });
    expect(await left()).toEqual([`${ENDPOINT}2`]);
    await app.http.inject({
      method: 'POST',
      url: '/api/auth/logout',
      headers: bearer(second),
      payload: { everywhere: true },
    });
    expect(await left()).toEqual([]);
  });

  it('are limited to the ten newest browsers of an account', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    for (let number = 1; number <= 12; number += 1) {
      await send(app, 'POST', token, { endpoint: `https://push.example.org/${number}`, keys: KEYS });
    }
    const left = await app.models.pushSubscriptions.find().sort({ _id: 1 }).lean();
    expect(left.map(({ endpoint }) => endpoint.slice(25))).toEqual([
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ]);
  });

  it('are refused for endpoints in private networks and for invalid input', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    for (const payload of [
      { endpoint: 'https://127.0.0.1/x', keys: KEYS },
      { endpoint: 'http://push.example.org/x', keys: KEYS },
      { endpoint: `https://push.example.org/${'x'.repeat(1_000)}`, keys: KEYS },
      { endpoint: ENDPOINT, keys: { ...KEYS, auth: 'short' } },
      { endpoint: ENDPOINT, keys: { ...KEYS, p256dh: { $ne: null } } },
      { endpoint: { $ne: null }, keys: KEYS },
      { endpoint: ENDPOINT, keys: KEYS, userId: '0'.repeat(24) },
      { endpoint: ENDPOINT },
    ]) {
      const reply = await send(app, 'POST', token, payload);
      expect([reply.statusCode, reply.json().error.code]).toEqual([400, 'INVALID_INPUT']);
    }
    expect((await send(app, 'POST', null, { endpoint: ENDPOINT, keys: KEYS })).statusCode).toBe(401);
    expect(await app.models.pushSubscriptions.countDocuments()).toBe(0);
  });
});
