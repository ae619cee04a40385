import { describe, expect, it } from 'vitest';
import { ALICE, bearer, registered, testHttp } from '../../test/support/test-http.ts';
import { handClock, NOON } from '../../test/support/hand-clock.ts';
import type { App } from '#server/app/app.ts';

const MINUTE_MS = 60_000;

function login({ http }: App, email: string, password: string, remoteAddress = '192.0.2.1') {
  return http.inject({ method: 'POST', url: '/api/auth/login', payload: { email, password }, remoteAddress });
}

async function codes(replies: Promise<{ json(): { error?: { code: string } } }>[]): Promise<string[]> {
  return (await Promise.all(replies)).map((reply) => reply.json().error?.code ?? 'ok');
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe('guessing passwords', () => {
  it('on one account is refused for 15 minutes after 10 parallel failures from any addresses', async (t) => {
    const clock = handClock({ standsAt: NOON });
    const app = await testHttp(t, { clock });
    await registered(app);
    const guesses = times(14, (i) => login(app, ALICE.email, `guess number ${i}`, `192.0.2.${i + 1}`));
    const answers = await codes(guesses);
    expect(answers.filter((code) => code === 'UNAUTHENTICATED').length).toBeLessThanOrEqual(11);
    expect(answers.filter((code) => code === 'RATE_LIMITED').length).toBeGreaterThanOrEqual(3);
    const right = await login(app, ALICE.email.toUpperCase(), ALICE.password);
    expect(right.statusCode).toBe(429);
    expect(right.json().error).toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 15 * MINUTE_MS });
    expect(right.headers['retry-after']).toBe('900');
    clock.pass(15 * MINUTE_MS);
    expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(200);
  });

  it('on a missing account is refused alike', async (t) => {
    const app = await testHttp(t);
    for (let i = 0; i < 10; i += 1) expect((await login(app, 'nobody@example.org', 'guess')).statusCode).toBe(401);
    expect((await login(app, 'nobody@example.org', 'guess')).statusCode).toBe(429);
  });

  it('from one address is refused after 100 failures, and other addresses are not affected', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    for (let round = 0; round < 10; round += 1) {
      await codes(times(10, (i) => login(app, `victim${round}-${i}@example.org`, 'password1')));
    }
    expect((await login(app, ALICE.email, ALICE.password)).json().error.code).toBe('RATE_LIMITED');
    expect((await login(app, ALICE.email, ALICE.password, '192.0.2.2')).statusCode).toBe(200);
  });

  it('never counts right passwords, and a right one resets the failures of its account', async (t) => {
    const app = await testHttp(t);
    await registered(app);
    expect(new Set(await codes(times(25, () => login(app, ALICE.email, ALICE.password))))).toEqual(new Set(['ok']));
    for (let round = 0; round < 2; round += 1) {
      await codes(times(9, () => login(app, ALICE.email, 'wrong password')));
      expect((await login(app, ALICE.email, ALICE.password)).statusCode).toBe(200);
    }
  });

  it('by changing a password is counted as well', async (t) => {
    const app = await testHttp(t);
    const headers = bearer(await registered(app));
    const payload = { current: 'wrong password', next: 'battery staple' };
    const change = () => app.http.inject({ method: 'POST', url: '/api/auth/password', headers, payload });
    for (let i = 0; i < 10; i += 1) expect((await change()).statusCode).toBe(403);
    expect((await change()).statusCode).toBe(429);
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
