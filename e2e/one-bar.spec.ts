import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { connectRemote, createEvent } from './site/organiser.ts';
import { NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { payBy, PRICE } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { heading, pressUntil, untilLive } from './site/seats.ts';
import { createSoldOut, giveBack, join } from './site/waitlist.ts';
import { expect, PHONE, test } from './site/test.ts';

const bars = (page: Page) => page.locator('.dock').getByRole('complementary');

test('a hold and an offer share one bar and one main button on a phone', async ({ site, open }) => {
  const priced = await createEvent(site.organiser, { price: PRICE });
  const other = await createEvent(site.organiser);
  const { event, taken } = await createSoldOut(site);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await join(page, event.id, 'first');
  await page.goto(`/events/${priced.id}`);
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
  await giveBack(site.organiser, taken[0]);
  // The page shows the hold itself, so the bar has the offer.
  await expect(bars(page)).toHaveCount(1);
  await expect(bars(page)).toContainText(event.title);

  for (const path of ['/', `/events/${other.id}`]) {
    await page.goto(path);
    await untilLive(page);
    await expect(bars(page)).toHaveCount(1);
    await expect(bars(page)).toContainText(priced.title);
    await expect(page.locator('.button.action:visible')).toHaveCount(1);
  }
  await page.setViewportSize(NARROW);
  expect([...(await overflowOf(page)), ...(await smallTargets(page, 44))]).toEqual([]);
  await bars(page).getByRole('link', { name: '+1 My bookings' }).click();
  await expect(page.getByRole('article').filter({ hasText: event.title })).toContainText('Offered');
});

test('the bar of another hold leaves the main button to the page after a payment', async ({ site, open }) => {
  const [paying, other] = [
    await createEvent(site.organiser, { price: PRICE }),
    await createEvent(site.organiser, { price: PRICE }),
  ];
  const page = await open({ viewport: PHONE, hasTouch: true });
  const { token } = await signUp(page);
  const payer = connectRemote(site.url, token);
  const [bookingId] = await Promise.all(
    [paying, other].map(async ({ id }) => {
      const hold = await payer.must('book', { requestId: randomUUID(), eventId: id, seats: 2, price: PRICE });
      return hold.id;
    }),
  );
  await page.goto((await payer.must('checkout', { bookingId: bookingId ?? '' })).url);
  payer.close();
  await payBy(page, 'declined');
  await page.getByRole('link', { name: 'Back without paying' }).click();
  await expect(heading(page, 'Card declined')).toBeVisible();
  await expect(bars(page)).toHaveCount(1);
  await expect(page.locator('.button.action:visible')).toHaveText(['Continue with the hold']);
});

test('a pressed card and every other link show at once that their page is on its way', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await page.goto(`/?query=${event.title}`);
  await untilLive(page);
  const answers = Promise.withResolvers<void>();
  await page.route(/__data|_app\/.*\.js|\/api\/events/, async (route) => {
    await answers.promise;
    await route.continue();
  });
  const card = page.getByRole('article').filter({ hasText: event.title });
  const idle = await card.evaluate((one) => one.ownerDocument.defaultView?.getComputedStyle(one).backgroundColor);
  await card.getByRole('link').click({ noWaitAfter: true });
  await expect(page.locator('.site.going')).toBeVisible();
  await expect(card).not.toHaveCSS('background-color', idle ?? '');
  answers.resolve();
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(page.locator('.site.going')).toHaveCount(0);
});
