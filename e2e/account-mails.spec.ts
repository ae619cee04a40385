import { startServer } from '../server/test/support/server-process.ts';
import { startMailServer } from './site/mail.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, PHONE, test as base, type OpenOptions } from './site/test.ts';
import type { Page } from '@playwright/test';

const FOOTER = {
  SITE_NAME: 'Tickets of the Old Fire Station',
  CONTACT_EMAIL: 'hello@example.org',
  IMPRINT_URL: 'https://example.org/imprint',
  PRIVACY_URL: 'https://example.org/privacy',
  TERMS_URL: 'https://example.org/terms',
};

/** A site that sends mails, and says whose it is. */
const test = base.extend<{
  mailing: { mails: Awaited<ReturnType<typeof startMailServer>>; visit: (options?: OpenOptions) => Promise<Page> };
}>({
  mailing: async ({ databases, open }, use) => {
    const mails = await startMailServer();
    const server = await startServer({ MONGO_URI: databases.newUri(), SMTP_URL: mails.url, ...FOOTER });
    const pages: Page[] = [];
    const visit = async (options?: OpenOptions) => {
      const page = await open({ baseURL: server.url, ...options });
      pages.push(page);
      return page;
    };
    await use({ mails, visit });
    for (const page of pages) await page.context().close();
    await server.end('SIGTERM');
    await mails.close();
  },
});

test('a forgotten password is replaced by a mail’s link, which works once', async ({ mailing: { mails, visit } }) => {
  const account = newAccount();
  const page = await visit();
  await signUp(page, account);
  const signedOut = await visit({
    viewport: PHONE,
    hasTouch: true,
    allowed: [
      refusal(400, '/api/auth/reset', 'a password that is too short'),
      refusal(404, '/api/auth/reset', 'a link that was used before'),
    ],
  });
  await signedOut.goto('/login?with=password');
  await signedOut.getByRole('main').getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(signedOut.getByRole('heading', { level: 1, name: 'Forgotten password' })).toBeVisible();
  await signedOut.getByLabel('Email').fill(account.email);
  await signedOut.getByRole('button', { name: 'Send link' }).click();
  await expect(signedOut.getByText(`If there is an account with ${account.email}`)).toBeVisible();

  const link = await mails.linkTo(account.email, 'reset');
  await signedOut.goto(link);
  await untilLive(signedOut);
  await signedOut.getByLabel('New password').fill('short');
  await signedOut.getByRole('button', { name: 'Save password' }).click();
  await expect(signedOut.getByLabel('New password')).toHaveAccessibleDescription('At least 8 characters.');
  await signedOut.getByLabel('New password').fill('an even better horse');
  await signedOut.getByRole('button', { name: 'Save password' }).click();
  await expect(signedOut.getByText('Your password is changed')).toBeVisible();
  await signedOut.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await signedOut.getByLabel('Email').fill(account.email);
  await signedOut.getByLabel('Password').fill('an even better horse');
  await signedOut.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
  await expect(signedOut.getByRole('heading', { name: 'Upcoming events' })).toBeVisible();

  await signedOut.goto(link);
  await untilLive(signedOut);
  await signedOut.getByLabel('New password').fill('a third horse');
  await signedOut.getByRole('button', { name: 'Save password' }).click();
  await expect(signedOut.getByText('This link was used before or has expired.')).toBeVisible();
});

test('an address is confirmed by a press on the page of a mail’s link, once, also after a reload', async ({
  mailing: { mails, visit },
}) => {
  const account = newAccount();
  const page = await visit({ allowed: [refusal(404, '/api/auth/verify', 'a used and a made-up link')] });
  await signUp(page, account);
  await page.goto('/account');
  await expect(page.getByText('not confirmed yet')).toBeVisible();
  const link = await mails.linkTo(account.email, 'verify');
  // A program that looks into the mail opens the link, and scripts run there as well.
  const scanner = await visit();
  await scanner.goto(link);
  await expect(scanner.getByRole('button', { name: 'Confirm address' })).toBeVisible();
  await page.goto(link);
  await untilLive(page);
  await page.reload();
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByText('Your address is confirmed.')).toBeVisible();
  await page.goto('/account');
  await expect(page.getByText(`${account.email} · confirmed`)).toBeVisible();

  await page.goto(link);
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByText('Your address is already confirmed.')).toBeVisible();
  await page.goto('/verify?token=made-up');
  await page.getByRole('button', { name: 'Confirm address' }).click();
  await expect(page.getByText('This link was used before or has expired.')).toBeVisible();
});

test('an address is confirmed without JavaScript as well', async ({ mailing: { mails, visit } }) => {
  const account = newAccount();
  await signUp(await visit(), account);
  const page = await visit({ javaScriptEnabled: false, allowed: [refusal(404, '/verify', 'a used link')] });
  const link = await mails.linkTo(account.email, 'verify');
  for (const words of ['Your address is confirmed.', 'Your address is already confirmed.']) {
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm address' }).click();
    await expect(page.getByText(words)).toBeVisible();
  }
});

test('every page says whose it is, without scripts as well', async ({ mailing: { visit } }) => {
  const page = await visit({
    javaScriptEnabled: false,
    allowed: [refusal(404, '/nowhere', 'an address without a page')],
  });
  for (const path of ['/', '/login', '/nowhere', '/de/bookings']) {
    await page.goto(path);
    const footer = page.getByRole('contentinfo');
    await expect(footer).toContainText(FOOTER.SITE_NAME);
    await expect(page).toHaveTitle(new RegExp(`· ${FOOTER.SITE_NAME}$`));
    for (const href of [FOOTER.IMPRINT_URL, FOOTER.PRIVACY_URL, FOOTER.TERMS_URL, `mailto:${FOOTER.CONTACT_EMAIL}`])
      await expect(footer.locator(`a[href="${href}"]`)).toBeVisible();
  }
  await page.goto('/');
  await expect(page.getByRole('link', { name: FOOTER.SITE_NAME })).toBeVisible();
});

test('a phone keeps the site under its own name, in the language of the page', async ({ mailing: { visit } }) => {
  const page = await visit();
  for (const [path, description] of [
    ['/', 'Every event'],
    ['/de', 'Alle Veranstaltungen'],
  ] as const) {
    await page.goto(path);
    const href = (await page.locator('link[rel=manifest]').getAttribute('href')) ?? '';
    const answer = await page.request.get(href);
    expect(answer.headers()['content-type']).toBe('application/manifest+json');
    const manifest = (await answer.json()) as { description: string; icons: { src: string; type: string }[] };
    expect(manifest).toMatchObject({ name: FOOTER.SITE_NAME, start_url: path, display: 'standalone' });
    expect(manifest.description).toContain(description);
    for (const { src, type } of manifest.icons) {
      const icon = await page.request.get(src);
      expect(icon.headers()['content-type'], src).toContain(type);
    }
  }
  // Chromium reads it as well, and finds nothing to object to.
  const devtools = await page.context().newCDPSession(page);
  const { errors, data } = (await devtools.send('Page.getAppManifest')) as { errors: unknown[]; data?: string };
  expect(errors).toEqual([]);
  expect(data).toContain(FOOTER.SITE_NAME);
});
