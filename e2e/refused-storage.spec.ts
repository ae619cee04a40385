import type { Page } from '@playwright/test';
import { createSoldOut } from './site/waitlist.ts';
import { createEvent } from './site/organiser.ts';
import { addressesOf } from './site/pages.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { card, heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

/** What a browser may keep from a page, by the name under which pages reach for it. */
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

/** Scripts that refuse these things in every page that opens from now on. */
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

/** Storage that is read as usual and takes nothing more. */
async function fill(page: Page): Promise<void> {
  await page.context().addInitScript(`
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  `);
}

const WAYS: [string, (page: Page) => Promise<void>][] = [
  ['throws', (page) => refuse(page, KEPT_BACK, 'throws')],
  ['is missing', (page) => refuse(page, KEPT_BACK, 'is missing')],
  ['is full', fill],
];

// Thirty pages each, until they are live.
test.setTimeout(180_000);

for (const [how, prepare] of WAYS) {
  test(`no page breaks where storage, cookies, caches, service worker or notifications: each ${how}`, async ({
    site,
    open,
  }) => {
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

// A refusal that hides another one is found by each alone.
for (const name of KEPT_BACK.filter((one) => !['window.indexedDB', 'window.PushManager'].includes(one))) {
  test(`without ${name} a phone books three seats, changes its colours, opens the ticket and joins a waiting list`, async ({
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
    await page.locator('button[popovertarget]').click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.keyboard.press('Escape');
    await card(page, event.title).getByRole('link').click();
    await page.getByRole('button', { name: 'One seat more' }).click();
    await pressUntil(page, 'Book 3 seats', heading(page, 'You have 3 seats'));
    await page.getByRole('link', { name: 'Open ticket' }).click();
    await page.getByRole('button', { name: 'Copy code' }).click();
    // A browser without a window of its own lends no page its clipboard: then the toast shows the code.
    await expect(page.getByText(/^(?:Copied\.|\w{4} \w{4} \w{4})$/).last()).toBeVisible();
    await page.goto(`/events/${soldOut.id}`);
    await pressUntil(page, 'Join the waiting list', heading(page, 'You are first in line'));
  });
}

test('where a browser keeps no cookies, the forms for signing in say that it cannot last', async ({ open }) => {
  const page = await open();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setDocumentCookieDisabled', { disabled: true });
  for (const path of ['/login', '/register']) {
    await page.goto(path);
    await expect(page.getByText('Your browser keeps no cookies of this site')).toBeVisible();
  }
});
