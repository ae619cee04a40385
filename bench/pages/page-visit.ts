import type { Browser, CDPSession } from '@playwright/test';
import { countBytes } from './count-bytes.ts';

/** The network and processor of a slow phone: Lighthouse's slow 4G, and a processor four times as slow. */
export const SLOW_4G = { latencyMs: 150, downKbps: 1_638, upKbps: 750, cpuSlowdown: 4 };
const PHONE = { width: 360, height: 740 };
/** Time after loading, in which sockets connect and seat counts arrive: layout shifts count until its end. */
const AFTER_LOAD_MS = 3_000;

/** One visit with an empty cache. */
export interface PageVisit {
  /** First contentful paint. */
  fcpMs: number;
  /** Largest contentful paint. */
  lcpMs: number;
  /** Cumulative layout shift. */
  cls: number;
  /** Total blocking time: the part above 50 ms of each task of the main thread. */
  blockedMs: number;
  /** Bytes over the network, compressed. */
  scriptBytes: number;
  totalBytes: number;
}

/** Source text, because it runs in the page. */
const OBSERVE = `
  window.vitals = { fcp: 0, lcp: 0, cls: 0, blocked: 0 };
  const observe = (type, count) =>
    new PerformanceObserver((list) => list.getEntries().forEach(count)).observe({ type, buffered: true });
  observe('paint', (entry) => { if (entry.name === 'first-contentful-paint') vitals.fcp = entry.startTime; });
  observe('largest-contentful-paint', (entry) => { vitals.lcp = entry.startTime; });
  observe('layout-shift', (entry) => { if (!entry.hadRecentInput) vitals.cls += entry.value; });
  observe('longtask', (entry) => { vitals.blocked += Math.max(0, entry.duration - 50); });
`;

/** Visits a page once, in a new browser context, over slow 4G. */
export async function visitPage(browser: Browser, url: string): Promise<PageVisit> {
  const context = await browser.newContext({ viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    const bytes = countBytes(devtools);
    await slowDown(devtools);
    await page.addInitScript(OBSERVE);
    await page.goto(url, { waitUntil: 'load', timeout: 60_000 });
    await page.waitForTimeout(AFTER_LOAD_MS);
    const vitals = await page.evaluate<Record<'fcp' | 'lcp' | 'cls' | 'blocked', number>>('window.vitals');
    return { fcpMs: vitals.fcp, lcpMs: vitals.lcp, cls: vitals.cls, blockedMs: vitals.blocked, ...bytes() };
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
