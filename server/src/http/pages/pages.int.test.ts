import { writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { PageHandler } from './page-handler.ts';
import { loadPages } from './page-handler.ts';
import { publicOrigin } from './pages.ts';
import { tempFolder } from '../../../test/support/temp-folder.ts';
import type { App } from '#server/app/app.ts';
import type { AskApi } from '#shared/ask-api.ts';
import type { TestAppOptions } from '../../../test/support/test-app.ts';
import { ALICE, registered, testHttp } from '../../../test/support/test-http.ts';

/** A page that answers with the request as received. */
const echo: PageHandler = (asked: IncomingMessage, response: ServerResponse) => {
  const { host, 'x-frontrow-protocol': protocol } = asked.headers;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method: asked.method, url: asked.url, host, protocol }));
};

type Asked = { method?: string; path?: string; headers?: Record<string, string>; form?: string };
type Answer = { status: number; headers: IncomingHttpHeaders; body: string };

/** A server with these pages, and a client that sends paths and hosts exactly as they are written. */
async function serving(
  t: Parameters<typeof testHttp>[0],
  options: Pick<TestAppOptions, 'env' | 'pages' | 'log'>,
): Promise<{ port: number; ask(what: Asked): Promise<Answer>; app: App }> {
  const app = await testHttp(t, options);
  await app.http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.http.server.address() as AddressInfo;
  const ask = ({ method = 'GET', path = '/', headers = {}, form }: Asked) =>
    new Promise<Answer>((resolve, reject) => {
      request({ port, host: '127.0.0.1', method, path, headers: { connection: 'close', ...headers } })
        .on('error', reject)
        .on('response', (response) => {
          const { statusCode = 0, headers } = response;
          text(response).then((body) => resolve({ status: statusCode, headers, body }), reject);
        })
        .end(form);
    });
  return { port, ask, app };
}

describe('pages', () => {
  it('keep their origin for mails that are written while the server closes', async (t) => {
    const { http } = await testHttp(t);
    await http.listen({ port: 0, host: '127.0.0.1' });
    const { port } = http.server.address() as AddressInfo;
    await http.close();
    expect(publicOrigin(http, { publicUrl: null })).toBe(`http://localhost:${port}`);
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
    const { ask } = await serving(t, { pages: echo, env: { PUBLIC_URL: 'https://tickets.example.org' } });
    const { body } = await ask({ headers: { host: 'evil.test' } });
    expect(JSON.parse(body)).toMatchObject({ host: 'tickets.example.org', protocol: 'https' });
  });

  it('answer GET, HEAD and forms only: all else is NOT_FOUND and never reaches SvelteKit', async (t) => {
    const { ask } = await serving(t, { pages: echo });
    expect((await ask({ method: 'HEAD' })).status).toBe(200);
    const json = { 'content-type': 'application/json' };
    const { status, body } = await ask({ method: 'POST', path: '/events/1', headers: json, form: '{}' });
    expect([status, JSON.parse(body).error.code]).toEqual([404, 'NOT_FOUND']);
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const { status, body } = await ask({ method, path: '/events/1' });
      expect([method, status, JSON.parse(body).error.code]).toEqual([method, 404, 'NOT_FOUND']);
    }
  });

  it('do not answer below /api, /socket.io and /metrics', async (t) => {
    const { ask } = await serving(t, { pages: echo });
    for (const path of ['/api', '/api?x', '/api/', '/api/none', '/socket.io', '/metrics/x']) {
      const { status, body } = await ask({ path });
      expect([path, status, JSON.parse(body).error.code]).toEqual([path, 404, 'NOT_FOUND']);
    }
    expect((await ask({ path: '/socket.io/x' })).status).toBe(400);
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
    expect(await ask({ path: '/broken' })).toMatchObject({ status: 500, body: '' });
    expect(lines.join('')).toContain('a broken page');
    expect(await ask({ path: '/none' })).toMatchObject({ status: 404, body: '' });
  });

  it('answer 503 with the reason without a build, while the API works', async (t) => {
    const { ask } = await serving(t, { pages: null });
    expect(await ask({})).toMatchObject({ status: 503, body: 'The pages of this server are not built.\n' });
    expect((await ask({ path: '/api/events' })).status).toBe(200);
  });
});

const EVENT = `/events/${'a1'.repeat(12)}`;

/** Pages that count how often each is rendered; a rendering waits while `gate` is shut. */
function countingPages(): { pages: PageHandler; rendered: IncomingMessage[]; gate: { open: Promise<void> } } {
  const rendered: IncomingMessage[] = [];
  const gate = { open: Promise.resolve() };
  const pages: PageHandler = async (asked, response) => {
    rendered.push(asked);
    const body = `${asked.url} ${rendered.length}`;
    if (asked.url !== '/waits-for-nobody') await gate.open;
    const missing = [`/de${EVENT}`, '/waits-for-nobody'].includes(asked.url ?? '');
    response.writeHead(missing ? 404 : 200, { etag: '"1"', 'x-page': 'yes', vary: 'x-language' });
    response.end(body);
  };
  return { pages, rendered, gate };
}

describe('a public page', () => {
  it('is rendered once for a crowd, whichever encodings the clients accept, also if a client leaves meanwhile', async (t) => {
    const { pages, rendered, gate } = countingPages();
    const shut = Promise.withResolvers<void>();
    gate.open = shut.promise;
    const { port, ask } = await serving(t, { pages });
    const leaving = request({ port, host: '127.0.0.1', path: '/' }).on('error', () => undefined);
    leaving.end();
    await expect.poll(() => rendered.length).toBe(1);
    const asked: Asked[] = [
      {},
      { path: '/?utm_source=x' },
      { method: 'HEAD' },
      { headers: { 'accept-encoding': 'br', cookie: 'session=x' } },
    ];
    const crowd = asked.map((each) => ask(each));
    leaving.destroy();
    // Barrier: once this later request is answered, the crowd has arrived and waits for the first rendering.
    await expect.poll(async () => (await ask({ path: '/waits-for-nobody', method: 'HEAD' })).status).toBe(404);
    shut.resolve();
    const [plain, tracked, head, packed] = await Promise.all(crowd);
    expect(rendered.map(({ url }) => url)).toEqual(['/', '/waits-for-nobody']);
    expect([plain?.body, tracked?.body, head?.body]).toEqual(['/ 1', '/ 1', '']);
    expect(head?.headers).toMatchObject({
      'x-page': 'yes',
      'content-length': '3',
      vary: 'x-language, accept-encoding',
    });
    expect(packed?.headers).toMatchObject({ 'x-page': 'yes', 'content-encoding': 'br', etag: '"1"' });
  });

  it('is rendered without any header of the visitor, and with the address of the server for its data', async (t) => {
    const { pages, rendered } = countingPages();
    const { port, ask } = await serving(t, { pages });
    const headers = { cookie: 'session=secret', authorization: 'Bearer secret', 'x-forwarded-for': '203.0.113.7' };
    await ask({ path: `${EVENT}?seats=2`, headers: { ...headers, 'accept-language': 'de', 'user-agent': 'a phone' } });
    expect(rendered[0]?.url).toBe(EVENT);
    expect(JSON.stringify(rendered[0]?.headers)).not.toMatch(/secret|203|de|phone/);
    expect(rendered[0]?.socket).toMatchObject({ localAddress: '127.0.0.1', localPort: port });
  });

  it('is in the language of a reader who enters, also where another reader’s is kept', async (t) => {
    const { pages, rendered } = countingPages();
    const { ask } = await serving(t, { pages });
    const enter = (language: string, more: Record<string, string> = {}) =>
      ask({ headers: { accept: 'text/html', 'accept-language': language, ...more } });
    const english = await enter('en-GB');
    expect([english.status, english.body, english.headers.vary]).toEqual([
      200,
      '/ 1',
      'x-language, accept-language, accept-encoding',
    ]);
    const german = await enter('de');
    expect(german).toMatchObject({ status: 302, headers: { location: '/de', vary: 'accept-language' } });
    expect(german.headers['cache-control']).toBe('no-store');
    expect((await enter('de', { 'if-none-match': '"1"' })).status).toBe(302);
    expect((await enter('de', { cookie: 'locale=en' })).status).toBe(200);
    expect((await enter('en', { 'if-none-match': '"1"' })).status).toBe(304);
    expect(rendered).toHaveLength(1);
  });

  it('is answered 304 to a client that has it, without another rendering', async (t) => {
    const { pages, rendered } = countingPages();
    const { ask } = await serving(t, { pages });
    for (const known of ['"1"', 'W/"1"', '"0", "1"']) {
      const { status, headers, body } = await ask({ headers: { 'if-none-match': known } });
      expect([known, status, headers.etag, headers['cache-control'], body]).toEqual([
        known,
        304,
        '"1"',
        'no-cache',
        '',
      ]);
    }
    expect((await ask({ headers: { 'if-none-match': '"0"' } })).status).toBe(200);
    expect(rendered).toHaveLength(1);
  });

  it('is rendered again after a second, and at each request if its status is not 200', async (t) => {
    const { pages, rendered } = countingPages();
    const { ask } = await serving(t, { pages });
    expect((await ask({ path: `/de${EVENT}` })).status).toBe(404);
    expect((await ask({ path: `/de${EVENT}` })).body).toBe(`/de${EVENT} 2`);
    expect((await ask({})).body).toBe('/ 3');
    await expect.poll(async () => (await ask({})).body, { timeout: 5_000 }).toBe('/ 4');
    expect(rendered).toHaveLength(4);
  });

  it('is answered 500 to every waiting request, and not cached, if its rendering breaks off', async (t) => {
    let broken = true;
    const pages: PageHandler = async (_asked, response) => {
      response.writeHead(200).write('<p>half');
      if (broken) throw new Error('no database');
      response.end(' a page');
    };
    const { ask } = await serving(t, { pages });
    expect((await Promise.all([ask({}), ask({})])).map(({ status }) => status)).toEqual([500, 500]);
    broken = false;
    expect(await ask({})).toMatchObject({ status: 200, body: '<p>half a page' });
  });
});

/** Pages whose form actions call the API path of the same name, and that show the request as received. */
const formPages: PageHandler = async (asked: IncomingMessage & { askApi?: AskApi }, response) => {
  const fields = new URLSearchParams(await text(asked));
  const answer = await asked.askApi?.(`/auth${asked.url}`, Object.fromEntries(fields));
  const { cookie, origin, host } = asked.headers;
  response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': answer?.setCookies ?? [] });
  response.end(JSON.stringify({ cookie, origin, host, status: answer?.status }));
};

describe('a form that a browser sends without scripts', () => {
  const asForm = (headers: Record<string, string> = {}, path = '/login') => ({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
    form: new URLSearchParams({ email: ALICE.email, password: ALICE.password }).toString(),
  });

  it('reaches its page without the visitor’s cookies, and its action calls the API with the visitor’s session', async (t) => {
    const { port, ask, app } = await serving(t, { pages: formPages });
    await registered(app);
    const own = { host: `127.0.0.1:${port}`, origin: `http://127.0.0.1:${port}`, cookie: 'session=old' };
    const { status, body, headers } = await ask(asForm(own));
    expect(status).toBe(200);
    const origin = `http://localhost:${port}`;
    expect(JSON.parse(body)).toEqual({ origin, host: `localhost:${port}`, status: 200 });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(/^session=ey.*HttpOnly; SameSite=Lax$/),
      expect.stringMatching(/^device=.*HttpOnly; SameSite=Lax$/),
    ]);
    expect(headers['cache-control']).toBe('no-store');
  });

  it('counts against the limits of the visitor’s own address, not of the server’s', async (t) => {
    const { ask } = await serving(t, { pages: formPages, env: { TRUST_PROXY: '127.0.0.1' } });
    const from = async (address: string) => {
      const form = new URLSearchParams({ email: ALICE.email }).toString();
      const { body } = await ask({ ...asForm({ 'x-forwarded-for': address }, '/forgot'), form });
      return (JSON.parse(body) as { status: number }).status;
    };
    const statuses: number[] = [];
    for (let tries = 0; tries < 100 && statuses.at(-1) !== 429; tries += 1) statuses.push(await from('203.0.113.7'));
    expect(statuses.at(-1)).toBe(429);
    expect(await from('198.51.100.9')).toBe(204);
  });

  it('is FORBIDDEN from another site, and refused if it is too large', async (t) => {
    const { ask } = await serving(t, { pages: formPages, env: { PUBLIC_URL: 'https://tickets.example.org' } });
    for (const origin of ['https://evil.test', 'null', 'https://tickets.example.org.evil.test'])
      expect((await ask(asForm({ origin }))).status).toBe(403);
    const large = { ...asForm(), form: `email=${'x'.repeat(70_000)}` };
    expect(JSON.parse((await ask(large)).body).error.code).toBe('INVALID_INPUT');
    expect((await ask(asForm({ origin: 'https://tickets.example.org' }))).status).toBe(200);
    expect((await ask(asForm())).status, 'a client without Origin').toBe(200);
  });

  it('does not answer below /api, /socket.io and /metrics', async (t) => {
    const { ask } = await serving(t, { pages: formPages });
    for (const path of ['/api/none', '/metrics/x']) expect((await ask({ ...asForm(), path })).status).toBe(404);
  });
});

describe('a personal page', () => {
  it('is rendered for each request with its cookies, and never cached', async (t) => {
    const { pages, rendered } = countingPages();
    const { ask } = await serving(t, { pages });
    const headers = { cookie: 'session=mine' };
    expect((await ask({ path: '/bookings', headers })).body).toBe('/bookings 1');
    expect((await ask({ path: '/bookings', headers })).body).toBe('/bookings 2');
    expect(rendered[1]?.headers.cookie).toBe('session=mine');
  });
});

describe('loadPages', () => {
  it("sets adapter-node's header names in the environment before importing it", async (t) => {
    const folder = await tempFolder(t, 'pages');
    const file = join(folder, 'handler.js');
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      file,
      `const { PROTOCOL_HEADER, HOST_HEADER, PORT_HEADER } = process.env;
       export const handler = (request, response) => response.end([PROTOCOL_HEADER, HOST_HEADER, PORT_HEADER].join());`,
    );
    const { ask } = await serving(t, { pages: await loadPages(file) });
    expect(await ask({})).toMatchObject({ status: 200, body: 'x-frontrow-protocol,host,' });
  });
});
