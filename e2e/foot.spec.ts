import type { Page } from '@playwright/test';
import { createEvent, newWord } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

const held = (page: Page, seats = 2) => page.getByRole('heading', { name: `You hold ${seats} seats` });
const scrollDown = (page: Page) => page.evaluate('scrollTo(0, document.documentElement.scrollHeight)');
const footer = (page: Page) => page.getByRole('contentinfo');

test('the booking button of a phone stays in view on scrolling, covers nothing, and leads to the outcome', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE, description: 'Long. '.repeat(400) });
  const page = await open(SCREENS.phone);
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const button = page.getByRole('button', { name: /^Hold \d seats$/ });
  const before = await button.boundingBox();
  await scrollDown(page);
  expect(await button.boundingBox()).toEqual(before);
  const [foot, last] = [await page.getByRole('spinbutton').boundingBox(), await footer(page).boundingBox()];
  expect((last?.y ?? 0) + (last?.height ?? 0)).toBeLessThanOrEqual(foot?.y ?? 0);

  await page.getByRole('button', { name: 'One seat more' }).tap();
  await pressUntil(page, 'Hold 3 seats', held(page, 3));

  await expect(held(page, 3)).toBeFocused();
  await expect(held(page, 3)).toBeInViewport();
  await scrollDown(page);
  await expect(held(page, 3)).not.toBeInViewport();
  await expect(page.getByRole('timer')).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Continue to payment' })).toBeInViewport();
});

for (const width of [320, 768, 1280]) {
  test(`an event’s page with a hold has one clock and one main button, in view at ${width} px`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser, { price: PRICE, description: 'Long. '.repeat(400) });
    const page = await open({ viewport: { width, height: 800 } });
    await signUp(page);
    await page.goto(`/events/${event.id}`);
    await expect(page.getByText(/You then have 10 minutes to pay\. Cancel free of charge until/)).toBeVisible();
    await pressUntil(page, 'Hold 2 seats', held(page));
    await scrollDown(page);
    const clocks = page.getByRole('timer');
    await expect(clocks).toHaveCount(1);
    await expect(clocks).toBeInViewport();
    await expect(page.locator('.button.action:visible')).toHaveText(['Continue to payment']);
    await expect(page.getByRole('button', { name: 'Continue to payment' })).toBeInViewport();
    await expect(page.getByRole('complementary', { name: 'You hold 2 seats' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Change number of seats' }).click();
    await expect(clocks).toHaveCount(1);
  });
}

test('space for the hold bar is kept before scripts load, so nothing moves, and only while the hold lasts', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  // A short page ends above the bottom of this window, so a hold bar that came late would move the footer up.
  const viewport = { width: 320, height: 900 };
  const page = await open({ ...SCREENS.phone, viewport });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Hold 2 seats', held(page));
  const hints = async () => (await page.context().cookies()).filter(({ name }) => name === 'has_hold');
  await expect.poll(hints).toMatchObject([{ value: event.id, sameSite: 'Lax' }]);

  const scripts = Promise.withResolvers<void>();
  await page.route(/_app\/.*\.js$/, async (route) => {
    await scripts.promise;
    await route.continue();
  });
  await page.goto(`/?query=${newWord()}`, { waitUntil: 'commit' });
  await expect(footer(page)).toBeVisible();
  // The footer is in the document before its styles have loaded.
  const areStyled =
    "[...document.querySelectorAll('link[rel=stylesheet]:not([disabled])')].every(({ sheet }) => sheet !== null)";
  await expect.poll(() => page.evaluate(areStyled)).toBe(true);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  const before = await footer(page).boundingBox();
  scripts.resolve();
  await expect(page.getByRole('complementary', { name: 'You hold 2 seats' })).toBeVisible();
  expect(await footer(page).boundingBox()).toEqual(before);

  await page.goto(`/events/${event.id}`);
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(page.getByText('The seats went back.')).toBeVisible();
  await expect.poll(hints).toEqual([]);
});

test('the end of a hold is shown in the reader’s time, with the venue’s time beside it, on every page', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE, totalSeats: 2, timeZone: 'Asia/Tokyo' });
  const [far, near] = [await open({ timezoneId: 'America/New_York' }), await open({ timezoneId: 'Asia/Tokyo' })];
  await signUp(far);
  await far.goto(`/events/${event.id}`);
  await pressUntil(far, 'Hold 2 seats', held(far));
  await near.goto(`/events/${event.id}`);

  const note = await near.getByText(/^2 being paid for, may come back by \d\d:\d\d$/).textContent();
  const time = note?.slice(-5) ?? '';
  await expect(
    far.getByText(new RegExp(`^2 seats are held for you until \\d\\d:\\d\\d \\(.*${time}\\s(JST|GMT\\+9)\\)\\.$`)),
  ).toBeVisible();
  await far.goto('/');
  await expect(far.getByRole('complementary', { name: 'You hold 2 seats' })).toContainText(
    new RegExp(`until \\d\\d:\\d\\d\\s\\(.*${time}\\s(JST|GMT\\+9)\\)\\s· €40\\.00`),
  );
});
