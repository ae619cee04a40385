import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { KeepPage } from '#shared/kept-page.ts';
import type { PageHandler } from './pages.ts';
import { loadPages, publicOrigin } from './pages.ts';
import type { TestHttpOptions } from '../../../test/support/test-http.ts';
import { testHttp } from '../../../test/support/test-http.ts';

/** A page that answers with the request that it got. */
const echo: PageHandler = (asked: IncomingMessage, response: ServerResponse) => {
  const { host, 'x-frontrow-protocol': protocol } = asked.headers;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method: asked.method, url: asked.url, host, protocol }));
};

type Asked = { method?: string; path?: string; headers?: Record<string, string> };

/** A server with these pages, and a client that sends paths and hosts exactly as they are written. */
async function serving(
  t: Parameters<typeof testHttp>[0],
  options: Pick<TestHttpOptions, 'config' | 'pages' | 'log'>,
): Promise<{ port: number; ask(what: Asked): Promise<{ status: number; body: string }> }> {
  const { app } = await testHttp(t, { ...options });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const ask = ({ method = 'GET', path = '/', headers = {} }: Asked) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      request({ port, host: '127.0.0.1', method, path, headers: { connection: 'close', ...headers } })
        .on('error', reject)
        .on('response', (response) =>
          text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject),
        )
        .end();
    });
  return { port, ask };
}

describe('pages', () => {
  it('keep their origin for mails that are written while the server closes', async (t) => {
    const { app } = await testHttp(t);
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    await app.close();
    expect(publicOrigin(app, { publicUrl: null })).toBe(`http://localhost:${port}`);
  });

  it('get their origin from the server, whatever Host and protocol the client sends', async (t) => {
    const { port, ask } = await serving(t, { pages: echo });
    for (const host of ['evil.test', '127.0.0.1:80', `localhost:${port}`]) {
      const headers = { host, 'x-frontrow-protocol': 'https', 'x-forwarded-host': 'evil.test' };
      const { status, body } = await ask({ path: '/events/1?a=b', headers });
      expect(status).toBe(200);
      expect(JSON.parse(body)).toEqual({
        method: 'GET',
        url: '/events/1?a=b',
        host: `localhost:${port}`,
        protocol: 'http',
      });
    }
  });

  it('get PUBLIC_URL as their origin if it is set', async (t) => {
    const { ask } = await serving(t, { pages: echo, config: { publicUrl: 'https://tickets.example.org' } });
    const { body } = await ask({ headers: { host: 'evil.test' } });
    expect(JSON.parse(body)).toMatchObject({ host: 'tickets.example.org', protocol: 'https' });
  });

  it('answer GET and HEAD only: other methods are NOT_FOUND and never reach SvelteKit', async (t) => {
    const { ask } = await serving(t, { pages: echo });
    expect((await ask({ method: 'HEAD' })).status).toBe(200);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, body } = await ask({ method, path: '/events/1' });
      expect([method, status, JSON.parse(body).error.code]).toEqual([method, 404, 'NOT_FOUND']);
    }
  });

  it('do not answer below /api, /socket.io and /metrics', async (t) => {
    const { ask } = await serving(t, { pages: echo });
    for (const path of ['/api', '/api?x', '/api/', '/api/none', '/socket.io', '/socket.io/x', '/metrics/x']) {
      const { status, body } = await ask({ path });
      expect([path, status, JSON.parse(body).error.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    expect((await ask({ path: '/apiary' })).status).toBe(200);
  });

  it('get paths as sent, so that no path is decoded twice', async (t) => {
    const { ask } = await serving(t, { pages: echo });
    for (const path of ['/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fpackage.json', '/a%00b', '/%252e%252e/x']) {
      expect(JSON.parse((await ask({ path })).body).url).toBe(path);
    }
  });

  it('answer 500 and log the cause if rendering throws, and 404 if no page matches', async (t) => {
    const lines: string[] = [];
    const pages: PageHandler = async (asked, _response, next) => {
      if (asked.url === '/broken') throw new Error('a broken page');
      next();
    };
    const { ask } = await serving(t, { pages, log: { write: (line) => void lines.push(line) } });
    expect(await ask({ path: '/broken' })).toEqual({ status: 500, body: '' });
    expect(lines.join('')).toContain('a broken page');
    expect(await ask({ path: '/none' })).toEqual({ status: 404, body: '' });
  });

  it('are sent from the cache to identical requests, for the time that their renderer allows', async (t) => {
    let rendered = 0;
    const pages: PageHandler = (asked: IncomingMessage & { keepPage?: KeepPage }, response: ServerResponse) => {
      rendered += 1;
      const body = `${asked.url} ${rendered}`;
      const freshMs = asked.url === '/brief' ? 1 : 60_000;
      if (asked.url !== '/mine') asked.keepPage?.({ headers: [['x-kept', 'yes']], body, freshMs });
      response.end(body);
    };
    const { ask } = await serving(t, { pages });
    const bodies = async (path: string, headers: Record<string, string> = {}) =>
      [await ask({ path, headers }), await ask({ path, headers })].map(({ body }) => body);
    expect(await bodies('/')).toEqual(['/ 1', '/ 1']);
    expect(await bodies('/', { 'accept-encoding': 'br' })).toEqual(['/ 2', '/ 2']);
    expect(await bodies('/?a')).toEqual(['/?a 3', '/?a 3']);
    expect(await bodies('/', { 'if-none-match': '"1"' })).toEqual(['/ 4', '/ 5']);
    expect(await bodies('/mine')).toEqual(['/mine 6', '/mine 7']);
    await expect.poll(async () => new Set(await bodies('/brief')).size).toBe(2);
  });

  it('are rendered once for parallel requests after the cached copy expired, and by each request if that rendering fails', async (t) => {
    const unfinished: (() => void)[] = [];
    let rendered = 0;
    const pages: PageHandler = async (asked: IncomingMessage & { keepPage?: KeepPage }, response: ServerResponse) => {
      rendered += 1;
      const body = String(rendered);
      if (rendered !== 1) await new Promise<void>((resolve) => unfinished.push(resolve));
      if (rendered === 1) asked.keepPage?.({ headers: [], body, freshMs: 1 });
      else if (asked.url === '/kept') asked.keepPage?.({ headers: [], body, freshMs: 60_000 });
      response.end(body);
    };
    const { ask } = await serving(t, { pages });
    /** The answers to three parallel requests for a page whose cached copy has expired. */
    async function crowd(path: string): Promise<string[]> {
      rendered = 0;
      expect((await ask({ path })).body).toBe('1');
      const atMs = performance.now();
      await expect.poll(() => performance.now() - atMs).toBeGreaterThan(2);
      const bodies = Promise.all([1, 2, 3].map(async () => (await ask({ path })).body));
      await expect.poll(() => unfinished.length).toBe(1);
      const finishing = setInterval(() => unfinished.splice(0).forEach((finish) => finish()), 5);
      t.onTestFinished(() => clearInterval(finishing));
      const got = await bodies;
      clearInterval(finishing);
      return got.sort();
    }
    expect(await crowd('/kept')).toEqual(['2', '2', '2']);
    expect(await crowd('/refused')).toEqual(['2', '3', '4']);
  });

  it('answer 503 with the reason without a build, while the API works', async (t) => {
    const { ask } = await serving(t, { pages: null });
    expect(await ask({})).toEqual({ status: 503, body: 'The pages of this server are not built.\n' });
    expect((await ask({ path: '/api/events' })).status).toBe(200);
  });
});

describe('loadPages', () => {
  it("sets adapter-node's header names in the environment before importing it", async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'frontrow-pages-'));
    t.onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'handler.js');
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      file,
      `const { PROTOCOL_HEADER, HOST_HEADER, PORT_HEADER } = process.env;
       export const handler = (request, response) => response.end([PROTOCOL_HEADER, HOST_HEADER, PORT_HEADER].join());`,
    );
    const { ask } = await serving(t, { pages: await loadPages(file) });
    expect(await ask({})).toEqual({ status: 200, body: 'x-frontrow-protocol,host,' });
  });
});
