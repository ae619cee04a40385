import { browser, dev } from '$app/env';

/** Whether this browser has service workers; over plain http only on localhost. */
function isPossible(): boolean {
  return browser && !dev && 'serviceWorker' in navigator;
}

/** Registers the service worker; called only for users with tickets to keep, not for every visitor. */
export async function registerServiceWorker(): Promise<void> {
  if (!isPossible()) return;
  try {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
  } catch (cause) {
    // A private window may forbid it; then only tickets without a network are missing.
    console.info('Tickets are not kept for times without a network.', cause);
  }
}
