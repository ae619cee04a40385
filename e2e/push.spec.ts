import type { Page } from '@playwright/test';
import { untilKept } from './site/kept.ts';
import { signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';
import { createSoldOut } from './site/waitlist.ts';

test.use({ serviceWorkers: 'allow' });

/**
 * Replaces the permission and the subscription: headless Chromium forbids notifications and has no push service to
 * subscribe to.
 */
const SUBSCRIBE = `
  let permission = 'default';
  Object.defineProperty(Notification, 'permission', { get: () => permission });
  Notification.requestPermission = async () => (permission = 'granted');
  const made = {
    endpoint: 'https://fcm.googleapis.com/fcm/send/made-up',
    unsubscribe: async () => { window.made = null; return true; },
    toJSON: () => ({
      endpoint: made.endpoint,
      expirationTime: null,
      keys: { p256dh: 'B' + 'A'.repeat(86), auth: 'A'.repeat(22) },
    }),
  };
  PushManager.prototype.getSubscription = async () => window.made ?? null;
  PushManager.prototype.subscribe = async (options) => {
    window.askedWith = options;
    return (window.made = made);
  };
`;

/** Records the notifications that the service worker would show. */
const SHOW = `
  self.shown = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, { body, tag, data }) => {
    self.shown.push([title, body, tag, data.path].join('|'));
  };
`;

/** Simulates a push service that ends a subscription's endpoint, after which the browser makes a new subscription. */
const CHANGE = `
  const renewed = {
    endpoint: 'https://fcm.googleapis.com/fcm/send/made-anew',
    toJSON: () => ({ endpoint: renewed.endpoint, keys: { p256dh: 'B' + 'A'.repeat(86), auth: 'A'.repeat(22) } }),
  };
  const change = new ExtendableEvent('pushsubscriptionchange');
  self.dispatchEvent(Object.assign(change, { newSubscription: renewed }));
`;

/** Makes the browser deliver a message to the service worker, as the push service would. */
async function deliver(page: Page, message: object): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first !== undefined) resolve(first.registrationId);
    });
  });
  await devtools.send('ServiceWorker.enable');
  const { origin } = new URL(page.url());
  const registrationId = await registered;
  await devtools.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(message) });
}

test('a buyer on the waiting list turns on notifications of offers, and permission is asked on a press only', async ({
  site,
  open,
}) => {
  const { event } = await createSoldOut(site);
  const page = await open();
  await page.addInitScript(SUBSCRIBE);
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('button', { name: 'Notify this device' })).toHaveCount(0);
  await pressUntil(page, 'Join', page.getByRole('button', { name: 'Notify this device' }));
  await untilKept(page);
  const subscribed = page.waitForResponse(/\/api\/push\/subscriptions$/);
  await page.getByRole('button', { name: 'Notify this device' }).click();
  expect((await subscribed).status()).toBe(204);
  await expect(page.getByText('This device is notified')).toBeVisible();
  expect(await page.evaluate('window.askedWith.userVisibleOnly')).toBe(true);

  const message = {
    kind: 'offer',
    title: '2 seats for you',
    body: event.title,
    url: `/events/${event.id}`,
    tag: `offer-${event.id}`,
    lang: 'en',
    expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const [worker] = page.context().serviceWorkers();
  await worker?.evaluate(SHOW);
  await deliver(page, message);
  await deliver(page, { ...message, expiresAt: new Date(0).toISOString() });
  await expect
    .poll(() => worker?.evaluate<string[]>('self.shown'))
    .toEqual([[message.title, message.body, message.tag, message.url].join('|')]);

  // The push service gives this device a new endpoint.
  const renewed = page
    .context()
    .waitForEvent('response', (response) => response.url().endsWith('/api/push/subscriptions'));
  await worker?.evaluate(CHANGE);
  expect((await renewed).status()).toBe(204);
  expect((await renewed).request().postData()).toContain('made-anew');
  await page.getByRole('button', { name: 'Do not notify it any more' }).click();
  await expect(page.getByRole('button', { name: 'Notify this device' })).toBeVisible();
});
