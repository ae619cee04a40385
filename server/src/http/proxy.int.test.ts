import type { TestContext } from 'vitest';
import { describe, expect, it } from 'vitest';
import { bearer, registered, testHttp } from '../../test/support/test-http.ts';

const FORWARDED = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
const PROXY = '10.0.0.1';

/** A server behind a proxy at 10.0.0.1 that serves https, and its warnings about proxies. */
async function behindProxy(t: TestContext, env: Record<string, string>) {
  const lines: string[] = [];
  const log = { write: (line: string) => void lines.push(line) };
  const pages = (_request: unknown, response: { end(text: string): void }) => response.end('a page');
  const app = await testHttp(t, { env: { LOG_LEVEL: 'warn', ...env }, log, pages });
  const ask = (url: string, headers: Record<string, string> = FORWARDED) =>
    app.http.inject({ url, headers, remoteAddress: PROXY });
  return { app, ask, warnings: () => lines.filter((line) => line.includes('TRUST_PROXY')) };
}

describe('a request that a proxy forwards', () => {
  it('is warned of once, with the proxy’s address, if TRUST_PROXY does not name it', async (t) => {
    for (const TRUST_PROXY of ['', '192.0.2.0/24']) {
      const { ask, warnings } = await behindProxy(t, { TRUST_PROXY });
      await ask('/api/health/live', {});
      expect(warnings()).toEqual([]);
      for (const url of ['/events/1', '/api/health/live', '/api/nothing']) await ask(url);
      expect(warnings()).toEqual([expect.stringContaining(`"address":"${PROXY}"`)]);
    }
  });

  it('is warned of by each header that proxies use', async (t) => {
    for (const headers of [{ 'x-forwarded-proto': 'https' }, { forwarded: 'for=203.0.113.7' }, { via: '1.1 proxy' }]) {
      const { ask, warnings } = await behindProxy(t, {});
      await ask('/api/health/live', headers);
      expect(warnings()).toHaveLength(1);
    }
  });

  it('is not warned of if TRUST_PROXY names the proxy', async (t) => {
    const { ask, warnings } = await behindProxy(t, { TRUST_PROXY: '10.0.0.0/8' });
    await ask('/api/health/live');
    expect(warnings()).toEqual([]);
  });
});

describe('Strict-Transport-Security', () => {
  const PATHS = ['/api/health/live', '/api/nothing', '/', '/events/1', '/pay/demo/none', '/metrics'];
  const PUBLIC_URL = 'https://tickets.example.org';
  const sent = async (answers: ReturnType<Awaited<ReturnType<typeof behindProxy>>['ask']>[]) =>
    (await Promise.all(answers)).map(({ headers }) => headers['strict-transport-security'] ?? null);

  it('is on every answer of a site with an https address, or behind a trusted proxy that serves https', async (t) => {
    for (const env of [{ PUBLIC_URL }, { TRUST_PROXY: PROXY }]) {
      const { ask } = await behindProxy(t, env);
      expect(await sent(PATHS.map((path) => ask(path)))).toEqual(PATHS.map(() => 'max-age=31536000'));
    }
  });

  it('is on no answer of a site without https, whatever a client or an unknown proxy claims', async (t) => {
    for (const env of [
      {},
      { PUBLIC_URL: 'http://tickets.example.org', TRUST_PROXY: PROXY },
      { TRUST_PROXY: '192.0.2.1' },
    ]) {
      const { ask } = await behindProxy(t, env);
      expect(await sent(PATHS.map((path) => ask(path)))).toEqual(PATHS.map(() => null));
    }
  });
});

describe('the session cookie', () => {
  it('is Secure exactly if PUBLIC_URL is https, when it is set and when it is deleted', async (t) => {
    for (const [PUBLIC_URL, isSecure] of [
      ['https://tickets.example.org', true],
      ['http://tickets.example.org', false],
    ] as const) {
      const { app } = await behindProxy(t, { PUBLIC_URL });
      const token = await registered(app);
      const account = { email: 'alice@example.org', password: 'correct horse' };
      for (const answer of [
        await app.http.inject({ method: 'POST', url: '/api/auth/login', payload: account }),
        await app.http.inject({ method: 'POST', url: '/api/auth/logout', headers: bearer(token) }),
      ]) {
        const cookie = answer.cookies.find(({ name }) => name === 'session');
        expect([PUBLIC_URL, cookie?.secure ?? false]).toEqual([PUBLIC_URL, isSecure]);
      }
    }
  });
});
