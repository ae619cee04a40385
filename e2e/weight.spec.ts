import type { Page } from '@playwright/test';
import { countBytes } from '../bench/pages/count-bytes.ts';
import { createEvent } from './site/organiser.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

/** Limit for the list page until it is live, with the socket's code; compressed bytes. */
const MOST_SCRIPT_BYTES = 90_000;

/** Measures the bytes of scripts that a page transfers until it is live. */
async function weigh(page: Page, path: string): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const bytes = countBytes(devtools);
  await page.goto(path);
  await untilLive(page);
  await page.waitForLoadState('networkidle');
  return bytes().scriptBytes;
}

test('the list page transfers no more than 90 kB of compressed scripts', async ({ site, open }) => {
  await createEvent(site.organiser);
  const bytes = await weigh(await open(), '/');
  expect(bytes).toBeGreaterThan(20_000);
  expect(bytes).toBeLessThanOrEqual(MOST_SCRIPT_BYTES);
});

test('files that never change are sent precompressed and cached for a year', async ({ site, request }) => {
  const html = await (await request.get('/')).text();
  const file = /href="(\/_app\/immutable\/[^"]+\.js)"/.exec(html)?.[1] ?? '';
  expect(file).not.toBe('');
  for (const encoding of ['br', 'gzip']) {
    const answer = await fetch(site.url + file, { headers: { 'accept-encoding': encoding } });
    expect(answer.headers.get('content-encoding')).toBe(encoding);
    expect(answer.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/);
  }
});
