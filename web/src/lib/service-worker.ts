import { browser, dev } from '$app/env';

/** Whether this browser can keep pages for times without a network. Not over plain http, but for localhost. */
function isPossible(): boolean {
  return browser && !dev && 'serviceWorker' in navigator;
}

/** Registers the service worker: for those who have something to keep, not for everybody who reads the list. */
export async function registerServiceWorker(): Promise<void> {
  if (!isPossible()) return;
  try {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
  } catch (cause) {
    // Private windows may forbid it; everything but tickets without a network works on.
    console.info('Tickets are not kept for times without a network.', cause);
  }
}
