import type { Page } from '@playwright/test';
import { createEvent } from './site/organiser.ts';
import { newAccount, signUp, type Account } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

async function fillIn(page: Page, fields: Partial<Record<'Name' | 'Email' | 'Password', string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

async function signIn(page: Page, { email, password }: Pick<Account, 'email' | 'password'>): Promise<void> {
  await fillIn(page, { Email: email, Password: password });
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

/** The button that opens the menu of a signed-in user. */
const menuOf = (page: Page, { name }: Account) => page.getByRole('button', { name: `Account of ${name}` });

test('a visitor registers, stays signed in over a reload, signs out and signs in with the right password only', async ({
  open,
}) => {
  const account = newAccount('Frieda Fröhlich');
  const page = await open({ allowed: [refusal(401, '/api/auth/login', 'a wrong password')] });
  await page.goto('/');
  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Use your password' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Create account' }).click();
  await fillIn(page, { Name: account.name, Email: account.email, Password: account.password });
  await page.getByRole('main').getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { name: 'Upcoming events' })).toBeVisible();
  await page.reload();

  await menuOf(page, account).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(menuOf(page, account)).toHaveCount(0);

  await page.getByRole('banner').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('main').getByRole('link', { name: 'Use your password' }).click();
  await signIn(page, { email: account.email, password: 'not this one' });
  await expect(page.getByRole('alert')).toHaveText('Wrong email or password.');
  await signIn(page, account);
  await expect(menuOf(page, account)).toBeVisible();
});

test('the registration form shows each error at its field', async ({ open }) => {
  const known = newAccount();
  const page = await open({
    allowed: [
      refusal(400, '/api/auth/register', 'fields that are empty or too short'),
      refusal(409, '/api/auth/register', 'a known address'),
    ],
  });
  await signUp(await open(), known);
  await page.goto('/register?with=password');
  // Before its scripts run, the form is sent as a page of its own.
  await untilLive(page);
  const submit = page.getByRole('main').getByRole('button', { name: 'Create account' });
  const field = (label: string) => page.getByLabel(label, { exact: true });
  await expect(async () => {
    await submit.click();
    await expect(field('Name')).toHaveAccessibleDescription('Please fill this in.', { timeout: 1_000 });
  }).toPass();
  await expect(field('Name')).toBeFocused();
  await fillIn(page, { Name: 'Alice', Email: known.email, Password: 'short' });
  await submit.click();
  await expect(field('Password')).toHaveAccessibleDescription('At least 8 characters.');
  await expect(field('Password')).toBeFocused();
  await fillIn(page, { Password: known.password });
  await submit.click();
  await expect(field('Email')).toHaveAccessibleDescription(/already an account/);
});

test('a signed-out visitor on a phone signs in by password within the booking panel and keeps the party size', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await page.goto(`/events/${event.id}`);
  await expect(async () => {
    await page.getByRole('button', { name: 'One seat more' }).click();
    await expect(page.getByRole('spinbutton', { name: 'Seats' })).not.toHaveValue('2', { timeout: 500 });
  }).toPass();
  await page.getByRole('spinbutton', { name: 'Seats' }).fill('4');
  await page.getByRole('link', { name: 'Book 4 seats' }).click();
  await page.getByRole('link', { name: 'Use your password' }).click();
  await signIn(page, account);
  await expect(page.getByRole('heading', { name: 'You have 4 seats' })).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
});

test('signing out everywhere ends the session on other screens, which say so', async ({ open }) => {
  const account = newAccount();
  const [here, there] = [await open(), await open()];
  await signUp(here, account);
  const login = await there.context().request.post('/api/auth/login', {
    data: { email: account.email, password: account.password },
  });
  expect(login.status()).toBe(200);
  await here.goto('/');
  await there.goto('/');
  await expect(menuOf(there, account)).toBeVisible();

  await menuOf(here, account).click();
  await here.getByRole('button', { name: 'Sign out everywhere' }).click();

  await expect(there.getByText('You were signed out.')).toBeVisible();
  await expect(menuOf(there, account)).toHaveCount(0);
  await expect(menuOf(here, account)).toHaveCount(0);
  await expect(here.getByText('You were signed out.')).toHaveCount(0);
});
