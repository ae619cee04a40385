import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { ageSessions } from './site/database.ts';
import { expectGoodPage, expectGoodState, overflowOf, smallTargets } from './site/good-page.ts';
import { expect, PHONE, test, type MailSite, type OpenOptions } from './site/mail-site.ts';
import { createEvent } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { heading, pressUntil, untilLive } from './site/seats.ts';

const NEW_ACCOUNT = refusal(400, '/api/auth/code/verify', 'a new account needs a name');
const PHONE_SCREEN: OpenOptions = { viewport: PHONE, hasTouch: true };
const newAddress = () => `${randomUUID()}@example.org`;
const panelOf = (page: Page) => page.getByRole('complementary');

interface Effort {
  presses: number;
  fields: number;
}

/** Counts presses on buttons and links, and the fields that the visitor writes into, from now on. */
async function countEffort(page: Page): Promise<() => Promise<Effort>> {
  await page.evaluate(`
    window.effort = { presses: 0, fields: new Set() };
    addEventListener('click', ({ target }) => (window.effort.presses += target.closest('button, a') ? 1 : 0));
    addEventListener('input', ({ target }) => window.effort.fields.add(target));
  `);
  return () => page.evaluate<Effort>('({ presses: effort.presses, fields: effort.fields.size })');
}

/** From an event's page to the question for the code. */
async function askCode(page: Page, button: string, email: string): Promise<void> {
  await page.getByRole('link', { name: button }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Code', { exact: true })).toBeFocused();
}

const codeIn = (page: Page) => page.getByLabel('Code', { exact: true });

test('a new person has a free ticket after three fields and four presses, and a known one after one press', async ({
  mailSite,
  open,
}) => {
  const [event, next] = [await createEvent(mailSite.organiser), await createEvent(mailSite.organiser)];
  const page = await open({ ...PHONE_SCREEN, allowed: [NEW_ACCOUNT] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const effort = await countEffort(page);
  const email = newAddress();
  await askCode(page, 'Book 2 seats', email);
  await codeIn(page).fill(await mailSite.mails.codeTo(email));
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
  const { presses, fields } = await effort();
  expect(fields).toBeLessThanOrEqual(3);
  expect(presses).toBeLessThanOrEqual(4);

  await page.goto(`/events/${next.id}`);
  await untilLive(page);
  const again = await countEffort(page);
  await pressUntil(page, 'Book 2 seats', heading(page, 'You have 2 seats'));
  expect(await again()).toEqual({ presses: 1, fields: 0 });
});

test('the tickets that were chosen are held at once, at the price that was shown, and are the person’s after the code', async ({
  mailSite,
  open,
}) => {
  const ticketTypes = [
    { name: 'Adult', price: { amount: 2_000, currency: 'EUR' } },
    { name: 'Child', price: { amount: 500, currency: 'EUR' } },
  ];
  const event = await createEvent(mailSite.organiser, { ticketTypes });
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  for (const name of ['Adult', 'Adult', 'Child']) await page.getByRole('button', { name: `One more: ${name}` }).click();
  await page.getByRole('button', { name: 'Hold 3 seats' }).click();
  await expect(heading(page, 'You hold 3 seats')).toBeVisible();
  await expect(panelOf(page)).toContainText('€45.00');
  await page.getByLabel('Email').fill(account.email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await codeIn(page).fill(await mailSite.mails.codeTo(account.email));
  await expect(page.getByRole('button', { name: 'Continue to payment' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Tickets' })).toContainText('1 × Child');
});

test('a buyer who has seats already gets no second booking by signing in', async ({ mailSite, open }) => {
  const event = await createEvent(mailSite.organiser);
  const account = newAccount();
  const first = await open();
  await signUp(first, account);
  await first.goto(`/events/${event.id}`);
  await pressUntil(first, 'Book 2 seats', heading(first, 'You have 2 seats'));
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await askCode(page, 'Book 2 seats', account.email);
  await codeIn(page).fill(await mailSite.mails.codeTo(account.email));
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Book more seats' })).toBeVisible();
  const { bookings } = await mailSite.organiser.must('listEventBookings', { eventId: event.id });
  expect(bookings).toHaveLength(1);
});

test('a code may be pasted with the words around it; wrong, old and missing ones are said at the field', async ({
  mailSite,
  open,
}) => {
  const page = await open({
    allowed: [NEW_ACCOUNT, refusal(401, '/api/auth/code/verify', 'a wrong code')],
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const email = newAddress();
  await page.goto('/login?next=%2Fbookings');
  await untilLive(page);
  await page.getByLabel('Email').fill(email);
  await page.keyboard.press('Enter');
  await expect(codeIn(page)).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(codeIn(page)).toHaveAttribute('inputmode', 'numeric');
  const code = await mailSite.mails.codeTo(email);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(codeIn(page)).toHaveAccessibleDescription(/^Please fill this in\./);
  await codeIn(page).pressSequentially('12a3 ');
  await expect(codeIn(page)).toHaveValue('123');
  await codeIn(page).fill(String((Number(code) + 1) % 1_000_000).padStart(6, '0'));
  await expect(codeIn(page)).toHaveAccessibleDescription(/^This code is wrong or no longer valid\./);
  await expect(codeIn(page)).toBeFocused();
  await page.evaluate(`navigator.clipboard.writeText('Your code: ${code.slice(0, 3)}-${code.slice(3)}')`);
  await codeIn(page).fill('');
  await page.keyboard.press('ControlOrMeta+V');
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('Name', { exact: true })).toHaveAccessibleDescription(/^Please fill this in\./);
  await page.keyboard.type('Mia');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No bookings yet.')).toBeVisible();
  await expect(page).toHaveURL('/bookings');
});

test('a new code can be sent after a minute that is counted down, and another address at once', async ({
  mailSite,
  open,
}) => {
  const page = await open({ allowed: [NEW_ACCOUNT] });
  await page.clock.install();
  await page.goto('/de/login');
  await expect(page.getByRole('banner').getByRole('status')).toContainText('Live');
  const [wrong, right] = [newAddress(), newAddress()];
  const send = page.getByRole('button', { name: 'Code senden' });
  await page.getByLabel('E-Mail').fill(wrong);
  await send.click();
  const again = page.getByRole('button', { name: /^Neuen Code senden/ });
  await expect(again).toHaveAttribute('aria-disabled', 'true');
  await expect(again).toContainText(/0:5\d|1:00/);
  await page.getByRole('link', { name: 'Andere Adresse verwenden' }).click();
  await expect(page.getByLabel('E-Mail')).toBeFocused();
  await page.getByLabel('E-Mail').fill(right);
  await send.click();
  await mailSite.mails.codeTo(right);
  await expect(again).toHaveAttribute('aria-disabled', 'true');
  await page.clock.runFor(61_000);
  await expect(again).not.toHaveAttribute('aria-disabled', 'true');
  await again.click();
  await expect(page.getByText('Ein neuer Code ist unterwegs.')).toBeVisible();
  await codeIn(page).fill(await mailSite.mails.codeTo(right, 2));
  await expect(page.getByText('Sie sind neu hier.')).toBeVisible();
});

test('while no mails leave, the page says what to do, and the code works once they leave again', async ({
  mailSite,
  open,
}) => {
  const page = await open({ allowed: [NEW_ACCOUNT] });
  const email = newAddress();
  mailSite.mails.refuseAll(true);
  await page.goto('/login?next=%2Fbookings');
  await untilLive(page);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByText('No mail after a minute?')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Send a new code/ })).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('link', { name: 'Use your password' })).toBeVisible();
  mailSite.mails.refuseAll(false);
  await codeIn(page).fill(await mailSite.mails.codeTo(email));
  await page.getByLabel('Name', { exact: true }).fill('Mia');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No bookings yet.')).toBeVisible();
});

test('of two tabs with one code the first one signs in, and the other one’s code is refused', async ({
  mailSite,
  open,
}) => {
  const account = newAccount();
  await signUp(await open(), account);
  const first = await open({ allowed: [refusal(401, '/api/auth/code/verify', 'the other tab has used the code')] });
  const second = await first.context().newPage();
  for (const tab of [first, second]) {
    await tab.goto('/login?next=%2Fbookings');
    await untilLive(tab);
    await tab.getByLabel('Email').fill(account.email);
  }
  await first.getByRole('button', { name: 'Send code' }).click();
  const older = await mailSite.mails.codeTo(account.email);
  await second.getByRole('button', { name: 'Send code' }).click();
  const newer = await mailSite.mails.codeTo(account.email, 2);
  await codeIn(first).fill(older);
  await expect(codeIn(first)).toHaveAccessibleDescription(/^This code is wrong or no longer valid\. Only the newest/);
  await codeIn(second).fill(newer);
  await expect(second).toHaveURL('/bookings');
  await codeIn(first).fill('');
  await codeIn(first).fill(newer);
  await expect(codeIn(first)).toHaveAccessibleDescription(/^This code is wrong or no longer valid\./);
});

test('the password is the second way, in the panel as on the page, and a code is the way back', async ({
  mailSite,
  open,
}) => {
  const event = await createEvent(mailSite.organiser);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('link', { name: 'Book 2 seats' }).click();
  await page.getByRole('link', { name: 'Use your password' }).click();
  await expect(page.getByLabel('Email')).toBeFocused();
  await page.getByRole('link', { name: 'Use a code by mail' }).click();
  await expect(page.getByRole('button', { name: 'Send code' })).toBeVisible();
  await page.getByRole('link', { name: 'Use your password' }).click();
  await page.getByLabel('Email').fill(account.email);
  await page.getByLabel('Password').fill(account.password);
  await page.keyboard.press('Enter');
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
});

test('the choice before signing in can be changed, and signing in from a sold-out event joins its waiting list', async ({
  mailSite,
  open,
}) => {
  const event = await createEvent(mailSite.organiser, { totalSeats: 4 });
  const page = await open({ allowed: [NEW_ACCOUNT] });
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('link', { name: 'Book 2 seats' }).click();
  await panelOf(page).getByRole('button', { name: 'Change' }).click();
  await page.getByRole('button', { name: 'One seat more' }).click();
  await expect(page.getByRole('link', { name: 'Book 3 seats' })).toBeVisible();
  await mailSite.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 4 });
  const email = newAddress();
  await askCode(page, 'Join the waiting list', email);
  await codeIn(page).fill(await mailSite.mails.codeTo(email));
  await page.getByLabel('Name', { exact: true }).fill('Frieda');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^You are first in line for 3 seats/)).toBeVisible();
});

test('an account without a password sets one with a new code, and is deleted by a code', async ({ mailSite, open }) => {
  const page = await open({
    allowed: [
      NEW_ACCOUNT,
      refusal(403, '/api/auth/password', 'the code of the session is older than ten minutes'),
      refusal(401, '/api/auth/me', 'a wrong code'),
    ],
  });
  const [lately, before] = [newAddress(), newAddress()];
  const form = page.getByRole('region', { name: 'Password' });
  const set = form.getByRole('button', { name: 'Set password' });
  await signUpByCode(mailSite, page, lately);
  await page.goto('/account');
  await form.getByLabel('New password').fill('battery staple');
  await set.click();
  await expect(form.getByText('Your password is set.')).toBeVisible();
  await expect(form.getByLabel('Current password')).toBeVisible();

  await page.context().clearCookies();
  await signUpByCode(mailSite, page, before);
  await ageSessions(mailSite.mongoUri, before);
  await page.goto('/account');
  await form.getByLabel('New password').fill('battery staple');
  await set.click();
  await form.getByLabel('Code', { exact: true }).fill(await mailSite.mails.codeTo(before, 2));
  await set.click();
  await expect(form.getByText('Your password is set.')).toBeVisible();
  await expect(page.getByRole('banner').getByRole('button', { name: 'Account of Mia' })).toBeVisible();

  const other = newAddress();
  await page.context().clearCookies();
  await signUpByCode(mailSite, page, other);
  await page.goto('/account');
  await page.getByRole('button', { name: 'Delete account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  await expect(dialog.getByText(`we send a code to ${other}`)).toBeVisible();
  await dialog.getByRole('button', { name: 'Send code' }).click();
  await dialog.getByLabel('Code', { exact: true }).fill('000000');
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(dialog.getByLabel('Code', { exact: true })).toHaveAccessibleDescription(/^This code is wrong/);
  await dialog.getByLabel('Code', { exact: true }).fill(await mailSite.mails.codeTo(other, 2));
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(heading(page, 'Your account is deleted')).toBeVisible();
});

/** Signs this browser in to a new account, by the page of its own. */
async function signUpByCode({ mails }: MailSite, page: Page, email: string): Promise<void> {
  await page.goto('/register');
  await untilLive(page);
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await codeIn(page).fill(await mails.codeTo(email));
  await page.getByLabel('Name', { exact: true }).fill('Mia');
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(heading(page, 'Upcoming events')).toBeVisible();
}

test.describe('without scripts', () => {
  const NO_SCRIPTS: OpenOptions = { javaScriptEnabled: false };

  test('a new visitor signs in by a code and books a free event', async ({ mailSite, open }) => {
    const event = await createEvent(mailSite.organiser);
    const page = await open({
      ...NO_SCRIPTS,
      ...PHONE_SCREEN,
      allowed: [refusal(400, '/login', 'an empty field, and too few digits')],
    });
    const main = page.getByRole('main');
    await page.goto(`/events/${event.id}`);
    await page.getByRole('button', { name: 'Book', exact: true }).click();
    await main.getByRole('button', { name: 'Send code' }).click();
    await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/^Please fill this in\./);
    const email = newAddress();
    await page.getByLabel('Email').fill(email);
    await main.getByRole('button', { name: 'Send code' }).click();
    await expect(main.getByText(`We have sent a code to ${email}`)).toBeVisible();
    const code = await mailSite.mails.codeTo(email);
    await codeIn(page).fill('12');
    await main.getByRole('button', { name: 'Sign in' }).click();
    await codeIn(page).fill(`${code.slice(0, 3)} ${code.slice(3)}`);
    await main.getByRole('button', { name: 'Sign in' }).click();
    await expect(codeIn(page)).toHaveValue(code);
    await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
    await main.getByRole('button', { name: 'Continue' }).click();
    await expect(page).toHaveURL(`/events/${event.id}`);
    await page.getByRole('button', { name: 'Book', exact: true }).click();
    await expect(heading(page, 'You have 2 seats')).toBeVisible();
  });

  test('the password’s form is a link away, and leads on to the same page', async ({ mailSite, open }) => {
    const account = newAccount();
    await signUp(await open(), account);
    const page = await open({ ...NO_SCRIPTS, allowed: [refusal(401, '/de/login', 'a wrong password')] });
    await page.goto('/de/login?next=%2Fde%2Fbookings');
    const main = page.getByRole('main');
    await main.getByRole('link', { name: 'Mit Passwort anmelden' }).click();
    await page.getByLabel('E-Mail').fill(account.email);
    await page.getByLabel('Passwort').fill('not this one');
    await main.getByRole('button', { name: 'Anmelden' }).click();
    await expect(page.getByRole('alert')).toHaveText('E-Mail oder Passwort stimmt nicht.');
    await page.getByLabel('Passwort').fill(account.password);
    await main.getByRole('button', { name: 'Anmelden' }).click();
    await expect(page).toHaveURL('/de/bookings');
    expect(mailSite.url).not.toBe('');
  });
});

test('the steps of a sign-in by code have no accessibility violations and fit 320 px', async ({ mailSite, open }) => {
  const event = await createEvent(mailSite.organiser);
  const page = await open({ viewport: { width: 320, height: 640 }, allowed: [NEW_ACCOUNT] });
  const email = newAddress();
  await expectGoodPage(page, '/login', 'Send code');
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('link', { name: 'Book 2 seats' }).click();
  await expect(page.getByLabel('Email')).toBeFocused();
  await expectGoodState(page, 'the address in the panel');
  await page.getByLabel('Email').fill(email);
  await page.keyboard.press('Enter');
  await expect(codeIn(page)).toBeFocused();
  await expectGoodState(page, 'the code in the panel');
  await codeIn(page).fill(await mailSite.mails.codeTo(email));
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await expectGoodState(page, 'the name in the panel');
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
});
