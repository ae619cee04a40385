import { expect, test } from 'vitest';
import { ownPath, toNotification } from '../service-worker/notification.ts';
import { renewSubscription } from '../service-worker/renew-subscription.ts';
import { fingerprint, isKeptPage, isWorthKeeping, SHELL_PATHS, shellPath } from '../service-worker/shells.ts';

test('a page that cannot be fetched has a shell in its language, and each shell is kept', () => {
  expect(shellPath('/bookings')).toBe('/bookings');
  expect(shellPath('/de/bookings/')).toBe('/de/bookings');
  expect(shellPath('/tickets/0123')).toBe('/tickets/kept');
  expect(shellPath('/de/tickets/0123')).toBe('/de/tickets/kept');
  for (const path of ['/', '/events/1', '/desk', '/tickets', '/tickets/1/2', '/account'])
    expect(shellPath(path)).toBe('/offline');
  for (const path of ['/de', '/de/', '/de/events/1']) expect(shellPath(path)).toBe('/de/offline');
  for (const path of ['/bookings', '/de/tickets/1', '/', '/de']) expect(SHELL_PATHS).toContain(shellPath(path));
});

test('pages with numbers that move are never kept', () => {
  expect(['/', '/de', '/events/1', '/admin', '/login'].filter(isKeptPage)).toEqual([]);
  expect(['/bookings', '/tickets/1', '/de/tickets/1'].filter((path) => !isKeptPage(path))).toEqual([]);
});

test('of the fonts the Latin one is worth keeping', () => {
  const fonts = ['/a/archivo-latin-standard-normal.1.woff2', '/a/archivo-vietnamese-standard-normal.1.woff2'];
  expect([...fonts, '/a/1.js', '/icon.svg'].filter(isWorthKeeping)).toEqual([fonts[0], '/a/1.js', '/icon.svg']);
  expect(isWorthKeeping('/_app/immutable/assets/preview.D3f.png'), 'the picture of shared links').toBe(false);
});

test('other files have another name, whatever their order', () => {
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

test('a push is shown in its own words, and leads to a page of this site', () => {
  const notice = toNotification(message, Date.parse('2026-10-14T19:00:00.000Z'));
  expect(notice).toMatchObject({ title: message.title, options: { body: message.body, data: { path: '/events/1' } } });
  for (const url of ['https://evil.example', '//evil.example', '/\\evil.example', 7]) expect(ownPath(url)).toBe('/');
});

test('a push that is over, or none of ours, is not shown', () => {
  expect(toNotification(message, Date.parse(message.expiresAt))).toBeNull();
  const { body: _, ...bare } = message;
  for (const other of [null, 'text', {}, bare, { ...message, title: 7 }]) expect(toNotification(other, 0)).toBeNull();
});

/** A subscription with this address. */
function subscribed(endpoint: string): PushSubscription {
  return { endpoint, toJSON: () => ({ endpoint }) } as unknown as PushSubscription;
}

/** A browser that subscribes as asked, and a server that answers it as the user's or as a guest's. */
function renewing({ isSignedIn }: { isSignedIn: boolean }) {
  const told: string[] = [];
  const fetch = (async (path: string, { method = 'GET', body = '' }: RequestInit) => {
    told.push(`${method} ${path} ${String(body)}`);
    return Response.json({ user: isSignedIn ? { name: 'Anna' } : null, key: 'BKey' });
  }) as typeof globalThis.fetch;
  const asked: unknown[] = [];
  const subscribe = async (options?: PushSubscriptionOptionsInit) => {
    asked.push(options?.applicationServerKey);
    return subscribed('https://push.example/new');
  };
  return { told, asked, browser: { fetch, pushManager: { subscribe } } };
}

test('a device whose address changes goes on being told of offers, at the new one only', async () => {
  const { told, asked, browser } = renewing({ isSignedIn: true });
  await renewSubscription({ oldSubscription: subscribed('https://push.example/old'), newSubscription: null }, browser);
  expect(asked).toEqual(['BKey']);
  expect(told).toEqual([
    'GET /api/auth/session ',
    'GET /api/push/key ',
    'POST /api/push/subscriptions {"endpoint":"https://push.example/new"}',
    'DELETE /api/push/subscriptions {"endpoint":"https://push.example/old"}',
  ]);
});

test('an address that the browser brings along is taken as it is', async () => {
  const { told, asked, browser } = renewing({ isSignedIn: true });
  await renewSubscription({ newSubscription: subscribed('https://push.example/given') }, browser);
  expect(asked).toEqual([]);
  expect(told).toEqual([
    'GET /api/auth/session ',
    'POST /api/push/subscriptions {"endpoint":"https://push.example/given"}',
  ]);
});

test('a device whose owner has signed out asks for no new address, and for nothing that is refused', async () => {
  for (const newSubscription of [null, subscribed('https://push.example/given')]) {
    const { told, asked, browser } = renewing({ isSignedIn: false });
    await renewSubscription({ oldSubscription: subscribed('https://push.example/old'), newSubscription }, browser);
    expect(asked).toEqual([]);
    expect(told).toEqual(['GET /api/auth/session ']);
  }
});
