import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { startServer } from '../server/test/support/server-process.ts';
import { startMailServer } from './site/mail.ts';
import { createEvent } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { expectSeats, heading, seatsOf } from './site/seats.ts';
import { expect, test, type OpenOptions } from './site/test.ts';

const NO_SCRIPTS: OpenOptions = { javaScriptEnabled: false };
const main = (page: Page) => page.getByRole('main');

async function fillIn(page: Page, fields: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

/** Records the address of each request of the browser from now on, with its query. */
function addressesOf(page: Page): string[] {
  const addresses: string[] = [];
  page.context().on('request', (request) => addresses.push(request.url()));
  return addresses;
}

test('a visitor without scripts registers, signs in and reaches the next page; no address holds typed text', async ({
  open,
}) => {
  const account = newAccount('Frieda Fröhlich');
  const page = await open({
    ...NO_SCRIPTS,
    allowed: [refusal(401, '/de/login', 'a wrong password'), refusal(400, '/register', 'an empty field')],
  });
  const addresses = addressesOf(page);
  await page.goto('/login?next=%2F%3Fwhen%3Dpast');
  await main(page).getByRole('link', { name: 'Use your password' }).click();
  await main(page).getByRole('link', { name: 'Create account' }).click();
  await fillIn(page, { Name: account.name, Email: account.email });
  await main(page).getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByLabel('Password')).toHaveAccessibleDescription(/Please fill this in\./);
  await expect(page.getByLabel('Email')).toHaveValue(account.email);
  await fillIn(page, { Password: account.password });
  await main(page).getByRole('button', { name: 'Create account' }).click();
  await expect(heading(page, 'Past events')).toBeVisible();
  await expect(page).toHaveURL('/?when=past');

  await page.goto('/de/login?next=%2F%09%2Fevil.example');
  await main(page).getByRole('link', { name: 'Mit Passwort anmelden' }).click();
  await fillIn(page, { 'E-Mail': account.email, Passwort: 'not this one' });
  await main(page).getByRole('button', { name: 'Anmelden' }).click();
  await expect(page.getByRole('alert')).toHaveText('E-Mail oder Passwort stimmt nicht.');
  await expect(page.getByLabel('E-Mail')).toHaveValue(account.email);
  await expect(page.getByLabel('Passwort')).toHaveValue('');
  await page.goBack();
  await fillIn(page, { 'E-Mail': account.email, Passwort: account.password });
  await main(page).getByRole('button', { name: 'Anmelden' }).click();
  await expect(page).toHaveURL('/de');

  const [session] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  const typed = [account.password, account.email, 'not this one'].map(encodeURIComponent);
  expect(addresses.filter((address) => typed.some((text) => address.includes(text)))).toEqual([]);
});

test('Enter in the sign-in form works before the scripts have loaded, and no address holds the password', async ({
  open,
}) => {
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open({ allowed: [refusal(401, '/login', 'a wrong password')] });
  let release = (): void => undefined;
  const scripts = new Promise<void>((resolve) => (release = resolve));
  await page.route(/_app\/.*\.js$/, async (route) => {
    await scripts;
    await route.continue().catch(() => undefined);
  });
  const addresses = addressesOf(page);
  await page.goto('/login?next=%2Fbookings&with=password', { waitUntil: 'commit' });
  await fillIn(page, { Email: account.email, Password: 'not this one' });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('Wrong email or password.');
  await fillIn(page, { Password: account.password });
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/bookings');
  release();
  await expect(page.getByText('No bookings yet.')).toBeVisible();
  expect(addresses.filter((address) => /not(?:%20|\+)this|correct/.test(address))).toEqual([]);
});

test('a visitor without scripts resets a forgotten password by a link in a mail', async ({ databases, open }) => {
  const mails = await startMailServer();
  const server = await startServer({ MONGO_URI: databases.newUri(), SMTP_URL: mails.url });
  const account = newAccount();
  const here = { baseURL: server.url };
  await signUp(await open(here), account);
  const page = await open({
    ...here,
    ...NO_SCRIPTS,
    allowed: [
      refusal(400, '/forgot', 'no address'),
      refusal(400, '/reset', 'a password that is too short'),
      refusal(404, '/reset', 'a link that was used before'),
    ],
  });
  const addresses = addressesOf(page);
  await page.goto('/login?next=%2Fbookings&with=password');
  await main(page).getByRole('link', { name: 'Forgot your password?' }).click();
  await main(page).getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription('Please fill this in.');
  await fillIn(page, { Email: account.email });
  await main(page).getByRole('button', { name: 'Send link' }).click();
  await expect(page.getByText(`If there is an account with ${account.email}`)).toBeVisible();
  await expect(main(page).getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/login?next=%2Fbookings');

  const link = await mails.linkTo(account.email, 'reset');
  await page.goto(link);
  await fillIn(page, { 'New password': 'short' });
  await page.getByRole('button', { name: 'Save password' }).click();
  await expect(page.getByLabel('New password')).toHaveAccessibleDescription('At least 8 characters.');
  await fillIn(page, { 'New password': 'an even better horse' });
  await page.getByRole('button', { name: 'Save password' }).click();
  await expect(page.getByText('Your password is changed')).toBeVisible();
  await page.goto(link);
  await fillIn(page, { 'New password': 'a third horse' });
  await page.getByRole('button', { name: 'Save password' }).click();
  await expect(page.getByText('This link was used before or has expired.')).toBeVisible();
  expect(addresses.filter((address) => /short|horse/.test(address))).toEqual([]);

  await page.context().close();
  await server.end('SIGTERM');
  await mails.close();
});

test('a visitor without scripts signs in and books a free event once, however often the form is sent', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open(NO_SCRIPTS);
  await page.goto(`/events/${event.id}`);
  const seats = page.getByRole('spinbutton', { name: 'Seats' });
  const press = () => page.getByRole('button', { name: 'Book', exact: true }).click();
  await seats.fill('3');
  await press();
  await main(page).getByRole('link', { name: 'Use your password' }).click();
  await fillIn(page, { Email: account.email, Password: account.password });
  await main(page).getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(`/events/${event.id}`);
  await seats.fill('3');
  await press();
  await expect(heading(page, 'You have 3 seats')).toBeVisible();
  await expect(page.getByText(/Booking code: \w{4} \w{4} \w{4}/)).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 7, 10);
  await page.reload();
  await expect(heading(page, 'You have 3 seats')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 7, 10);
});

test('an event’s page without scripts says why seats were not booked', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({
    ...NO_SCRIPTS,
    allowed: [refusal(409, `/events/${event.id}`, 'seats that went to somebody else, and a sale that has ended')],
  });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 9 });
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Only 1 seat is left.' })).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 1, 10);
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'Storm' });
  await page.getByRole('button', { name: 'Book', exact: true }).click();
  await expect(page.getByText('This event was cancelled. Nothing was booked.')).toBeVisible();
});

test('a form sent by another site is refused: no session starts, and nothing is booked', async ({
  site,
  open,
  request,
}) => {
  const event = await createEvent(site.organiser);
  const account = newAccount();
  const { token } = await signUp(await open(), account);
  const form = { email: account.email, password: account.password };
  for (const origin of ['https://evil.example', 'null', `${site.url}.evil.example`]) {
    const headers = { origin };
    const login = await request.post('/login?/password', { form, headers, maxRedirects: 0 });
    expect([login.status(), login.headers()['set-cookie']]).toEqual([403, undefined]);
    const booking = await request.post(`/events/${event.id}?/book`, {
      form: { seats: '2', version: '1', currency: 'EUR' },
      headers: { ...headers, cookie: `session=${token}` },
    });
    expect(booking.status()).toBe(403);
  }
  const own = await request.post('/login?/password', { form, headers: { origin: site.url }, maxRedirects: 0 });
  expect([own.status(), own.headers()['location']]).toEqual([303, '/']);
});
