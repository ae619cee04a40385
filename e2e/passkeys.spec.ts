import type { Page } from '@playwright/test';
import { addAuthenticator } from './site/authenticator.ts';
import { ageSessions } from './site/database.ts';
import { expectGoodAtEachWidth } from './site/good-page.ts';
import { tabTo } from './site/keyboard.ts';
import { expect, PHONE, test, type OpenOptions } from './site/mail-site.ts';
import { createEvent } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { book, heading, untilLive } from './site/seats.ts';

const PHONE_SCREEN: OpenOptions = { viewport: PHONE, hasTouch: true };
const NOT_FRESH = refusal(403, '/api/auth/passkeys/options', 'the session is older than ten minutes');

type Open = (options?: OpenOptions) => Promise<Page>;

/** A browser with an authenticator, signed in to a new account. */
async function openSignedIn(open: Open, options: OpenOptions = {}) {
  const page = await open(options);
  const account = await signUp(page);
  const authenticator = await addAuthenticator(page);
  return { page, account, authenticator };
}

const section = (page: Page) => page.getByRole('region', { name: 'Passkeys' });
const offer = (page: Page) => page.getByRole('region', { name: 'Faster next time' });
const signedIn = (page: Page) => page.getByRole('banner').getByRole('button', { name: /^Account of/ });

/** Adds a passkey on the page of the account. */
async function addPasskey(page: Page): Promise<void> {
  await page.goto('/account');
  await section(page).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(page).getByText('Your passkey is ready.')).toBeVisible();
}

/** Opens the page where one signs in, without a session. */
async function openLogin(page: Page): Promise<void> {
  await page.context().clearCookies();
  await page.goto('/login?next=%2Fbookings');
  await untilLive(page);
}

/**
 * Presses the button to sign in by a passkey, until what is awaited has happened. The field of the address offers the
 * passkey as well, and this authenticator may take that offer before the press.
 */
async function usePasskey(page: Page, expectDone: (within: { timeout: number }) => Promise<void>): Promise<void> {
  const button = page.getByRole('button', { name: 'Use a passkey' });
  await expect(async () => {
    if (await button.isVisible()) await button.click({ timeout: 1_000 });
    await expectDone({ timeout: 3_000 });
  }).toPass();
}

test('a passkey is offered after a booking, and signs in within the event’s page without an address', async ({
  mailSite,
  open,
}) => {
  const [event, next] = [await createEvent(mailSite.organiser), await createEvent(mailSite.organiser)];
  const { page, account, authenticator } = await openSignedIn(open, PHONE_SCREEN);
  await book(page, event.id);
  await page.getByRole('link', { name: 'Open ticket' }).click();
  await expect(offer(page)).toBeVisible();
  await expectGoodAtEachWidth(page, 'the offer of a passkey');
  await offer(page).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(page.getByText('Your passkey is ready.')).toBeFocused();
  expect(await authenticator.count()).toBe(1);
  await page.reload();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  await page.waitForLoadState('networkidle');
  await expect(offer(page)).toHaveCount(0);

  await page.context().clearCookies();
  await authenticator.answers(false);
  await page.goto(`/events/${next.id}`);
  await untilLive(page);
  await page.getByRole('link', { name: 'Book 2 seats' }).click();
  const panel = page.getByRole('complementary');
  await expect(panel.getByLabel('Email')).toHaveAttribute('autocomplete', 'username webauthn');
  await expectGoodAtEachWidth(page, 'the panel with passkeys');
  await authenticator.answers(true);
  await usePasskey(page, (within) => expect(heading(page, 'You have 2 seats')).toBeVisible(within));
  await page.goto('/account');
  await expect(page.getByRole('main').getByText(account.email)).toBeVisible();
});

test('the browser offers a passkey in the field of the address', async ({ open }) => {
  const { page } = await openSignedIn(open);
  await addPasskey(page);
  // The virtual authenticator answers by itself as soon as the page asks for a passkey.
  await page.context().clearCookies();
  await page.goto('/login?next=%2Fbookings');
  await expect(page).toHaveURL('/bookings');
  await expect(signedIn(page)).toBeVisible();
});

test('a passkey is listed and removed on the account’s page, and signs in no more', async ({ open }) => {
  const { page, authenticator } = await openSignedIn(open, {
    allowed: [refusal(401, '/api/auth/passkeys/sign-in', 'the passkey was removed')],
  });
  await addPasskey(page);
  await expect(section(page).getByText('Not used yet')).toBeVisible();
  await authenticator.answers(false);
  await openLogin(page);
  await authenticator.answers(true);
  await usePasskey(page, (within) => expect(page).toHaveURL('/bookings', within));
  await page.goto('/account');
  await expect(section(page).getByText(/^Last used on/)).toBeVisible();
  await expectGoodAtEachWidth(page, 'the account’s page with a passkey');
  await section(page)
    .getByRole('button', { name: /^Remove the passkey of/ })
    .click();
  await expect(section(page).getByText('The passkey is removed.')).toBeFocused();
  await expect(section(page).getByRole('listitem')).toHaveCount(0);

  await authenticator.answers(false);
  await openLogin(page);
  await authenticator.answers(true);
  await usePasskey(page, (within) =>
    expect(page.getByText('This passkey is not known here any more.')).toBeVisible(within),
  );
  await expectGoodAtEachWidth(page, 'a refused passkey');
  await expect(page.getByLabel('Email')).toBeVisible();
});

test('a prompt that was cancelled is answered calmly, where a passkey is added and where it signs in', async ({
  open,
}) => {
  const { page, authenticator } = await openSignedIn(open);
  await authenticator.recognises(false);
  await page.goto('/account');
  await section(page).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(page).getByText('No passkey was added.')).toBeVisible();
  await authenticator.recognises(true);
  await section(page).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(page).getByText('Your passkey is ready.')).toBeVisible();
  await section(page).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(page).getByText('This device has a passkey for your account already.')).toBeVisible();
  await authenticator.recognises(false);
  await openLogin(page);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByText('No passkey was used.')).toBeVisible();
  await authenticator.recognises(true);
  await usePasskey(page, (within) => expect(page).toHaveURL('/bookings', within));
});

test('an offer that was declined is not made again on this device, also where the browser stores nothing', async ({
  mailSite,
  open,
}) => {
  const event = await createEvent(mailSite.organiser);
  for (const storesNothing of [false, true]) {
    const { page } = await openSignedIn(open);
    if (storesNothing)
      await page.addInitScript("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })");
    await book(page, event.id);
    await page.getByRole('link', { name: 'Open ticket' }).click();
    await tabTo(page, offer(page).getByRole('button', { name: 'Not now' }));
    await page.keyboard.press('Enter');
    await expect(offer(page)).toHaveCount(0);
    if (storesNothing) continue;
    await page.reload();
    await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(offer(page)).toHaveCount(0);
  }
});

test('after a while a passkey needs the password, or a new code where there is none', async ({ mailSite, open }) => {
  const { page, account } = await openSignedIn(open, {
    allowed: [NOT_FRESH],
  });
  await ageSessions(mailSite.mongoUri, account.email);
  await page.goto('/account');
  const add = section(page).getByRole('button', { name: 'Add a passkey' });
  await add.click();
  await expect(section(page).getByLabel('Password')).toBeFocused();
  await page.keyboard.type('not this one');
  await page.keyboard.press('Enter');
  await expect(section(page).getByLabel('Password')).toHaveAccessibleDescription('This is not your password.');
  await expectGoodAtEachWidth(page, 'the password before a passkey');
  await section(page).getByLabel('Password').fill(account.password);
  await add.click();
  await expect(section(page).getByText('Your passkey is ready.')).toBeFocused();

  const coded = await open({
    allowed: [NOT_FRESH, refusal(401, '/api/auth/code/verify', 'a wrong code')],
  });
  const { email } = newAccount();
  const { request } = coded.context();
  await request.post('/api/auth/code', { data: { email } });
  const data = { email, code: await mailSite.mails.codeTo(email), name: 'Mia' };
  expect((await request.post('/api/auth/code/verify', { data })).status()).toBe(200);
  const keys = await addAuthenticator(coded);
  await ageSessions(mailSite.mongoUri, email);
  await coded.goto('/account');
  await section(coded).getByRole('button', { name: 'Add a passkey' }).click();
  await section(coded).getByRole('button', { name: 'Send code' }).click();
  await section(coded).getByLabel('Code', { exact: true }).fill('000000');
  await section(coded).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(coded).getByLabel('Code', { exact: true })).toHaveAccessibleDescription(/^This code is wrong/);
  await section(coded)
    .getByLabel('Code', { exact: true })
    .fill(await mailSite.mails.codeTo(email, 2));
  await section(coded).getByRole('button', { name: 'Add a passkey' }).click();
  await expect(section(coded).getByText('Your passkey is ready.')).toBeVisible();
  expect(await keys.count()).toBe(1);
});

test('an account is deleted by its passkey', async ({ open }) => {
  const { page, authenticator } = await openSignedIn(open);
  await addPasskey(page);
  await page.getByRole('button', { name: 'Delete account' }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete your account?' });
  await expect(dialog.getByRole('button', { name: 'Confirm with a passkey' })).toBeVisible();
  await expectGoodAtEachWidth(page, 'the dialog with a passkey');
  await authenticator.recognises(false);
  await dialog.getByRole('button', { name: 'Confirm with a passkey' }).click();
  await expect(dialog.getByText('No passkey was used. Your account stays as it is.')).toBeVisible();
  await authenticator.recognises(true);
  await dialog.getByRole('button', { name: 'Confirm with a passkey' }).click();
  await expect(heading(page, 'Your account is deleted')).toBeVisible();
});

test('at an IP address, where browsers have no passkeys, nothing speaks of them, and no library is loaded', async ({
  mailSite,
  open,
}) => {
  const event = await createEvent(mailSite.organiser);
  const page = await open({ baseURL: mailSite.url.replace('localhost', '127.0.0.1') });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await signUp(page);
  await page.goto('/account');
  await expect(page.getByRole('region', { name: 'Devices' }).getByRole('listitem')).toHaveCount(1);
  await expect(section(page)).toHaveCount(0);
  await book(page, event.id);
  await page.getByRole('link', { name: 'Open ticket' }).click();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  await openLogin(page);
  await expect(page.getByRole('link', { name: 'Use your password' })).toBeVisible();
  await expect(page.getByText(/passkey/i)).toHaveCount(0);
  await expect(page.getByLabel('Email')).toHaveAttribute('autocomplete', 'email');
  expect(asked.filter((url) => /passkeys\/.*options/.test(url))).toEqual([]);
});
