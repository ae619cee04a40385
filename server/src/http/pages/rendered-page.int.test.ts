import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RenderedPage } from './rendered-page.ts';
import { sendPage } from './rendered-page.ts';

const HTML = '<p>38 of 120 seats free</p>'.repeat(1000);

function htmlPage(): RenderedPage {
  const headers = { etag: '"1"', 'content-type': 'text/html', 'content-security-policy': "default-src 'none'" };
  return { status: 200, headers, body: Buffer.from(HTML), encoded: new Map() };
}

/** Serves the page to a client that accepts no content encoding unless it sends `accept-encoding`. */
async function serve(page: RenderedPage): Promise<(headers?: Record<string, string>) => Promise<Response>> {
  const server = createServer((request, response) => void sendPage(page, request, response)).listen(0);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  return (headers = {}) => fetch(url, { headers: { 'accept-encoding': 'identity', connection: 'close', ...headers } });
}

describe('a rendered page', () => {
  test('is a complete response with its headers at every request', async () => {
    const ask = await serve(htmlPage());
    for (let time = 0; time < 2; time += 1) {
      const response = await ask();
      expect(response.headers.get('etag')).toBe('"1"');
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'");
      expect(response.headers.get('content-encoding')).toBeNull();
      expect(response.headers.get('content-length')).toBe(String(HTML.length));
      expect(await response.text()).toBe(HTML);
    }
  });

  test.each([
    ['gzip, deflate, br, zstd', 'br'],
    ['gzip;q=0.8', 'gzip'],
  ])('is sent compressed to a client that accepts %s, with a Vary header', async (taken, coding) => {
    const response = await (await serve(htmlPage()))({ 'accept-encoding': taken });
    expect(response.headers.get('content-encoding')).toBe(coding);
    expect(response.headers.get('vary')).toContain('accept-encoding');
    expect(Number(response.headers.get('content-length'))).toBeLessThan(HTML.length / 10);
    expect(await response.text()).toBe(HTML);
  });

  test('is compressed once for a crowd', async () => {
    const page = htmlPage();
    const ask = await serve(page);
    await ask({ 'accept-encoding': 'br' });
    const first = page.encoded.get('br');
    await ask({ 'accept-encoding': 'br' });
    expect(page.encoded.get('br')).toBe(first);
    expect(page.encoded.size).toBe(1);
  });

  test('of another status than 200 is sent in full, whatever the client has cached', async () => {
    const response = await (await serve({ ...htmlPage(), status: 404 }))({ 'if-none-match': '"1"' });
    expect([response.status, await response.text()]).toEqual([404, HTML]);
  });
});
