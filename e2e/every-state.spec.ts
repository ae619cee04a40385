import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { connectRemote, createEvent } from './site/organiser.ts';
import { expectGoodPage, expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { payBy, PRICE } from './site/payments.ts';
import { newAccount, signInOrganiser, signUp } from './site/people.ts';
import { serverAway } from './site/problems.ts';
import { book, pressUntil, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';
import { createSoldOut, giveBack } from './site/waitlist.ts';

/** Expects a page with its open dialog, menu or message to have no accessibility violations and to fit a phone. */
async function expectGoodLayer(page: Page, what: string): Promise<void> {
  await expectGoodState(page, what);
  await page.setViewportSize(NARROW);
  expect(await overflowOf(page), `${what} at 320 px`).toEqual([]);
  expect(await smallTargets(page, 44), `${what}: too small for a thumb`).toEqual([]);
}

// axe checks each page in light and dark, and each page is loaded again in German.
test.setTimeout(120_000);

test('a ticket has no accessibility violations, also when its event is moved or cancelled', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { title: 'Donaudampfschifffahrtsgesellschaftskonzert' });
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  await page.getByRole('link', { name: 'Open ticket' }).click();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  const { pathname } = new URL(page.url());
  await expectGoodPage(page, pathname, 'Show this code');
  const changes = { venue: 'Anlegestelle Steinerne Brücke, Regensburg' };
  await page.goto(pathname);
  await untilLive(page);
  await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes });
  await expect(page.getByRole('button', { name: 'Understood' })).toBeVisible();
  await expectGoodLayer(page, 'a moved ticket');
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'Low water' });
  await expect(page.getByText('This ticket is no longer valid.')).toBeVisible();
  await expectGoodLayer(page, 'a ticket of an event that was called off');
});

test('dialogs, menu and messages have no accessibility violations', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.getByRole('link', { name: 'Book 2 seats' }).click();
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/^Please fill this in\./);
  await expectGoodLayer(page, 'signing in within the panel');
  await page.goto('/account');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('link', { name: 'Use your password' }).click();
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(dialog.getByLabel('Email')).toHaveAccessibleDescription('Please fill this in.');
  await expectGoodLayer(page, 'signing in');

  const account = await signUp(page);
  await book(page, event.id);
  await page.goto('/bookings');
  await page.getByRole('button', { name: 'Cancel booking' }).click();
  await expectGoodLayer(page, 'cancelling');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `Account of ${account.name}` }).click();
  await expect(page.getByRole('link', { name: 'Account', exact: true })).toBeVisible();
  await expectGoodLayer(page, 'the menu');

  await page.goto('/account');
  await page.getByRole('button', { name: 'Delete account' }).click();
  await dialog.getByRole('button', { name: 'Delete account' }).click();
  await expect(dialog.getByLabel('Password')).toHaveAccessibleDescription('Please fill this in.');
  await expectGoodLayer(page, 'deleting one’s account');
  await page.goto('/design');
  await page.getByRole('button', { name: 'Show toast' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  await expectGoodState(page, 'a toast');
});

test('the design page, with every component in every state, has no accessibility violations', async ({ open }) => {
  await expectGoodPage(await open(), '/design', 'Buttons');
});

test('the page for a new password has no accessibility violations, also for a link that no longer works', async ({
  open,
}) => {
  const page = await open();
  await expectGoodPage(page, '/reset', 'used before');
  await page.goto('/reset?token=some');
  await expect(page.getByLabel('New password')).toBeVisible();
  await expectGoodLayer(page, 'choosing a new password');
});

test('a hold, live or ended, has no accessibility violations', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  await signUp(page, newAccount());
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));
  await page.getByRole('button', { name: 'Release' }).click();
  await expectGoodLayer(page, 'releasing');
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(page.getByText('The seats went back.')).toBeVisible();
  await expectGoodLayer(page, 'a released hold');
});

test('an offer, a waitlist entry and their notices have no accessibility violations', async ({ site, open }) => {
  const { event, taken } = await createSoldOut(site);
  const page = await open();
  await signUp(page);
  const path = `/events/${event.id}`;
  await page.goto(path);
  const inLine = 'You are first in line for 2 seats';
  await pressUntil(page, 'Join the waiting list for 2 seats', page.getByRole('heading', { name: inLine }));
  await expectGoodPage(page, path, inLine);
  await giveBack(site.organiser, taken[0]);
  await page.goto(path);
  await expectGoodPage(page, path, '2 seats for you until');
  await page.goto('/');
  await expect(page.getByRole('complementary', { name: '2 seats for you' })).toBeVisible();
  await expectGoodLayer(page, 'the bar of an offer');
});

test('a payment whose outcome is being checked has no accessibility violations', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  const payer = connectRemote(site.url, (await signUp(page)).token);
  const held = await payer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await page.goto((await payer.must('checkout', { bookingId: held.id })).url);
  await payBy(page, 'late');
  await expect(page.getByRole('heading', { level: 1, name: 'Checking your payment' })).toBeVisible();
  const { pathname, search } = new URL(page.url());
  await expectGoodPage(page, pathname + search, 'Checking your payment');
  payer.close();
});

test('the pages of a payment have no accessibility violations while open, declined, paid and refunded', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  const payer = connectRemote(site.url, (await signUp(page)).token);
  const held = await payer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const { url } = await payer.must('checkout', { bookingId: held.id });
  await page.goto(url);
  const back = new URL((await page.getByRole('link', { name: /back/i }).getAttribute('href')) ?? '');
  const paid = back.pathname + back.search;
  const path = `/events/${event.id}`;
  await expectGoodLayer(page, 'the payment page');
  await expectGoodPage(page, path, 'Continue to payment');
  await expectGoodPage(page, paid, 'Not paid yet');
  await page.goto(url);
  await payBy(page, 'declined');
  await expect(page.getByRole('alert')).toBeVisible();
  await expectGoodLayer(page, 'the payment page after a declined card');
  await expectGoodPage(page, path, 'The last payment did not go through');
  await page.goto(url);
  await payBy(page, 'pays');
  await expect(page.getByRole('heading', { level: 1, name: 'Paid' })).toBeVisible();
  await expectGoodPage(page, paid, '2 seats are yours');
  await expectGoodPage(page, path, 'no real money was taken');
  await page.goto(url);
  await expectGoodLayer(page, 'the page of a payment that is done');
  await payer.must('cancelBooking', { bookingId: held.id });
  await expectGoodPage(page, '/bookings', /refund/);
  await expectGoodPage(page, paid, /refund/);
  payer.close();
});

test('dialogs before an irreversible step have no accessibility violations', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const held = await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const { url } = await site.organiser.must('checkout', { bookingId: held.id });
  const body = new URLSearchParams({ card: '4242424242424242' });
  await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const page = await open();
  await signInOrganiser(page);
  const dialog = page.getByRole('dialog');
  await page.goto(`/admin/events/${event.id}/bookings`);
  await page.getByRole('button', { name: /^Cancel the booking of/ }).click();
  await expectGoodLayer(page, 'giving back somebody’s booking');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Refund part of the price to/ }).click();
  await dialog.getByRole('button', { name: 'Refund' }).click();
  await expect(dialog.getByLabel('Amount in EUR')).toHaveAccessibleDescription(/Please enter an amount/);
  await expectGoodLayer(page, 'refunding a part');
  await page.goto(`/admin/events/${event.id}/sales`);
  await untilLive(page);
  await page.getByRole('button', { name: 'Call off the event' }).click();
  await expect(dialog).toContainText('1 booking is cancelled');
  await dialog.getByRole('button', { name: 'Call off the event' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/Please fill this in/);
  await expectGoodLayer(page, 'calling off');
});

test('an event’s page without a network has no accessibility violations', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ allowed: [serverAway('the network goes away')] });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await page.context().setOffline(true);
  await expect(page.getByText(/^No connection\. The numbers are from/)).toBeVisible();
  await expectGoodLayer(page, 'an event without a network');
  await page.context().setOffline(false);
  await untilLive(page);
});
