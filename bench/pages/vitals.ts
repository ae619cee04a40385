import type { Browser, CDPSession } from '@playwright/test';

/** What a phone is given to cope with: Lighthouse's slow 4G, and a processor four times as slow. */
export const SLOW_4G = { latencyMs: 150, downKbps: 1_638, upKbps: 750, cpuSlowdown: 4 };
const PHONE = { width: 360, height: 740 };
/** After the last byte: sockets connect, numbers arrive, and nothing may move any more. */
const SETTLE_MS = 3_000;

/** What one visit with an empty cache was like. */
export interface Visit {
  /** First and largest contentful paint. */
  fcpMs: number;
  lcpMs: number;
  cls: number;
  /** Time above 50 ms in each task of the main thread. */
  blockedMs: number;
  /** Over the wire. */
  scriptBytes: number;
  totalBytes: number;
}

/** Written as text: it runs in the page. */
const OBSERVE = `
  window.vitals = { fcp: 0, lcp: 0, cls: 0, blocked: 0 };
  const observe = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  observe('paint', (entry) => { if (entry.name === 'first-contentful-paint') vitals.fcp = entry.startTime; });
  observe('largest-contentful-paint', (entry) => { vitals.lcp = entry.startTime; });
  observe('layout-shift', (entry) => { if (!entry.hadRecentInput) vitals.cls += entry.value; });
  observe('longtask', (entry) => { vitals.blocked += Math.max(0, entry.duration - 50); });
`;

/** Visits a page once, in a browser that has never been there, over a slow network. */
export async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    const bytes = countBytes(devtools);
    await slowDown(devtools);
    await page.addInitScript(OBSERVE);
    await page.goto(url, { waitUntil: 'load', timeout: 60_000 });
    await page.waitForTimeout(SETTLE_MS);
    const seen = await page.evaluate<Record<'fcp' | 'lcp' | 'cls' | 'blocked', number>>('window.vitals');
    return { fcpMs: seen.fcp, lcpMs: seen.lcp, cls: seen.cls, blockedMs: seen.blocked, ...bytes() };
  } finally {
    await context.close();
  }
}

async function slowDown(devtools: CDPSession): Promise<void> {
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: SLOW_4G.latencyMs,
    downloadThroughput: (SLOW_4G.downKbps * 1_000) / 8,
    uploadThroughput: (SLOW_4G.upKbps * 1_000) / 8,
  });
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOW_4G.cpuSlowdown });
}

/** Counts what comes over the wire, heads included, from now on. */
export function countBytes(devtools: CDPSession): () => { scriptBytes: number; totalBytes: number } {
  const scripts = new Set<string>();
  let scriptBytes = 0;
  let totalBytes = 0;
  devtools.on('Network.responseReceived', ({ requestId, response }) => {
    if (/javascript/.test(response.mimeType)) scripts.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    totalBytes += encodedDataLength;
    if (scripts.has(requestId)) scriptBytes += encodedDataLength;
  });
  return () => ({ scriptBytes, totalBytes });
}
