import type { Page } from '@playwright/test';
import { createEvent } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

const html = (page: Page) => page.locator('html');
const languages = (page: Page) => page.getByRole('contentinfo').getByRole('list', { name: /Language|Sprache/ });

test('a first visit has the language of the browser, also where the page was just sent to another reader', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const [english, german] = [await open(), await open({ locale: 'de-DE' })];
  for (const path of ['/', `/events/${event.id}`]) {
    await english.goto(path);
    await expect(html(english)).toHaveAttribute('lang', 'en');
    await german.goto(`${path}?utm_source=x`);
    await expect(html(german)).toHaveAttribute('lang', 'de');
    await expect(german).toHaveURL(path === '/' ? '/de?utm_source=x' : `/de${path}?utm_source=x`);
  }
});

test('a language that was chosen stays, without scripts for the visit', async ({ open }) => {
  const page = await open({ locale: 'de-DE', viewport: PHONE });
  await page.goto('/');
  await languages(page).getByRole('link', { name: 'English' }).click();
  await expect(html(page)).toHaveAttribute('lang', 'en');
  await page.goto('/');
  await expect(html(page)).toHaveAttribute('lang', 'en');

  const plain = await open({ locale: 'de-DE', javaScriptEnabled: false });
  await plain.goto('/');
  await languages(plain).getByRole('link', { name: 'English' }).click();
  await expect(html(plain)).toHaveAttribute('lang', 'en');
  await plain.getByRole('banner').getByRole('link', { name: 'Frontrow' }).click();
  await expect(html(plain)).toHaveAttribute('lang', 'en');
});

test('the language of the account meets its owner on a new device', async ({ open }) => {
  const page = await open();
  const response = await page.context().request.post('/api/auth/register', {
    data: { name: 'Anna', email: `${Date.now()}@example.org`, password: 'correct horse', locale: 'de' },
  });
  expect(response.ok()).toBe(true);
  await page.goto('/');
  await untilLive(page);
  await page.goto('/');
  await expect(html(page)).toHaveAttribute('lang', 'de');
});

test('who reads German pays and returns in German, whatever the account says', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUp(page);
  await page.goto(`/de/events/${event.id}`);
  await pressUntil(page, '2 Plätze reservieren', heading(page, '2 Plätze reserviert'));
  await page.getByRole('button', { name: 'Weiter zur Zahlung' }).click();
  await expect(html(page)).toHaveAttribute('lang', 'de');
  await page.getByRole('button', { name: 'Zahlungspflichtig bestellen', exact: true }).click();
  await expect(page).toHaveURL(/\/de\/paid\?token=/);
  await expect(page.getByRole('heading', { level: 1, name: 'Bezahlt' })).toBeVisible();
});
