import type { Page } from '@playwright/test';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import { expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { createEvent, inDays, type Remote } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { newAccount, signUp } from './site/people.ts';
import { heading, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

const HOUR_MS = 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

/** An event whose sale opens in an hour, and a function that moves the opening to a moment from now. */
async function createBefore(organiser: Remote, more: Partial<CommandRequest<'createEvent'>> = {}) {
  const event = await createEvent(organiser, { salesOpenAt: inMs(HOUR_MS), ...more });
  const openIn = (ms: number) =>
    organiser.must('updateEvent', {
      eventId: event.id,
      revision: event.revision,
      changes: { salesOpenAt: inMs(ms) },
    });
  return { event, openIn };
}

const panel = (page: Page) => page.getByRole('complementary', { name: 'Booking' });
const clock = (page: Page) => page.getByRole('timer');

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a buyer chooses seats before the sale on a ${name}, and one press at the opening holds them`, async ({
    site,
    open,
  }) => {
    const { event, openIn } = await createBefore(site.organiser, { price: PRICE });
    const page = await open(screen);
    await signUp(page);
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    await expect(clock(page)).toHaveText(/^(?:1:00:00|59:\d\d)$/);
    await page.getByRole('button', { name: 'One seat more' }).click();
    const button = page.getByRole('button', { name: 'Hold 3 seats' });
    await expect(button).toBeDisabled();
    await button.click({ force: true });
    await expect(page.getByText('This button works as soon as the sale opens.')).toBeVisible();
    await expect(page.locator('.button.action:visible')).toHaveCount(1);
    const before = await button.boundingBox();

    await openIn(2_000);
    await expect(panel(page).getByText('The sale is open.')).toBeVisible();
    await expect(clock(page)).toHaveCount(0);
    await expect(button).toBeEnabled();
    const moved = Math.abs(((await button.boundingBox())?.y ?? Number.NaN) - (before?.y ?? Number.NaN));
    expect(moved, 'pixels that the button has moved').toBeLessThan(1);
    await button.click();
    await expect(heading(page, 'You hold 3 seats')).toBeVisible();
  });
}

test('a signed-out visitor chooses before the sale, signs in there, and needs one press at the opening', async ({
  site,
  open,
}) => {
  const account = newAccount();
  await signUp(await open(), account);
  const { event, openIn } = await createBefore(site.organiser);
  const [page, other] = [await open(SCREENS.phone), await open(SCREENS.phone)];
  for (const one of [page, other]) {
    await one.goto(`/events/${event.id}`);
    await untilLive(one);
  }
  await page.getByRole('button', { name: 'One seat more' }).click();
  await expect(page.getByText('Sign in now and you only need one tap.')).toBeVisible();
  await panel(page).getByRole('link', { name: 'Sign in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('link', { name: 'Use your password' }).click();
  await dialog.getByLabel('Email').fill(account.email);
  await dialog.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Book 3 seats' })).toBeDisabled();

  await openIn(1_500);
  // A signed-out visitor gets the usual link. It ignores presses for a moment, as it stands where "Sign in" stood.
  await expect(panel(other).getByRole('link', { name: 'Book 2 seats' })).toBeVisible();
  await expect(panel(other).getByRole('link', { name: 'Sign in' })).toHaveCount(0);
  const button = page.getByRole('button', { name: 'Book 3 seats' });
  await expect(button).toBeEnabled();
  await button.click();
  await expect(heading(page, 'You have 3 seats')).toBeVisible();
});

test('tickets of several types are chosen before the sale and are held at the opening by one press', async ({
  site,
  open,
}) => {
  const euros = (amount: number) => ({ amount, currency: 'EUR' });
  const ticketTypes = [
    { name: 'Adult', price: euros(2_000) },
    { name: 'Child', price: euros(500) },
  ];
  const { event, openIn } = await createBefore(site.organiser, { ticketTypes });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  for (const name of ['Adult', 'Adult', 'Child']) await page.getByRole('button', { name: `One more: ${name}` }).click();
  await page.reload();
  await expect(panel(page).getByText('€45.00')).toBeVisible();
  const button = page.getByRole('button', { name: 'Hold 3 seats' });
  await expect(button).toBeDisabled();
  await openIn(1_500);
  await expect(button).toBeEnabled();
  await button.click();
  await expect(heading(page, 'You hold 3 seats')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Tickets' })).toContainText('1 × Child');
});

test('the countdown to a sale shows the venue’s time, and the reader’s own where it is another', async ({
  site,
  open,
}) => {
  const salesOpenAt = `${inDays(20).slice(0, 10)}T11:00:00.000Z`;
  const event = await createEvent(site.organiser, { salesOpenAt, startsAt: inDays(30), timeZone: 'Asia/Tokyo' });
  const [far, near] = [await open({ timezoneId: 'Europe/London' }), await open({ timezoneId: 'Asia/Tokyo' })];
  for (const page of [far, near]) {
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    await expect(heading(page, 'Sale opens')).toHaveText(/ 20:00\s(?:JST|GMT\+9)$/);
  }
  await expect(clock(far)).toHaveText(/^(?:19|20) d \d+ h$/);
  await expect(panel(far).getByText(/^1[12]:00 your time$/)).toBeVisible();
  await expect(panel(near).getByText('your time')).toHaveCount(0);
});

test('the page before a sale has no accessibility violations, fits a narrow phone, and is in German', async ({
  site,
  open,
}) => {
  const { event } = await createBefore(site.organiser, { price: PRICE });
  const page = await open();
  await page.goto(`/de/events/${event.id}`);
  await untilLive(page);
  await expect(panel(page).or(page.getByRole('complementary', { name: 'Buchung' }))).toContainText('Verkauf ab');
  await expectGoodState(page, 'before the sale');
  await page.setViewportSize(NARROW);
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
});
