import { getLocale } from '#lib/paraglide/runtime.js';
import { Live } from './live.svelte.ts';
import { createManager } from './connection/manager.ts';
import { sleepOrAbort } from './connection/sleep-or-abort.ts';
import { pushBrowser } from './account/push-browser.ts';
import { tolerantStorage } from './text-storage.ts';

/**
 * Creates the live state of one page with the browser's clock, network and storage. The server creates it too, while it
 * renders a page, and never starts it.
 */
export function createLive(): Live {
  return new Live({
    createManager,
    now: () => Date.now(),
    random: Math.random,
    tick: (callback) => {
      const timer = setInterval(callback, 200);
      return () => clearInterval(timer);
    },
    fetch: (...request) => fetch(...request),
    locale: getLocale,
    storage: tolerantStorage(() => localStorage),
    newRequestId,
    sleepOrAbort,
    pushBrowser: pushBrowser(),
  });
}

/** A random UUID (version 4). `crypto.randomUUID` is missing on plain-http origins other than localhost. */
function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
