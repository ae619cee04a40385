import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { openPass } from '../server/test/support/wallet/open-pass.ts';
import { readToken } from '../server/test/support/wallet/google-stand-in.ts';
import { appleSettings, googleSettings } from '../server/test/support/wallet/pass-keys.ts';
import { expectGoodPage } from './site/good-page.ts';
import { connectRemote, createEvent } from './site/organiser.ts';
import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { heading, untilLive } from './site/seats.ts';
import { expect, SCREENS, test as base } from './site/test.ts';
import { withVisitedSite, type VisitedSite } from './site/visited-site.ts';

/** A site with the keys of both wallets. */
const test = base.extend<{ wallets: VisitedSite }>({
  wallets: async ({ databases, open }, use) => {
    await withVisitedSite({ databases, open }, { ...appleSettings(), ...googleSettings() }, use);
  },
});

test.setTimeout(120_000);

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';

const buttons = (page: Page) => page.getByRole('main').getByRole('link', { name: /Wallet/ });

/** Books two seats of a free event in this browser's account; returns the booking with the key of its link. */
async function bookFree(page: Page, { url, organiser }: Pick<VisitedSite, 'url' | 'organiser'>) {
  const event = await createEvent(organiser);
  const { token } = await signUp(page);
  const buyer = connectRemote(url, token);
  const booking = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  buyer.close();
  const answer = await page.context().request.get(`/api/bookings/${booking.id}/link`);
  return { event, booking, key: ((await answer.json()) as { key: string }).key };
}

test('a ticket is added to Apple Wallet as a signed file, and to Google Wallet by a signed address', async ({
  wallets,
}) => {
  const page = await wallets.visit();
  const { event, booking, key } = await bookFree(page, wallets);
  // The first pass of a server takes libraries in, on a busy machine for longer than a request may take.
  const first = () => page.context().request.get(`/api/bookings/${booking.id}/ticket.pkpass`);
  await expect.poll(async () => (await first()).status(), { timeout: 60_000 }).toBe(200);
  for (const path of [`/tickets/${booking.id}`, `/t/${key}`]) {
    await page.goto(path);
    await untilLive(page);
    await expect(buttons(page)).toHaveText(['Add to Google Wallet', 'Add to Apple Wallet']);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Add to Apple Wallet' }).click();
    const { json, fields } = openPass(await readFile(await (await download).path()));
    expect(json.barcodes?.[0]?.message).toBe(booking.ticket);
    expect(fields['event']).toBe(event.title);
    const google = page.getByRole('link', { name: 'Add to Google Wallet' });
    await expect(google).toHaveAttribute('rel', /noopener/);
    const address = (await google.getAttribute('href')) ?? '';
    const answer = await page.context().request.get(address, { maxRedirects: 0 });
    const location = answer.headers()['location'] ?? '';
    expect(location).toContain('https://pay.google.com/gp/v/save/');
    expect(readToken(location.split('/').at(-1) ?? '')).toMatchObject({ aud: 'google' });
    // The download leaves the page open.
    await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  }
});

test('an iPhone shows Apple Wallet first, in German too', async ({ wallets }) => {
  const page = await wallets.visit({ ...SCREENS.phone, userAgent: IPHONE });
  const { key } = await bookFree(page, wallets);
  await page.goto(`/de/t/${key}`);
  await expect(buttons(page)).toHaveText(['Zu Apple Wallet hinzufügen', 'Zu Google Wallet hinzufügen']);
});

test('the page after a payment has the buttons of wallets', async ({ wallets }) => {
  const page = await wallets.visit();
  const event = await createPriced(wallets.organiser);
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await payBy(page, 'pays');
  await expect(heading(page, 'Paid')).toBeVisible();
  await expect(buttons(page)).toHaveText(['Add to Google Wallet', 'Add to Apple Wallet']);
});

test('a ticket with the buttons of wallets has no accessibility violations, and fits 320 px', async ({ wallets }) => {
  const page = await wallets.visit();
  const { event, booking, key } = await bookFree(page, wallets);
  await expectGoodPage(page, `/t/${key}`, event.title);
  await expectGoodPage(page, `/tickets/${booking.id}`, event.title);
});

test('without keys nothing of wallets shows', async ({ site, open }) => {
  const page = await open({ userAgent: IPHONE });
  const { booking, key } = await bookFree(page, site);
  for (const path of [`/tickets/${booking.id}`, `/t/${key}`]) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.getByRole('link', { name: 'Add to calendar' })).toBeVisible();
    await expect(page.locator('body')).not.toContainText('Wallet');
  }
});
