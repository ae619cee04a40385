import { browser, dev } from '$app/env';

/** Registers the service worker; called only for users with tickets to keep, not for every visitor. */
export async function registerServiceWorker(): Promise<void> {
  if (!browser || dev) return;
  try {
    // Over plain http a browser has service workers on localhost only.
    if (!navigator.serviceWorker) return;
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' });
  } catch (cause) {
    // A private window may forbid it; then only tickets without a network are missing.
    console.info('Tickets are not kept for times without a network.', cause);
  }
}
