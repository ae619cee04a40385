import { mongo } from 'mongoose';
import { describe, expect, it } from 'vitest';
import { testApp } from '../../../test/support/test-app.ts';
import { ALICE, bearer, registered, testHttp } from '../../../test/support/test-http.ts';
import { handClock } from '../../../test/support/hand-clock.ts';
import type { App } from '#server/app/app.ts';

const MINUTE_MS = 60_000;

const OWNER = '192.0.2.1';
const STRANGER = '192.0.2.66';

interface From {
  remoteAddress?: string;
  cookies?: Record<string, string>;
}

function login({ http }: App, email: string, password: string, { remoteAddress = OWNER, cookies = {} }: From = {}) {
  return http.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password }, remoteAddress, cookies });
}

async function codes(replies: Promise<{ json(): { error?: { code: string } } }>[]): Promise<string[]> {
  return (await Promise.all(replies)).map((reply) => reply.json().error?.code ?? 'ok');
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The cookies that an answer sets, as its browser sends them back. */
function cookiesOf({ cookies }: { cookies: { name: string; value: string }[] }): Record<string, string> {
  return Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
}

/** Ten wrong passwords of one account from one address. */
async function guessTenTimes(app: App, email: string, remoteAddress = STRANGER): Promise<void> {
  await codes(times(10, (i) => login(app, email, `guess number ${i}`, { remoteAddress })));
}

/** Wrong passwords of one account, each from an address of its own; resolves with the codes of the answers. */
async function guessFromManyAddresses(app: App, email: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let from = 0; from < count; from += 20) {
    const guesses = times(20, (i) => login(app, email, 'a guess', { remoteAddress: `198.51.${100 + from / 20}.${i}` }));
    answers.push(...(await codes(guesses)));
  }
  return answers;
}

describe('guessing passwords', () => {
  it('from one address is refused for 15 minutes after 10 parallel failures on one account', async (t) => {
    const clock = handClock();
    const app = await testHttp(t, { clock });
    await registered(app);
    const answers = await codes(times(14, (i) => login(app, ALICE.email, `guess number ${i}`)));
    expect(answers.filter((code) => code === 'UNAUTHENTICATED').length).toBeLessThanOrEqual(11);
    expect(answers.filter((code) => code === 'RATE_LIMITED').length).toBeGreaterThanOrEqual(3);
    const right = await login(app, ALICE.email.toUpperCase(), ALICE.password);
    expect(right.statusCode).toBe(429);
    const { code, retryAfterMs } = right.json().error;
    expect(code).toBe('RATE_LIMITED');
    expect(retryAfterMs).toBeGreaterThan(14 * MINUTE_MS);
    expect(retryAfterMs).toBeLessThanOrEqual(15 * MINUTE_MS);
    expect(right.headers['retry-after']).toBe(String(Math.ceil(retryAfterMs / 1_000)));
    clock.pass(15 * MINUTE_MS);
    expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(200);
  });

  it('locks out the address of the stranger who guesses, not the owner of the account', async (t) => {
    const app = await testHttp(t);
    const headers = bearer(await registered(app));
    await guessTenTimes(app, ALICE.email, STRANGER);
    expect((await login(app, ALICE.email, ALICE.password, { remoteAddress: STRANGER })).statusCode).toBe(429);
    expect((await login(app, ALICE.email, ALICE.password, { remoteAddress: OWNER })).statusCode).toBe(200);
    const payload = { current: ALICE.password, next: 'battery staple' };
    const changed = await app.http.inject({ method: 'POST', url: '/api/auth/password', headers, payload });
    expect(changed.statusCode).toBe(204);
    const closed = await app.http.inject({
      method: 'DELETE',
      url: '/api/auth/me',
      headers,
      payload: { password: payload.next },
    });
    expect(closed.statusCode).toBe(204);
  });

  it('from the network of the owner does not lock out a device on which the owner has signed in', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const cookies = cookiesOf(await login(app, ALICE.email, ALICE.password));
    await guessTenTimes(app, ALICE.email, OWNER);
    expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(429);
    expect((await login(app, ALICE.email, ALICE.password, { cookies })).statusCode).toBe(200);
  });

  it('on a known device is limited by a count of its own, which leaves other devices alone', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const device = cookiesOf(await login(app, ALICE.email, ALICE.password));
    const otherDevice = cookiesOf(await login(app, ALICE.email, ALICE.password));
    await codes(times(10, (i) => login(app, ALICE.email, `guess number ${i}`, { cookies: device })));
    const again = (cookies?: Record<string, string>) =>
      login(app, ALICE.email, ALICE.password, { ...(cookies && { cookies }) });
    expect((await again(device)).statusCode).toBe(429);
    expect((await again(otherDevice)).statusCode).toBe(200);
    expect((await again()).statusCode).toBe(200);
  });

  it('gains nothing by a forged mark of a known device, or by the mark of another account', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    await registered(app, { ...ALICE, email: 'mallory@example.org' });
    const own = cookiesOf(await login(app, ALICE.email, ALICE.password))['device'] ?? '';
    const foreign = cookiesOf(await login(app, 'mallory@example.org', ALICE.password))['device'] ?? '';
    const forged = own.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    await guessTenTimes(app, ALICE.email, OWNER);
    for (const device of [forged, foreign, own.slice(0, 60), 'é.é.é.é', '!!!', '']) {
      expect((await login(app, ALICE.email, ALICE.password, { cookies: { device } })).statusCode, device).toBe(429);
    }
    const several = `${foreign}!${own}`;
    expect((await login(app, ALICE.email, ALICE.password, { cookies: { device: several } })).statusCode).toBe(200);
  });

  it('from two hundred addresses is refused after 100 failures, and a known device passes', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const cookies = cookiesOf(await login(app, ALICE.email, ALICE.password));
    const answers = await guessFromManyAddresses(app, ALICE.email, 200);
    expect(answers.filter((code) => code === 'UNAUTHENTICATED').length).toBeLessThanOrEqual(101);
    expect(answers.slice(120)).toEqual(times(80, () => 'RATE_LIMITED'));
    expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(429);
    expect((await login(app, ALICE.email, ALICE.password, { cookies })).statusCode).toBe(200);
  });

  it('is ended by the reset of the password, which makes the browser a known device', async (t) => {
    const lines: string[] = [];
    const app = await testApp(t, { log: { write: (line) => void lines.push(line) } });
    const alice = await app.register('alice');
    const { email } = alice.user;
    const signIn = (password: string, headers = {}) => app.post('/api/auth/login', { email, password }, headers);
    for (let guess = 0; guess < 10; guess += 1) await signIn('a guess');
    expect((await signIn('correct horse')).status).toBe(429);
    await app.post('/api/auth/forgot', { email });
    const token = () => /reset\?token=([\w-]+)/.exec(lines.join(''))?.[1];
    await expect.poll(token, { timeout: 20_000 }).toBeDefined();
    const reset = await app.post('/api/auth/reset', { token: token(), next: 'battery staple' });
    expect(reset.status).toBe(204);
    expect((await signIn('battery staple')).status).toBe(200);
    for (let guess = 0; guess < 10; guess += 1) await signIn('a guess');
    const device =
      reset.headers
        .getSetCookie()
        .find((cookie) => cookie.startsWith('device='))
        ?.split(';')[0] ?? '';
    expect((await signIn('battery staple')).status).toBe(429);
    expect((await signIn('battery staple', { cookie: device })).status).toBe(200);
  });

  it('is counted together by two servers', async (t) => {
    const { app, mongoUri } = await testApp(t, { isIdle: true });
    const other = await testHttp(t, { mongoUri });
    await registered(app);
    for (let guess = 0; guess < 5; guess += 1) {
      for (const server of [app, other]) expect((await login(server, ALICE.email, 'a guess')).statusCode).toBe(401);
    }
    for (const server of [app, other]) expect((await login(server, ALICE.email, 'a guess')).statusCode).toBe(429);
  });

  it('is counted once each where two servers begin a count at the same moment', async (t) => {
    const { app, mongoUri } = await testApp(t, { isIdle: true });
    const other = await testHttp(t, { mongoUri });
    for (const server of [app, other]) await login(server, 'warm-up@example.org', 'a guess');
    await codes([app, other, app, other].map((server) => login(server, 'nobody@example.org', 'a guess')));
    const all = await app.models.rateCounts.find({ _id: /:all$/ }).lean();
    expect(all.map(({ count }) => count).sort()).toEqual([2, 4]);
  });

  it('on a missing account is refused alike', async (t) => {
    const app = await testHttp(t);
    for (let i = 0; i < 10; i += 1) expect((await login(app, 'nobody@example.org', 'guess')).statusCode).toBe(401);
    expect((await login(app, 'nobody@example.org', 'guess')).statusCode).toBe(429);
  });

  it('asks the same of the database for a missing account as for an existing one', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const commandsFor = async (email: string) => {
      const commands: string[] = [];
      app.models.users.db.set(
        'debug',
        (collection: string, method: string) => void commands.push(`${collection}.${method}`),
      );
      await login(app, email, 'a guess');
      return commands;
    };
    const known = await commandsFor(ALICE.email);
    expect(known).toContain('rateCounts.find');
    expect(await commandsFor('nobody@example.org')).toEqual(known);
  });

  it('is answered UNAVAILABLE, and verifies nothing, while the counts cannot be read or written', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    const { rateCounts } = app.models;
    const { find, updateOne } = rateCounts;
    const unreachable = () => {
      throw new mongo.MongoNetworkError('unreachable');
    };
    rateCounts.find = unreachable;
    expect((await login(app, ALICE.email, ALICE.password)).json().error.code).toBe('UNAVAILABLE');
    Object.assign(rateCounts, { find, updateOne: unreachable });
    expect((await login(app, ALICE.email, 'a guess')).json().error.code).toBe('UNAVAILABLE');
    rateCounts.updateOne = updateOne;
    expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(200);
  });

  it('keeps no address of a person and no address of a client in the counts', async (t) => {
    const app = await testHttp(t);
    await login(app, ALICE.email, 'a guess');
    const stored = JSON.stringify(await app.models.rateCounts.find().lean());
    expect(stored).toContain('account:');
    expect(stored).not.toMatch(/alice|example|192\.0\.2/);
  });

  it('from one address is refused after 100 failures, and other addresses are not affected', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    for (let round = 0; round < 10; round += 1) {
      await codes(times(10, (i) => login(app, `victim${round}-${i}@example.org`, 'password1')));
    }
    expect((await login(app, ALICE.email, ALICE.password)).json().error.code).toBe('RATE_LIMITED');
    expect((await login(app, ALICE.email, ALICE.password, { remoteAddress: STRANGER })).statusCode).toBe(200);
  });

  it('never counts right passwords, and a right one resets the failures of its account there', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    expect(new Set(await codes(times(25, () => login(app, ALICE.email, ALICE.password))))).toEqual(new Set(['ok']));
    for (let round = 0; round < 2; round += 1) {
      await codes(times(9, () => login(app, ALICE.email, 'wrong password')));
      expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(200);
    }
  });

  it('by changing a password or deleting the account is counted for the session', async (t) => {
    const app = await testHttp(t);
    const headers = bearer(await registered(app));
    const payload = { current: 'wrong password', next: 'battery staple' };
    const change = () => app.http.inject({ method: 'POST', url: '/api/auth/password', headers, payload });
    const close = () =>
      app.http.inject({ method: 'DELETE', url: '/api/auth/me', headers, payload: { password: 'wrong password' } });
    for (let i = 0; i < 5; i += 1) {
      for (const attempt of [change, close]) expect((await attempt()).statusCode).toBe(403);
    }
    for (const attempt of [change, close]) expect((await attempt()).statusCode).toBe(429);
  });

  it('is not limited with RATE_LIMITS=off', async (t) => {
    const app = await testHttp(t, { env: { RATE_LIMITS: 'off' } });
    await registered(app);
    const answers = await codes(times(15, () => login(app, ALICE.email, 'wrong password')));
    expect(new Set(answers)).toEqual(new Set(['UNAUTHENTICATED']));
  });
});

describe('a forwarded address', () => {
  const guess = (app: App, forwarded: string) =>
    app.http.inject({
      method: 'POST',
      url: '/api/auth/login',
      remoteAddress: '10.0.0.1',
      headers: { 'x-forwarded-for': forwarded },
      payload: { email: `${forwarded}@example.org`, password: 'password1' },
    });

  it('counts from a trusted proxy, and is ignored from a direct client', async (t) => {
    const trusting = await testHttp(t, { env: { TRUST_PROXY: '10.0.0.0/8' } });
    const direct = await testHttp(t);
    for (let round = 0; round < 10; round += 1) {
      await codes(times(10, (i) => guess(trusting, `198.51.100.${round * 10 + i}`)));
      await codes(times(10, (i) => guess(direct, `198.51.100.${round * 10 + i}`)));
    }
    expect((await guess(trusting, '198.51.100.200')).statusCode).toBe(401);
    expect((await guess(direct, '198.51.100.200')).statusCode).toBe(429);
  });
});
