import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { tabTo } from './site/keyboard.ts';
import { everythingKept } from './site/kept.ts';
import { createEvent } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { book } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

const region = (page: Page, name: string) => page.getByRole('region', { name });

test('a new name shows at once, and a new language changes the page’s text and address', async ({ open }) => {
  const page = await open({ viewport: PHONE, hasTouch: true });
  const account = await signUp(page);
  await page.goto('/account');
  await expect(page.getByRole('main').getByText(account.email)).toBeVisible();
  const profile = region(page, 'Name and language');
  await profile.getByLabel('Name').fill('Alice Zimmermann');
  await profile.getByRole('button', { name: 'Save' }).click();
  await expect(profile.getByText('Saved.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Account of Alice Zimmermann' })).toBeVisible();

  await profile.getByRole('radio', { name: 'Deutsch' }).check();
  await profile.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL('/de/account');
  await expect(page.getByRole('heading', { level: 1, name: 'Konto' })).toBeVisible();
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeChecked();
});

test('a password change needs the current password and ends the sessions on other devices', async ({ open }) => {
  const account = newAccount();
  const [here, there] = [
    await open({
      allowed: [
        refusal(403, '/api/auth/password', 'a wrong current password'),
        refusal(400, '/api/auth/password', 'a new password that is too short'),
      ],
    }),
    await open(),
  ];
  await signUp(here, account);
  const signIn = (password: string) =>
    there.context().request.post('/api/auth/login', { data: { email: account.email, password } });
  expect((await signIn(account.password)).status()).toBe(200);
  await there.goto('/account');
  await expect(there.getByRole('heading', { name: 'Name and language' })).toBeVisible();

  await here.goto('/account');
  const form = region(here, 'Password');
  const submit = form.getByRole('button', { name: 'Change password' });
  await form.getByLabel('Current password').fill('not this one');
  await form.getByLabel('New password').fill('even better horse');
  await submit.click();
  await expect(form.getByLabel('Current password')).toHaveAccessibleDescription('This is not your password.');
  await expect(form.getByLabel('Current password')).toBeFocused();
  await form.getByLabel('Current password').fill(account.password);
  await form.getByLabel('New password').fill('short');
  await submit.click();
  await expect(form.getByLabel('New password')).toHaveAccessibleDescription('At least 8 characters.');
  await form.getByLabel('New password').fill('even better horse');
  await submit.click();

  await expect(form.getByText('Your password is changed.')).toBeVisible();
  await expect(there.getByText('Your password was changed. Please sign in again.')).toBeVisible();
  expect((await signIn(account.password)).status()).toBe(401);
  expect((await signIn('even better horse')).status()).toBe(200);
});

test('a visitor signs in by password within the event’s page, by keyboard, and has the chosen seats', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open({ allowed: [refusal(401, '/api/auth/login', 'a wrong password')] });
  await page.goto(`/events/${event.id}`);
  const seats = page.getByRole('spinbutton', { name: 'Seats' });
  await expect(async () => {
    await page.getByRole('button', { name: 'One seat more' }).click();
    await expect(seats).not.toHaveValue('2', { timeout: 500 });
  }).toPass();
  await seats.fill('4');
  await seats.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Book 4 seats' })).toBeFocused();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('complementary').getByRole('region', { name: 'Sign in' });
  await expect(panel).toContainText('4 seats');
  await expect(panel.getByLabel('Email')).toBeFocused();
  await tabTo(page, panel.getByRole('button', { name: 'Change' }));
  await page.keyboard.press('Enter');
  await expect(panel).toBeHidden();
  await tabTo(page, page.getByRole('link', { name: 'Book 4 seats' }));

  await page.keyboard.press('Enter');
  await tabTo(page, panel.getByRole('link', { name: 'Use your password' }));
  await page.keyboard.press('Enter');
  await expect(panel.getByLabel('Email')).toBeFocused();
  await page.keyboard.type(account.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type('not this one');
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('alert')).toHaveText('Wrong email or password.');
  await panel.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');

  await expect(page.getByRole('heading', { name: 'You have 4 seats' })).toBeFocused();
  await expect(page).toHaveURL(`/events/${event.id}`);
});

test('a user downloads their own data, and a deleted account leaves none of it on the device', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({
    allowed: [refusal(403, '/api/auth/me', 'a wrong password'), refusal(409, '/api/auth/me', 'upcoming bookings')],
  });
  const account = await signUp(page);
  await book(page, event.id);
  await page.getByRole('link', { name: 'Open ticket' }).click();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  await page.goto('/account');
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download my data' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  expect(file).toContain(account.email);
  expect(file).toContain(event.title);

  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  const confirm = dialog.getByRole('button', { name: 'Delete account' });
  await page.getByRole('button', { name: 'Delete account' }).click();
  await dialog.getByLabel('Password').fill('not this one');
  await confirm.click();
  await expect(dialog.getByLabel('Password')).toHaveAccessibleDescription('This is not your password.');
  await dialog.getByLabel('Password').fill(account.password);
  await confirm.click();
  await expect(dialog.getByRole('alert')).toContainText('You still have upcoming bookings');
  await dialog.getByRole('link', { name: 'My bookings' }).click();
  await page.getByRole('button', { name: 'Cancel booking' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel booking' }).click();
  await expect(page.getByText('You gave these seats back')).toBeVisible();

  await page.goto('/account');
  await page.getByRole('button', { name: 'Delete account' }).click();
  await dialog.getByLabel('Password').fill(account.password);
  await confirm.click();
  await expect(page.getByRole('heading', { name: 'Your account is deleted.' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Account of/ })).toHaveCount(0);
  expect(await everythingKept(page)).not.toContain(event.title);
});
