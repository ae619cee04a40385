import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { expectGoodState, overflowOf, smallTargets } from './site/good-page.ts';
import { expect, PHONE, test, type MailSite, type OpenOptions } from './site/mail-site.ts';
import { cutAt } from './site/network.ts';
import { createPriced, payBy, toPayment } from './site/payments.ts';
import { newAccount, signUp } from './site/people.ts';
import { refusal, serverAway } from './site/problems.ts';
import { expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';

const PHONE_SCREEN: OpenOptions = { viewport: PHONE, hasTouch: true };
const NEW_ACCOUNT = refusal(400, '/api/auth/code/verify', 'a new account needs a name');
const newAddress = () => `${randomUUID()}@example.org`;
const codeIn = (page: Page) => page.getByLabel('Code', { exact: true });
const holds = (page: Page, seats = 2) => heading(page, `You hold ${seats} seats`);
const payButton = (page: Page) => page.getByRole('button', { name: 'Continue to payment' });

const pricedEvent = ({ organiser }: MailSite, more: Parameters<typeof createPriced>[1] = {}) =>
  createPriced(organiser, more);

async function openEvent(page: Page, eventId: string): Promise<void> {
  await page.goto(`/events/${eventId}`);
  await untilLive(page);
}

/** Holds two seats with one press, without an address. */
async function holdFirst(page: Page, eventId: string): Promise<void> {
  await openEvent(page, eventId);
  await page.getByRole('button', { name: 'Hold 2 seats' }).click();
  await expect(holds(page)).toBeFocused();
}

async function prove({ mails }: MailSite, page: Page, email: string, count = 1): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send code' }).click();
  await expect(codeIn(page)).toBeFocused();
  await codeIn(page).fill(await mails.codeTo(email, count));
}

test('a stranger on a phone holds seats with one press, proves an address while the clock runs, pays and has the ticket', async ({
  mailSite,
  open,
}) => {
  const event = await pricedEvent(mailSite);
  const page = await open({ ...PHONE_SCREEN, allowed: [NEW_ACCOUNT] });
  const email = newAddress();
  await holdFirst(page, event.id);
  await expect(page.getByRole('timer').first()).toBeVisible();
  await expect(page.getByRole('banner').getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(payButton(page)).toHaveCount(0);
  await prove(mailSite, page, email);
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
  await page.getByRole('button', { name: 'Continue', exact: true }).click();
  await expect(payButton(page)).toBeVisible();
  await expect(holds(page)).toBeFocused();
  await toPayment(page);
  await payBy(page, 'pays');
  await expect(heading(page, 'Paid')).toBeVisible();
  await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();
  const mail = await mailSite.mails.illustratedMailTo(email);
  expect(mail.header('subject')).toContain(event.title);
});

test('a known person gets the hold after a code, and the pay button stands there', async ({ mailSite, open }) => {
  const event = await pricedEvent(mailSite);
  const account = newAccount();
  await signUp(await open(), account);
  const page = await open(PHONE_SCREEN);
  await holdFirst(page, event.id);
  await prove(mailSite, page, account.email);
  await expect(payButton(page)).toBeVisible();
  await expect(holds(page)).toBeVisible();
  const { bookings } = await mailSite.organiser.must('listEventBookings', { eventId: event.id });
  expect(bookings).toMatchObject([{ seats: 2, status: 'held', attendee: { email: account.email } }]);
});

test('a person who holds seats here already reads so, and can give the new ones back', async ({ mailSite, open }) => {
  const event = await pricedEvent(mailSite);
  const account = newAccount();
  const first = await open();
  await signUp(first, account);
  await first.goto(`/events/${event.id}`);
  await pressUntil(first, 'Hold 2 seats', holds(first));
  const page = await open(PHONE_SCREEN);
  await openEvent(page, event.id);
  await page.getByRole('button', { name: 'One seat more' }).click();
  await page.getByRole('button', { name: 'Hold 3 seats' }).click();
  await expect(holds(page, 3)).toBeVisible();
  await prove(mailSite, page, account.email);
  await expect(page.getByText('You already hold seats for this event.')).toBeVisible();
  await expect(holds(page)).toBeVisible();
  await page.getByRole('button', { name: 'Give those 3 seats back now' }).click();
  await expect(page.getByText('You already hold seats for this event.')).toHaveCount(0);
  const { bookings } = await mailSite.organiser.must('listEventBookings', { eventId: event.id, status: 'held' });
  expect(bookings).toMatchObject([{ seats: 2 }]);
});

test('a reload, another tab and another page keep the hold; it is changed and released without an address', async ({
  mailSite,
  open,
}) => {
  const event = await pricedEvent(mailSite);
  const page = await open();
  await holdFirst(page, event.id);
  await page.reload();
  await expect(holds(page)).toBeVisible();
  await expect(page.getByLabel('Email')).toBeVisible();
  const tab = await page.context().newPage();
  await tab.goto('/');
  await tab.getByRole('link', { name: 'Continue with that hold' }).click();
  await expect(holds(tab)).toBeVisible();
  await page.getByRole('button', { name: 'Change number of seats' }).click();
  await page.getByRole('button', { name: 'One seat more' }).click();
  await page.getByRole('button', { name: 'Hold 3 seats instead' }).click();
  await expect(holds(tab, 3)).toBeVisible();
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(page.getByText('The seats went back.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Hold 2 seats' })).toBeVisible();
});

for (const lost of ['command', 'answer'] as const) {
  test(`[F7] [I3] a network failure that loses the ${lost} of a stranger’s hold ends in one hold, which is proved after it`, async ({
    mailSite,
    open,
  }) => {
    const event = await pricedEvent(mailSite);
    const page = await open({ ...PHONE_SCREEN, allowed: [serverAway('the network goes away'), NEW_ACCOUNT] });
    const network = await cutAt(page, 'book', lost);
    await openEvent(page, event.id);
    const trying = page.getByText('The connection was lost. We keep trying for you; do not reload.');
    await pressUntil(page, 'Hold 2 seats', trying);
    network.restore();
    await expect(holds(page)).toBeVisible();
    await untilLive(page);
    await expectSeats(seatsOf(page, event.id), 8, 10);

    // The network goes again while the stranger waits for the code: the hold stays, and so does the way on.
    await page.context().setOffline(true);
    await expect(page.getByRole('banner').getByRole('status')).not.toContainText('Live');
    await expect(holds(page)).toBeVisible();
    await page.context().setOffline(false);
    await untilLive(page);
    await prove(mailSite, page, newAddress());
    await page.getByLabel('Name', { exact: true }).fill('Frieda Fröhlich');
    await page.getByRole('button', { name: 'Continue', exact: true }).click();
    await expect(payButton(page)).toBeVisible();
    await expectSeats(seatsOf(page, event.id), 8, 10);
  });
}

test('where visitors hold a tenth already the address comes first, and the choice is held after it', async ({
  mailSite,
  open,
}) => {
  const event = await pricedEvent(mailSite, { totalSeats: 20, maxSeatsPerBooking: 2 });
  await holdFirst(await open(), event.id);
  const page = await open({ allowed: [NEW_ACCOUNT] });
  await openEvent(page, event.id);
  await page.getByRole('button', { name: 'Hold 2 seats' }).click();
  await expect(page.getByLabel('Email')).toBeFocused();
  await prove(mailSite, page, newAddress());
  await page.getByLabel('Name', { exact: true }).fill('Frieda');
  await page.keyboard.press('Enter');
  await expect(holds(page)).toBeVisible();
  await expect(payButton(page)).toBeVisible();
});

test('the steps after a hold have no accessibility violations and fit 320 px, in German as well', async ({
  mailSite,
  open,
}) => {
  const event = await pricedEvent(mailSite);
  const page = await open({ viewport: { width: 320, height: 640 } });
  await page.goto(`/de/events/${event.id}`);
  await page.getByRole('button', { name: '2 Plätze reservieren' }).click();
  await expect(heading(page, '2 Plätze reserviert')).toBeVisible();
  await expect(page.getByText('Jetzt Ihre E-Mail-Adresse')).toBeVisible();
  await expectGoodState(page, 'the address after the hold');
  const email = newAddress();
  await page.getByRole('textbox', { name: 'E-Mail' }).fill(email);
  await page.keyboard.press('Enter');
  await expect(codeIn(page)).toBeFocused();
  await expectGoodState(page, 'the code after the hold');
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
});
