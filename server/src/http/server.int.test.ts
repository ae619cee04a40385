import { once } from 'node:events';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { commands } from '#shared/protocol/commands.ts';
import { ERROR_STATUS } from '#shared/protocol/errors.ts';
import { commandCutter } from '../../test/support/database/command-cutter.ts';
import { testDatabaseUri } from '../../test/support/database/test-database.ts';
import { handClock, NOON } from '../../test/support/hand-clock.ts';
import { ALICE, bearer, registered, sharedHttp, testHttp } from '../../test/support/test-http.ts';

describe('the origin of a request', () => {
  const app = sharedHttp({ env: { CORS_ORIGINS: 'https://shop.example.org' } });
  const send = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT', url: string, origin: string) =>
    app().http.inject({ method, url, headers: { origin, host: 'localhost:5000' } });

  it.each(['https://evil.test', 'null', 'http://localhost:5000.evil.test', 'https://shop.example.org.evil.test'])(
    'that is foreign (%s) allows reading and refuses changes',
    async (origin) => {
      for (const method of ['POST', 'PATCH', 'DELETE', 'PUT'] as const) {
        for (const url of ['/api/auth/login', '/api/auth/logout', '/api/auth/me', '/api/whatever']) {
          const reply = await send(method, url, origin);
          expect([reply.statusCode, reply.json().error.code]).toEqual([403, 'FORBIDDEN']);
        }
      }
      const read = await send('GET', '/api/events', origin);
      expect(read.statusCode).toBe(200);
      expect(read.headers['access-control-allow-origin']).toBeUndefined();
    },
  );

  it('that is the site itself or in CORS_ORIGINS allows changes', async () => {
    for (const origin of ['http://localhost:5000', 'https://shop.example.org']) {
      expect((await send('POST', '/api/auth/logout', origin)).statusCode).toBe(401);
    }
  });

  it('in CORS_ORIGINS gets the CORS headers, in the preflight as well', async () => {
    const preflight = await app().http.inject({
      method: 'OPTIONS',
      url: '/api/auth/login',
      headers: { origin: 'https://shop.example.org', 'access-control-request-method': 'POST' },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': 'https://shop.example.org',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, content-type',
      vary: 'Origin',
    });
  });
});

describe('a request without a route', () => {
  const app = sharedHttp();

  it.each([
    ['GET', '/api/nothing'],
    ['POST', '/api/events'],
    ['DELETE', '/api/auth/login'],
    ['GET', '/api'],
    ['GET', '/api/events/aaaaaaaaaaaaaaaaaaaaaaaa/secret'],
    ['GET', `/api/events/${'a'.repeat(500)}`],
    ['POST', '/api/auth/forgotten'],
    ['POST', '/anything'],
    ['PUT', '/'],
    ['GET', '/socket.io/nothing'],
    ['GET', '/metrics/x'],
  ] as const)('%s %s is NOT_FOUND in JSON', async (method, url) => {
    const reply = await app().http.inject({ method, url });
    expect(reply.statusCode).toBe(404);
    expect(reply.json().error).toEqual({ code: 'NOT_FOUND', message: expect.any(String) });
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
  });

  it('is INVALID_INPUT if its URL is malformed', async () => {
    const reply = await app().http.inject({ url: '/api/events/%E0%A4%A' });
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect([reply.statusCode, reply.json().error.code]).toEqual([400, 'INVALID_INPUT']);
  });
});

describe('a defect', () => {
  it('is INTERNAL with an incident id; the log has its cause and no secrets', async (t) => {
    const lines: string[] = [];
    const log = { write: (line: string) => void lines.push(line) };
    const app = await testHttp(t, { log, env: { LOG_LEVEL: 'debug' } });
    const token = await registered(app);
    app.models.sessions.find = () => {
      throw new Error('the cause of it all');
    };
    const reply = await app.http.inject({ url: '/api/auth/me', headers: { cookie: `session=${token}` } });
    expect([reply.statusCode, reply.json().error.code]).toEqual([500, 'INTERNAL']);
    expect(reply.body).not.toContain('the cause of it all');
    const incident = /[0-9a-f-]{36}/.exec(reply.json().error.message)?.[0] ?? 'none';
    const logged = lines.find((line) => line.includes(incident));
    expect(logged).toContain('the cause of it all');
    const all = lines.join('');
    expect(all).toContain('/api/auth/register');
    for (const secret of [token, ALICE.password, ALICE.email]) expect(all).not.toContain(secret);
  });

  it('of the connection to the database is UNAVAILABLE with a time to retry', async (t) => {
    const cutter = await commandCutter('find');
    t.onTestFinished(cutter.close);
    const { http } = await testHttp(t, { mongoUri: cutter.through(testDatabaseUri()) });
    // Two losses, because the driver retries a read once.
    cutter.cutNext('request', 'request');
    const reply = await http.inject({ url: `/api/events/${'a'.repeat(24)}` });
    expect(cutter.cuts()).toBe(2);
    expect([reply.statusCode, reply.json().error.code]).toEqual([503, 'UNAVAILABLE']);
    expect(reply.headers['retry-after']).toBe('1');
  });
});

describe('rate limits per address', () => {
  it('bound reads, and answer how long to wait', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const { http } = await testHttp(t, { clock });
    const read = () => http.inject({ url: '/api/health/live' });
    for (let i = 0; i < 600; i += 1) expect((await read()).statusCode).toBe(200);
    const refused = await read();
    expect(refused.statusCode).toBe(429);
    expect(refused.json().error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 2_000 });
    expect((await http.inject({ url: '/api/health/live', remoteAddress: '192.0.2.9' })).statusCode).toBe(200);
    clock.pass(2_000);
    expect((await read()).statusCode).toBe(200);
  });

  it('bound registrations at 3,000 an hour, before the input is parsed', async (t) => {
    const { http } = await testHttp(t);
    const register = () => http.inject({ method: 'POST', url: '/api/auth/register', payload: {} });
    for (let i = 0; i < 3_000; i += 1) expect((await register()).statusCode).toBe(400);
    expect((await register()).statusCode).toBe(429);
  });

  it('are off with RATE_LIMITS=off', async (t) => {
    const { http } = await testHttp(t, { env: { RATE_LIMITS: 'off' } });
    for (let i = 0; i < 601; i += 1) expect((await http.inject({ url: '/api/health/live' })).statusCode).toBe(200);
  });
});

describe('GET /api/schema.json', () => {
  const app = sharedHttp();
  const ajv = new Ajv2020({ strict: false, validateFormats: false });

  interface WireSchema {
    commands: Record<keyof typeof commands, { input: object; data: object }>;
    pushes: Record<string, object>;
    shapes: Record<string, object>;
  }

  it('has every command, push, shape and error code, and only schemas that compile', async () => {
    const reply = await app().http.inject({ url: '/api/schema.json' });
    const schema = reply.json<WireSchema>();
    expect(Object.keys(schema.commands).sort()).toEqual(Object.keys(commands).sort());
    expect(schema).toMatchObject({
      protocol: 1,
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
      errors: ERROR_STATUS,
    });
    for (const { input, data } of Object.values(schema.commands)) {
      ajv.compile(input);
      ajv.compile(data);
    }
    for (const made of [...Object.values(schema.pushes), ...Object.values(schema.shapes)]) ajv.compile(made);
  });

  it('forbids unknown properties in inputs and allows them in outputs, at every depth', async () => {
    const reply = await app().http.inject({ url: '/api/schema.json' });
    const { commands: table, shapes } = reply.json<WireSchema>();
    const takes = ajv.compile(table.createEvent.input);
    const input = {
      requestId: '0b0b3ad0-6c0f-4a8e-9f6e-6b1df3a1e001',
      title: 'T',
      description: '',
      venue: 'V',
      startsAt: '2027-01-01T20:00:00.000Z',
      totalSeats: 5,
    };
    expect(takes(input)).toBe(true);
    expect(takes({ ...input, status: 'draft', price: { amount: 1, currency: 'EUR' } })).toBe(true);
    expect(takes({ ...input, role: 'admin' })).toBe(false);
    expect(takes({ ...input, price: { amount: 1, currency: 'EUR', tip: 1 } })).toBe(false);
    expect(takes({ ...input, totalSeats: 0 })).toBe(false);
    expect(JSON.stringify(shapes['Event'])).toContain('revision');
    expect(JSON.stringify(shapes['Event'])).not.toContain('additionalProperties');
    expect(JSON.stringify(table.listBookings.data)).not.toContain('additionalProperties');
  });

  it('is the same on each server, and answered 304 to a client that has it', async (t) => {
    const first = await app().http.inject({ url: '/api/schema.json' });
    const other = await testHttp(t);
    expect((await other.http.inject({ url: '/api/schema.json' })).body).toBe(first.body);
    const headers = { 'if-none-match': String(first.headers['etag']) };
    const again = await app().http.inject({ url: '/api/schema.json', headers });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });
});

describe('closing the HTTP server', () => {
  it('takes seconds at most, also while a client never finishes its request', async (t) => {
    const { http } = await testHttp(t);
    await http.listen({ port: 0, host: '127.0.0.1' });
    const { port } = http.server.address() as AddressInfo;
    const slow = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/auth/login' });
    slow.setHeader('content-type', 'application/json');
    slow.setHeader('content-length', '100');
    const failed = once(slow, 'error');
    const reached = once(http.server, 'request');
    slow.write('{');
    await reached;
    const before = performance.now();
    await http.close();
    expect(performance.now() - before).toBeLessThan(5_000);
    await failed;
  });
});

describe('a bearer token', () => {
  it('is accepted with its scheme in any case, and ignored if malformed', async (t) => {
    const app = await testHttp(t);
    const token = await registered(app);
    const status = async (authorization: string) =>
      (await app.http.inject({ url: '/api/auth/me', headers: { authorization } })).statusCode;
    expect(await status(bearer(token).authorization)).toBe(200);
    expect(await status(`bearer ${token}`)).toBe(200);
    for (const odd of [`Basic ${token}`, token, `Bearer ${token} ${token}`, 'Bearer ', `Bearer,${token}`]) {
      expect(await status(odd)).toBe(401);
    }
  });
});
