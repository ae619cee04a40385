import type { Page } from '@playwright/test';
import { createSoldOut } from './site/waitlist.ts';
import { createEvent } from './site/organiser.ts';
import { addressesOf } from './site/pages.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { card, heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

/** Features that a browser may refuse to a page, by their names in scripts. */
const KEPT_BACK = [
  'window.localStorage',
  'window.sessionStorage',
  'window.caches',
  'window.indexedDB',
  'window.Notification',
  'window.PushManager',
  'navigator.serviceWorker',
  'navigator.clipboard',
  'document.cookie',
];

type Refusal = 'throws' | 'is missing';

/** Refuses these features in every page that opens from now on. */
async function refuse(page: Page, names: string[], how: Refusal): Promise<void> {
  const value = how === 'throws' ? "throw new DOMException('denied', 'SecurityError')" : 'return undefined';
  for (const name of names) {
    const [owner = '', property = ''] = name.split('.');
    const accessor = `{ configurable: true, get() { ${value} }, set() { ${value} } }`;
    const isRemoved = how === 'is missing' && owner === 'window';
    await page
      .context()
      .addInitScript(
        isRemoved
          ? `delete Window.prototype.${property}; delete window.${property};`
          : `Object.defineProperty(${owner}, '${property}', ${accessor});`,
      );
  }
}

/** Fills the storage: reads work as usual, and every write fails. */
async function fill(page: Page): Promise<void> {
  await page.context().addInitScript(`
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  `);
}

const WAYS: [string, (page: Page) => Promise<void>][] = [
  ['storage, cookies, caches, service worker and notifications throw', (page) => refuse(page, KEPT_BACK, 'throws')],
  [
    'storage, cookies, caches, service worker and notifications are missing',
    (page) => refuse(page, KEPT_BACK, 'is missing'),
  ],
  ['storage is full', fill],
];

// A test opens about thirty pages and waits until each is live.
test.setTimeout(180_000);

for (const [how, prepare] of WAYS) {
  test(`no page breaks where ${how}`, async ({ site, open }) => {
    const addresses = Object.values(await addressesOf(site)).flat();
    const page = await open();
    await prepare(page);
    await signInOrganiser(page);
    const other = await page.context().newPage();
    const half = Math.ceil(addresses.length / 2);
    await Promise.all([openEach(page, addresses.slice(0, half)), openEach(other, addresses.slice(half))]);
  });
}

async function openEach(page: Page, paths: string[]): Promise<void> {
  for (const path of paths) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.getByRole('main'), path).not.toContainText('Something went wrong on our side');
  }
}

// One refused feature may hide the fault of another: each is also refused alone.
for (const name of KEPT_BACK.filter((one) => !['window.indexedDB', 'window.PushManager'].includes(one))) {
  test(`a phone without ${name} goes dark, books three seats, opens the ticket and joins a waiting list`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser);
    const { event: soldOut } = await createSoldOut(site);
    const page = await open(SCREENS.phone);
    await refuse(page, [name], 'throws');
    await signUp(page);
    await page.goto(`/?query=${encodeURIComponent(event.title)}`);
    await untilLive(page);
    await page.locator('button[popovertarget="site-menu"]').click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.keyboard.press('Escape');
    await card(page, event.title).getByRole('link').click();
    await page.getByRole('button', { name: 'One seat more' }).click();
    await pressUntil(page, 'Book 3 seats', heading(page, 'You have 3 seats'));
    await page.getByRole('link', { name: 'Open ticket' }).click();
    await page.getByText('More', { exact: true }).click();
    await page.getByRole('button', { name: 'Copy code' }).click();
    // Headless Chromium may refuse the clipboard: the toast then shows the code.
    await expect(page.getByText(/^(?:Copied\.|\w{4} \w{4} \w{4})$/).last()).toBeVisible();
    await page.goto(`/events/${soldOut.id}`);
    await pressUntil(page, 'Join the waiting list', heading(page, 'You are first in line'));
  });
}

test('the sign-in forms warn in a browser without cookies that a session cannot last', async ({ open }) => {
  const page = await open();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setDocumentCookieDisabled', { disabled: true });
  for (const path of ['/login', '/register']) {
    await page.goto(path);
    await expect(page.getByText('Your browser does not keep this site’s cookies')).toBeVisible();
  }
});
