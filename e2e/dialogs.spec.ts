import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { createEvent, type Remote } from './site/organiser.ts';
import { newAccount, signInOrganiser, signUp } from './site/people.ts';
import { book, card, heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';

/** Opens the event's page by its link in the list, so that Back leads to the list. */
async function openFromList(page: Page, event: { id: string; title: string }): Promise<void> {
  await page.goto(`/?query=${encodeURIComponent(event.title)}`);
  await untilLive(page);
  await card(page, event.title).getByRole('link').click();
  await expect(heading(page, event.title)).toBeVisible();
}

/** An event whose page offers to sign in before its sale. */
const beforeSale = (organiser: Remote) =>
  createEvent(organiser, { totalSeats: 100, salesOpenAt: new Date(Date.now() + 86_400_000).toISOString() });

const signInOf = (page: Page) => page.getByRole('complementary').getByRole('link', { name: 'Sign in' });

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`Back closes the sign-in dialog on a ${name} and keeps its page, and a second Back leaves the page`, async ({
    site,
    open,
  }) => {
    const event = await beforeSale(site.organiser);
    const page = await open(screen);
    await openFromList(page, event);
    const dialog = page.getByRole('dialog');
    await signInOf(page).click();
    await expect(dialog.getByLabel('Email')).toBeFocused();
    await page.goBack();
    await expect(dialog).toBeHidden();
    await expect(page).toHaveURL(`/events/${event.id}`);
    await expect(signInOf(page)).toBeFocused();
    await page.goBack();
    await expect(page).toHaveURL(/\?query=/);
  });
}

test('a dialog closed by its button, Escape or its outcome leaves no entry in the browser’s history', async ({
  site,
  open,
}) => {
  const event = await beforeSale(site.organiser);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open();
  await openFromList(page, event);
  const dialog = page.getByRole('dialog');
  const signIn = signInOf(page);
  await signIn.click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  await expect(signIn).toBeFocused();
  // The dialog opens and closes faster than the browser can go back in its history.
  for (let round = 0; round < 2; round += 1) {
    await page.keyboard.press('Enter');
    await expect(dialog.getByLabel('Email')).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(signIn).toBeFocused();
  }
  await page.keyboard.press('Enter');
  await dialog.getByRole('link', { name: 'Use your password' }).click();
  await dialog.getByLabel('Email').fill(account.email);
  await dialog.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(signIn).toHaveCount(0);
  await expect.poll(() => page.evaluate<boolean>('JSON.stringify(history.state).includes("dialog")')).toBe(false);
  await page.goBack();
  await expect(page).toHaveURL(/\?query=/);
});

test('a link in the sign-in dialog closes the dialog, and Back returns to the page without it', async ({
  site,
  open,
}) => {
  const event = await beforeSale(site.organiser);
  const page = await open();
  await openFromList(page, event);
  await signInOf(page).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Use your password' }).click();
  await page.getByRole('dialog').getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(heading(page, 'Forgotten password')).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page).toHaveURL(`/forgot?next=%2Fevents%2F${event.id}`);
  await page.goBack();
  await expect(heading(page, event.title)).toBeVisible();
  await expect(page.getByRole('dialog')).toBeHidden();
  await page.goBack();
  await expect(page).toHaveURL(/\?query=/);
});

test('Back closes the confirmation dialog of a cancellation, and nothing is cancelled', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open(SCREENS.phone);
  await signUp(page);
  await book(page, event.id);
  await page.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  await expect(dialog.getByRole('button', { name: 'Keep booking' })).toBeFocused();
  await page.goBack();
  await expect(dialog).toBeHidden();
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
});

test('a dialog that closes because its hold ends removes its history entry: the next Back leaves the page', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const page = await open();
  await signUp(page);
  await openFromList(page, event);
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
  await page.getByRole('button', { name: 'Release' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page).toHaveURL(`/events/${event.id}`);
  await expect.poll(() => page.evaluate<boolean>('JSON.stringify(history.state).includes("dialog")')).toBe(false);
  await page.goBack();
  await expect(page).toHaveURL(/\?query=/);
});

test('an open dialog keeps its focus and what was typed in it while pushes change the page behind it', async ({
  site,
  open,
}) => {
  const event = await beforeSale(site.organiser);
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await signInOf(page).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('link', { name: 'Use your password' }).click();
  await dialog.getByLabel('Email').fill('alice@example.org');
  await dialog.getByLabel('Password').pressSequentially('half of a pass');
  const seats = page.locator(`[data-event-id="${event.id}"]`).first();
  for (let more = 1; more <= 5; more += 1) {
    const title = `${event.title} ${more}`;
    const { revision } = await site.organiser.must('getEvent', { eventId: event.id });
    await site.organiser.must('updateEvent', {
      eventId: event.id,
      revision,
      changes: { title, totalSeats: 100 + more },
    });
    await expect(seats).toHaveAttribute('data-available-seats', String(100 + more));
    await expect(page.locator('h1')).toHaveText(title);
    await expect(dialog.getByLabel('Password')).toBeFocused();
    await page.keyboard.type('!');
  }
  await expect(dialog.getByLabel('Email')).toHaveValue('alice@example.org');
  await expect(dialog.getByLabel('Password')).toHaveValue('half of a pass!!!!!');
});

test('an organiser’s dialog keeps its reason while other buyers book, and says so when its own booking changes', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 100 });
  const own = { requestId: randomUUID(), eventId: event.id, seats: 3 };
  const { id: bookingId } = await site.organiser.must('book', own);
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/bookings`);
  await untilLive(page);
  await page.getByRole('button', { name: /^Cancel the booking of/ }).click();
  const dialog = page.getByRole('dialog');
  const reason = dialog.getByLabel('Reason');
  await reason.pressSequentially('The view');
  await site.organiser.must('book', { ...own, requestId: randomUUID(), seats: 5 });
  await expect(page.getByText('The list has changed.')).toBeVisible();
  await expect(reason).toBeFocused();
  await page.keyboard.type(' was blocked');
  await expect(reason).toHaveValue('The view was blocked');
  await site.organiser.must('cancelBooking', { bookingId, seats: 1 });
  await expect(dialog.getByText('This booking has changed meanwhile: it has 2 seats now.')).toBeVisible();
});

test('the menu closes when a link or Back leaves its page', async ({ open }) => {
  const page = await open(SCREENS.phone);
  await page.goto('/bookings');
  await page.goto('/');
  await untilLive(page);
  const menu = page.locator('#site-menu');
  await page.locator('button[popovertarget="site-menu"]').click();
  await menu.getByRole('link', { name: 'Create account' }).click();
  await expect(heading(page, 'Create an account')).toBeVisible();
  await expect(menu).toBeHidden();
  await page.locator('button[popovertarget="site-menu"]').click();
  await expect(menu).toBeVisible();
  await page.goBack();
  await expect(heading(page, 'Upcoming events')).toBeVisible();
  await expect(menu).toBeHidden();
});
