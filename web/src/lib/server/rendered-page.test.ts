import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { toAnswer, toPage } from './rendered-page.ts';

const html = '<p>38 of 120 seats free</p>'.repeat(1000);
async function toResponse(page: Awaited<ReturnType<typeof toPage>>, acceptEncoding: string | null): Promise<Response> {
  const { status, headers, body } = await toAnswer(page, acceptEncoding);
  return new Response(body, { status, headers });
}

const rendered = () => new Response(html, { status: 200, headers: { etag: '"1"', 'content-type': 'text/html' } });

test('a kept page is a whole response, as often as it is asked for', async () => {
  const page = await toPage(rendered());
  for (let time = 0; time < 2; time += 1) {
    const response = await toResponse(page, null);
    expect(response.headers.get('etag')).toBe('"1"');
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(await response.text()).toBe(html);
  }
});

test('it goes compressed to whom takes that, and says that it depends on it', async () => {
  const page = await toPage(rendered());
  const br = await toResponse(page, 'gzip, deflate, br, zstd');
  expect(br.headers.get('content-encoding')).toBe('br');
  expect(br.headers.get('vary')).toContain('accept-encoding');
  expect(brotliDecompressSync(await br.bytes()).toString()).toBe(html);
  const gz = await toResponse(page, 'gzip;q=0.8');
  expect(gz.headers.get('content-encoding')).toBe('gzip');
  expect(gunzipSync(await gz.bytes()).toString()).toBe(html);
});

test('a crowd costs one compression', async () => {
  const page = await toPage(rendered());
  await toResponse(page, 'br');
  const first = page.encoded.get('br');
  await toResponse(page, 'br');
  expect(page.encoded.get('br')).toBe(first);
  expect(page.encoded.size).toBe(1);
});
