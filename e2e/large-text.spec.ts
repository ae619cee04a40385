import type { Page } from '@playwright/test';
import { brokenText } from './site/broken-text.ts';
import { overflowOf } from './site/good-page.ts';
import { createEvent } from './site/organiser.ts';
import { addressesOf } from './site/pages.ts';
import { PRICE } from './site/payments.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { book, heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

/** Doubles a page's text size (WCAG 1.4.4): rem doubles, but media queries in rem stay, as with a user's style sheet. */
const DOUBLE = `new MutationObserver((_, observer) => {
  if (document.documentElement === null) return;
  document.documentElement.style.fontSize = '200%';
  observer.disconnect();
}).observe(document, { childList: true })`;

/** Expects that the page fits the phone in its present state, and that no text is cut off or overlaps another. */
async function expectReadable(page: Page, what: string): Promise<void> {
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  expect.soft([...(await overflowOf(page)), ...(await brokenText(page))], what).toEqual([]);
}

async function expectPages(page: Page, paths: string[]): Promise<void> {
  const german = paths.map((path) => path.replace(/^\/(?=\?|$)|^/, '/de'));
  for (const path of [...paths, ...german]) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.locator('[data-loading]')).toHaveCount(0);
    await expectReadable(page, path);
  }
}

test.setTimeout(240_000);

test('every page is readable on a phone with its text at twice the size', async ({ site, open }) => {
  const addresses = await addressesOf(site);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await page.addInitScript(DOUBLE);
  await expectPages(page, [
    '/',
    ...(addresses['/events/[id]'] ?? []),
    '/login',
    '/register',
    '/forgot',
    '/bookings',
    '/account',
  ]);
  await signInOrganiser(page);
  await expectPages(page, Object.values(addresses).flat());
});

test('a hold, a booking, a dialog and the menu are readable on a phone with text at twice the size', async ({
  site,
  open,
}) => {
  const [free, priced] = [await createEvent(site.organiser), await createEvent(site.organiser, { price: PRICE })];
  const page = await open({ viewport: PHONE, hasTouch: true });
  await page.addInitScript(DOUBLE);
  await signUp(page);
  await page.goto(`/events/${priced.id}`);
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
  await expectReadable(page, 'a hold');
  await page.getByRole('button', { name: 'Change number of seats' }).click();
  await expectReadable(page, 'a hold that is changed');
  await book(page, free.id);
  await expectReadable(page, 'a booking, and the bar of a hold');
  await page.goto('/bookings');
  await expect(page.getByRole('article')).toHaveCount(2);
  await expectReadable(page, 'my bookings');
  await page.getByRole('button', { name: 'Cancel booking' }).click();
  await expectReadable(page, 'a dialog');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Account of' }).click();
  await expectReadable(page, 'the menu');
  await page.goto('/account');
  await expectReadable(page, 'the account and the bar of a hold');
});
