// What works without a network: the app's own files, and the pages of kept tickets. A page with numbers in it never comes
// from here. Nothing of anybody is in this cache: tickets are kept by the pages (lib/live/kept-tickets.svelte.ts).
import { assets, immutable } from '$app/manifest';
import { self } from '$app/service-worker';
import { ownPath, toNotice } from './notification.ts';
import { renew, type SubscriptionChange } from './renewal.ts';
import { fingerprint, isKeptPage, isWorthKeeping, SHELL_PATHS, shellPath } from './shells.ts';

/** A network that looks alive but does not answer must not keep somebody from their ticket. */
const GIVE_UP_MS = 4_000;

const files = [...immutable, ...assets].map(({ path }) => (path.startsWith('/') ? path : `/${path}`));
const kept = new Set(files.filter(isWorthKeeping));
const CACHE = `frontrow-${fingerprint(files)}`;

self.addEventListener('install', (event) => event.waitUntil(fill()));
self.addEventListener('activate', (event) => event.waitUntil(takeOver()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (kept.has(url.pathname)) event.respondWith(fromCacheFirst(request));
  else if (request.mode === 'navigate') event.respondWith(fromNetworkFirst(request, url.pathname));
});

/** Everything, or nothing: half an app is worse than none. */
async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...kept]);
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
  return (await caches.match(request)) ?? fetch(request);
}

async function fromNetworkFirst(request: Request, pathname: string): Promise<Response> {
  try {
    const init = isKeptPage(pathname) ? { signal: AbortSignal.timeout(GIVE_UP_MS) } : {};
    return await fetch(request, init);
  } catch (cause) {
    const shell = await caches.match(shellPath(pathname));
    if (shell === undefined) throw cause;
    return shell;
  }
}

self.addEventListener('push', (event) => {
  const notice = toNotice(readJson(event.data), Date.now());
  if (notice !== null) event.waitUntil(self.registration.showNotification(notice.title, notice.options));
});

function readJson(data: PushMessageData | null): unknown {
  try {
    return data?.json();
  } catch {
    return null;
  }
}

// TypeScript knows the event by no name yet.
self.addEventListener('pushsubscriptionchange', (event: Event) => {
  const { pushManager } = self.registration;
  const change = event as ExtendableEvent & SubscriptionChange;
  change.waitUntil(renew(change, { pushManager, fetch: (...request) => fetch(...request) }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(ownPath((event.notification.data as { path?: unknown } | null)?.path)));
});

/** Goes on in a window that is open already, where there is one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((one) => new URL(one.url).pathname === path) ?? windows[0];
  if (there === undefined) return void (await self.clients.openWindow(path));
  if (new URL(there.url).pathname !== path) await there.navigate(path);
  await there.focus();
}
