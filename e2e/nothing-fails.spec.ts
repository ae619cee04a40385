import type { BrowserContext, Page } from '@playwright/test';
import { createEvent } from './site/organiser.ts';
import { addressesOf, pageRoutes, type Addresses } from './site/pages.ts';
import { payBy, PRICE, signUpAndHold, toPayment } from './site/payments.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { book, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

/** Opens every page in both languages, one tab for each language, and waits until its requests are answered. */
async function openAll(page: Page, addresses: Addresses): Promise<void> {
  const english = Object.values(addresses).flat();
  const german = english.map((path) => path.replace(/^\/(?=\?|$)|^/, '/de'));
  await Promise.all([openEach(page, english), openEach(await page.context().newPage(), german)]);
}

async function openEach(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(path);
    await untilLive(page);
    await expectIcon(page);
    await page.waitForLoadState('networkidle');
  }
}

/** A browser with a window requests /favicon.ico, which does not exist, for a page that names no icon. */
async function expectIcon(page: Page): Promise<void> {
  await expect(page.locator('link[rel=icon]')).toHaveAttribute('href', /\/icon\.svg$/);
}

/** Records the namespaces to which the pages of a browser try to connect. */
function watchNamespaces(context: BrowserContext): Set<string> {
  const namespaces = new Set<string>();
  context.on('page', (page) =>
    page.on('websocket', (socket) =>
      socket.on('framesent', ({ payload }) => {
        const namespace = /^40(\/\w+)/.exec(String(payload))?.[1];
        if (namespace !== undefined) namespaces.add(namespace);
      }),
    ),
  );
  return namespaces;
}

// A test opens about forty pages and waits until each is idle.
test.setTimeout(180_000);

test('the browser tests open every page that has a route', async ({ site }) => {
  expect(Object.keys(await addressesOf(site)).toSorted()).toEqual(pageRoutes().toSorted());
});

test('no page makes a failing request for a signed-out visitor, or tries to connect as a user', async ({
  site,
  open,
}) => {
  const page = await open();
  const namespaces = watchNamespaces(page.context());
  await openAll(await page.context().newPage(), await addressesOf(site));
  expect([...namespaces]).toEqual(['/public']);
});

test('no page makes a failing request with the cookie of a session that has ended', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const namespaces = watchNamespaces(page.context());
  await signUp(page);
  const cookies = await page.context().cookies();
  await page.context().request.post('/api/auth/logout');
  await page.context().addCookies(cookies);
  const tab = await page.context().newPage();
  await openEach(tab, ['/', `/events/${event.id}`, '/bookings', '/account', `/admin/events/${event.id}`]);
  await expect(tab.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  expect([...namespaces]).toEqual(['/public']);
});

test('no page makes a failing request for a buyer', async ({ site, open }) => {
  const addresses = await addressesOf(site);
  const page = await open();
  const free = await createEvent(site.organiser);
  await signUp(page);
  await book(page, free.id);
  await page.getByRole('link', { name: 'Open ticket' }).click();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  const ticket = new URL(page.url()).pathname;
  await openAll(page, {
    ...addresses,
    '/tickets/[id]': [ticket, '/tickets/kept'],
    '/tickets/[id]/receipts': [`${ticket}/receipts`],
  });
});

test('no page makes a failing request for an organiser', async ({ site, open }) => {
  const addresses = await addressesOf(site);
  const page = await open();
  await signInOrganiser(page);
  await openAll(page, addresses);
});

test('no page makes a failing request on the way from a hold to its payment', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await expectIcon(page);
  await page.waitForLoadState('networkidle');
  await payBy(page, 'pays');
  await expect(page.getByRole('heading', { level: 1, name: 'Paid' })).toBeVisible();
  await page.reload();
  await untilLive(page);
  await page.waitForLoadState('networkidle');
});
