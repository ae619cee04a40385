// Makes the pages of kept tickets readable without a network. The cache has the app's files and empty page shells, but
// neither seat counts nor personal data: the pages keep the tickets (lib/live/buying/kept-tickets.svelte.ts).
import { assets, immutable } from '$app/manifest';
import { self } from '$app/service-worker';
import { ownPath } from '#shared/own-path.ts';
import { toNotification } from './notification.ts';
import { renewSubscription, type SubscriptionChange } from './renew-subscription.ts';
import { fingerprint, isKeptPage, isWorthKeeping, SHELL_PATHS, shellPath } from './shells.ts';

/** After this time without an answer from the network, the kept page of a ticket shows. */
const GIVE_UP_MS = 4_000;

const files = [...immutable, ...assets].map(({ path }) => (path.startsWith('/') ? path : `/${path}`));
const keptPaths = new Set(files.filter(isWorthKeeping));
const CACHE = `frontrow-${fingerprint(files)}`;

self.addEventListener('install', (event) => {
  event.waitUntil(fill());
  serveFilesFromCache(event);
});
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (keptPaths.has(url.pathname)) event.respondWith(fromCacheFirst(request));
  else if (request.mode === 'navigate') event.respondWith(fromNetworkFirst(request, url.pathname));
});

/**
 * Lets the browser itself take the app's files from the cache where it can: faster, and a worker that the browser stops
 * while a page loads, as Chromium does after half a minute, takes no file with it. Elsewhere the `fetch` listener does it.
 */
function serveFilesFromCache(event: InstallEvent): void {
  const condition = { urlPattern: { pathname: '/_app/immutable/*' }, requestMethod: 'GET' };
  void event.addRoutes?.({ condition, source: { cacheName: CACHE } });
}

/** Caches all files or fails as a whole, because an incomplete app would break offline. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...keptPaths]);
  const shells = SHELL_PATHS.map((path) => new Request(path, { cache: 'reload', credentials: 'omit' }));
  await cache.addAll(shells);
}

async function takeOver(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith('frontrow-') && name !== CACHE).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

async function fromCacheFirst(request: Request): Promise<Response> {
  return (await kept(request)) ?? fetch(request);
}

/** The kept answer; undefined without one, or where the browser refuses its cache: the network then has to do. */
async function kept(request: Request | string): Promise<Response | undefined> {
  try {
    return await caches.match(request);
  } catch {
    return undefined;
  }
}

async function fromNetworkFirst(request: Request, pathname: string): Promise<Response> {
  try {
    const init = isKeptPage(pathname) ? { signal: AbortSignal.timeout(GIVE_UP_MS) } : {};
    return await fetch(request, init);
  } catch (cause) {
    const shell = await kept(shellPath(pathname));
    if (shell === undefined) throw cause;
    return shell;
  }
}

// TypeScript's library does not have the static routes of service workers yet.
type InstallEvent = ExtendableEvent & { addRoutes?: (routes: object) => Promise<void> };

self.addEventListener('push', (event) => {
  const notification = toNotification(readJson(event.data), Date.now());
  if (notification !== null)
    event.waitUntil(self.registration.showNotification(notification.title, notification.options));
});

function readJson(data: PushMessageData | null): unknown {
  try {
    return data?.json();
  } catch {
    return null;
  }
}

// TypeScript's library has no type for this event yet.
self.addEventListener('pushsubscriptionchange', (event: Event) => {
  const { pushManager } = self.registration;
  const change = event as ExtendableEvent & SubscriptionChange;
  change.waitUntil(renewSubscription(change, { pushManager, fetch: (...request) => fetch(...request) }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openWindow(ownPath((event.notification.data as { path?: unknown } | null)?.path) ?? '/'));
});

/** Shows `path` in an open window of the app, or else in a new one. */
async function openWindow(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const client = windows.find(({ url }) => new URL(url).pathname === path) ?? windows[0];
  if (client === undefined) return void (await self.clients.openWindow(path));
  if (new URL(client.url).pathname !== path) await client.navigate(path);
  await client.focus();
}
