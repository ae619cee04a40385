import { expect, test } from 'vitest';
import { toNotification } from '../service-worker/notification.ts';
import { renewSubscription } from '../service-worker/renew-subscription.ts';
import { fingerprint, isKeptPage, isWorthKeeping, SHELL_PATHS, shellPath } from '../service-worker/shells.ts';

test('each page that cannot be fetched has a cached shell in its language', () => {
  expect(shellPath('/bookings')).toBe('/bookings');
  expect(shellPath('/de/bookings/')).toBe('/de/bookings');
  expect(shellPath('/tickets/0123')).toBe('/tickets/kept');
  expect(shellPath('/de/tickets/0123')).toBe('/de/tickets/kept');
  for (const path of ['/', '/events/1', '/desk', '/tickets', '/tickets/1/2', '/account'])
    expect(shellPath(path)).toBe('/offline');
  for (const path of ['/de', '/de/', '/de/events/1']) expect(shellPath(path)).toBe('/de/offline');
  for (const path of ['/bookings', '/de/tickets/1', '/', '/de']) expect(SHELL_PATHS).toContain(shellPath(path));
});

test('pages with live seat counts are never cached', () => {
  expect(['/', '/de', '/events/1', '/admin', '/login'].filter(isKeptPage)).toEqual([]);
  expect(['/bookings', '/tickets/1', '/de/tickets/1'].filter((path) => !isKeptPage(path))).toEqual([]);
});

test('scripts, icons and the Latin font are cached, other fonts and the preview picture are not', () => {
  const fonts = ['/a/archivo-latin-standard-normal.1.woff2', '/a/archivo-vietnamese-standard-normal.1.woff2'];
  expect([...fonts, '/a/1.js', '/icon.svg'].filter(isWorthKeeping)).toEqual([fonts[0], '/a/1.js', '/icon.svg']);
  expect(isWorthKeeping('/_app/immutable/assets/preview.D3f.png'), 'the picture of shared links').toBe(false);
});

test('the fingerprint of the cached files depends on the files, not on their order', () => {
  expect(fingerprint(['/a.js', '/b.js'])).toBe(fingerprint(['/b.js', '/a.js']));
  expect(fingerprint(['/a.js', '/b.js'])).not.toBe(fingerprint(['/a.js', '/c.js']));
});

const message = {
  kind: 'offer',
  title: '2 seats for you',
  body: 'Until 22:00.',
  url: '/events/1',
  tag: 'offer-1',
  lang: 'en',
  expiresAt: '2026-10-14T20:00:00.000Z',
};

test('a push message is shown with its own text and opens a page of this site only', () => {
  const nowMs = Date.parse('2026-10-14T19:00:00.000Z');
  expect(toNotification(message, nowMs)).toMatchObject({
    title: message.title,
    options: { body: message.body, dir: 'auto', data: { path: '/events/1' } },
  });
  for (const url of ['https://evil.example', '//evil.example', '/\t/evil.example', '/.//evil.example'])
    expect(toNotification({ ...message, url }, nowMs)?.options.data.path).toBe('/');
});

test('an expired or malformed push message is not shown', () => {
  expect(toNotification(message, Date.parse(message.expiresAt))).toBeNull();
  const { body: _, ...bare } = message;
  for (const other of [null, 'text', {}, bare, { ...message, title: 7 }]) expect(toNotification(other, 0)).toBeNull();
});

/** A push subscription with this address. */
function subscribed(endpoint: string): PushSubscription {
  return { endpoint, toJSON: () => ({ endpoint }) } as unknown as PushSubscription;
}

/** A browser that subscribes on request, and a server with or without its session; `requests` lists its requests. */
function renewing({ isSignedIn }: { isSignedIn: boolean }) {
  const requests: string[] = [];
  const fetch = (async (path: string, { method = 'GET', body = '' }: RequestInit) => {
    requests.push(`${method} ${path} ${String(body)}`);
    return Response.json({ user: isSignedIn ? { name: 'Anna' } : null, key: 'BKey' });
  }) as typeof globalThis.fetch;
  const asked: unknown[] = [];
  const subscribe = async (options?: PushSubscriptionOptionsInit) => {
    asked.push(options?.applicationServerKey);
    return subscribed('https://push.example/new');
  };
  return { requests, asked, browser: { fetch, pushManager: { subscribe } } };
}

test('a push subscription whose address changed is replaced by one with the new address', async () => {
  const { requests, asked, browser } = renewing({ isSignedIn: true });
  await renewSubscription({ oldSubscription: subscribed('https://push.example/old'), newSubscription: null }, browser);
  expect(asked).toEqual(['BKey']);
  expect(requests).toEqual([
    'GET /api/auth/session ',
    'GET /api/push/key ',
    'POST /api/push/subscriptions {"endpoint":"https://push.example/new"}',
    'DELETE /api/push/subscriptions {"endpoint":"https://push.example/old"}',
  ]);
});

test('a new push subscription given by the browser is registered as it is', async () => {
  const { requests, asked, browser } = renewing({ isSignedIn: true });
  await renewSubscription({ newSubscription: subscribed('https://push.example/given') }, browser);
  expect(asked).toEqual([]);
  expect(requests).toEqual([
    'GET /api/auth/session ',
    'POST /api/push/subscriptions {"endpoint":"https://push.example/given"}',
  ]);
});

test('without a session a changed push subscription is not renewed', async () => {
  for (const newSubscription of [null, subscribed('https://push.example/given')]) {
    const { requests, asked, browser } = renewing({ isSignedIn: false });
    await renewSubscription({ oldSubscription: subscribed('https://push.example/old'), newSubscription }, browser);
    expect(asked).toEqual([]);
    expect(requests).toEqual(['GET /api/auth/session ']);
  }
});
