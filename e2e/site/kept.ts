import type { Page } from '@playwright/test';

/** Waits until the service worker has cached the app's files, so that a page can be opened without a network. */
export async function untilKept(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
}

/** Returns as one text what this browser keeps of the site: its storage and the service worker's caches. */
export function everythingKept(page: Page): Promise<string> {
  return page.evaluate<string>(`(async () => {
    const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) texts.push(request.url, await (await cache.match(request)).text());
    }
    return texts.join('\\n');
  })()`);
}

/** Makes this browser's pending booking requests `ms` older, as if their page had been closed meanwhile. */
export async function agePendingRequests(page: Page, ms: number): Promise<void> {
  await page.evaluate(`
    for (const [key, text] of Object.entries(localStorage)) {
      if (!key.startsWith('frontrow.intent.book.')) continue;
      const request = JSON.parse(text);
      localStorage.setItem(key, JSON.stringify({ ...request, startedMs: request.startedMs - ${ms} }));
    }
  `);
}
