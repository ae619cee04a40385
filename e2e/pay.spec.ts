import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { endHold } from './site/database.ts';
import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { expectGoodState, overflowOf } from './site/good-page.ts';
import { connectBuyer, signUp } from './site/people.ts';
import { expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';
import { startServer } from '../server/test/support/server-process.ts';

for (const viewport of [PHONE, { width: 1280, height: 800 }]) {
  test(`a buyer pays and gets the seats, a receipt and a ticket, at ${viewport.width} px`, async ({ site, open }) => {
    const event = await createPriced(site.organiser);
    const [page, reader] = [await open({ viewport }), await open()];
    await reader.goto(`/events/${event.id}`);
    await expect(
      reader.getByText('They are held for 10 minutes while you enter your mail address and pay.'),
    ).toBeVisible();
    await signUpAndHold(page, event.id);
    await toPayment(page);
    await expect(page.getByText(event.title)).toBeVisible();
    await payBy(page, 'pays');

    await expect(page).toHaveURL(/\/paid\?token=/);
    await expect(heading(page, 'Paid')).toBeVisible();
    await expect(page.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
    const qr = page.getByRole('img', { name: 'QR code of this ticket' });
    expect((await qr.boundingBox())?.width).toBeGreaterThanOrEqual(200);
    await expect(page.getByText(/^The ticket goes to .*@example\.org as well\.$/)).toBeVisible();
    await expect(page.getByRole('link', { name: 'Add to calendar' })).toBeVisible();
    await expectSeats(seatsOf(reader, event.id), 8, 10);
    await page.getByRole('link', { name: 'See the event' }).click();
    await expect(heading(page, 'You have 2 seats')).toBeVisible();
    await expect(page.getByText('2 × €20.00, all taxes and fees included')).toBeVisible();
    await expect(page.getByText('Demo payment: no real money was taken.')).toBeVisible();
  });
}

test('while a payment is checked, page, bar and list say so and ask for nothing', async ({ site, open }) => {
  const event = await createPriced(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await payBy(page, 'late');
  await expect(heading(page, 'Checking your payment')).toBeVisible();
  const bar = page.getByRole('complementary', { name: 'You hold 2 seats' });
  await expect(bar).toContainText('Checking payment');
  await expect(bar.getByRole('timer')).toHaveCount(0);
  await expect(bar.getByText('Continue')).toHaveCount(0);

  await page.goto(`/events/${event.id}`);
  await expect(page.getByRole('main').getByText('We are checking your payment.')).toBeVisible();
  for (const name of ['Continue to payment', 'Change number of seats', 'Release'])
    await expect(page.getByRole('button', { name })).toHaveCount(0);
  await page.goto('/bookings');
  const mine = page.getByRole('article').filter({ hasText: event.title });
  await expect(mine).toContainText('Checking payment');
  await expect(mine.getByRole('link', { name: 'Continue with that hold' })).toHaveCount(0);
  await expect(mine.getByRole('button', { name: 'Release' })).toHaveCount(0);
});

test('a declined card takes no money and keeps the hold, and the next payment attempt succeeds', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open();
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await payBy(page, 'declined');
  await expect(page.getByRole('alert')).toBeVisible();
  await page.goto(`/events/${event.id}`);
  await expect(
    page.getByText(/^The last payment did not go through\. No money was taken\. The seats stay yours/),
  ).toBeVisible();
  await toPayment(page);
  await payBy(page, 'pays');
  await expect(page.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
});

test('a buyer who goes back from the payment page finds the hold and the same payment page again', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open();
  await signUpAndHold(page, event.id);
  await toPayment(page);
  const first = page.url();
  await page.goBack();
  await expect(heading(page, 'You hold 2 seats')).toBeVisible();
  await toPayment(page);
  expect(page.url()).toBe(first);
});

test('unpaid seats return when their hold ends, and the payment’s return page says that nothing was charged', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open();
  await signUpAndHold(page, event.id);
  await page.goto(await toPayment(page));
  await expect(heading(page, 'Not paid yet')).toBeVisible();
  await expect(page.getByText(/^No money was taken\. The seats are held until/)).toBeVisible();
  const tab = await page.context().newPage();
  await tab.goto(`/events/${event.id}`);
  await expect(heading(tab, 'You hold 2 seats')).toBeVisible();
  await endHold(site.mongoUri, event.id);

  await expect(tab.getByText(/the seats went back\. You were not charged\./i)).toBeVisible();
  await expectSeats(seatsOf(tab, event.id), 10, 10);
  await page.bringToFront();
  await expect(heading(page, 'Not paid')).toBeVisible();
  await expect(page.getByText('No money was taken, and the seats went back.')).toBeVisible();
});

test('the return page of a payment works in another, signed-out browser and shows no ticket there', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const [page, other, plain] = [
    await open(),
    await open({ viewport: PHONE }),
    await open({ javaScriptEnabled: false }),
  ];
  await signUpAndHold(page, event.id);
  const back = await toPayment(page);
  await other.goto(back);
  await expect(heading(other, 'Not paid yet')).toBeVisible();
  await payBy(page, 'pays');
  await expect(heading(page, 'Paid')).toBeVisible();

  // No reload: the push about the event's seats makes the page read the payment again.
  await expect(heading(other, 'Paid')).toBeVisible();
  await expect(other.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
  await expect(other.getByRole('link', { name: 'Sign in to see your ticket' })).toBeVisible();
  await expect(other.getByRole('link', { name: 'Open ticket' })).toHaveCount(0);
  await other.getByRole('contentinfo').getByRole('link', { name: 'Deutsch' }).click();
  await expect(heading(other, 'Bezahlt')).toBeVisible();
  await plain.goto(back);
  await expect(plain.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
  await plain.goto(`${back.slice(0, -3)}abc`);
  await expect(heading(plain, 'This link shows no payment')).toBeVisible();
});

test('a payment whose webhook never comes is found by polling, and its return page shows it', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open();
  await signUpAndHold(page, event.id);
  const back = await toPayment(page);
  await payBy(page, 'silent');
  await page.goto(back);
  await expect(heading(page, 'Paid')).toBeVisible({ timeout: 40_000 });
});

test('the refund of a cancelled booking is shown while it is under way and once it is done, without a reload', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open();
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await payBy(page, 'pays');
  await page.getByRole('link', { name: 'See the event' }).click();
  await page.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('€40.00');
  await dialog.getByRole('button', { name: 'Cancel booking' }).click();
  await expect(page.getByText(/^Your booking is cancelled\./)).toBeVisible();
  await expect(page.getByText('Your booking is cancelled. €40.00 was refunded.')).toBeVisible({ timeout: 40_000 });
  await expectSeats(seatsOf(page, event.id), 10, 10);
});

test('an offer of a priced event is paid for like any hold', async ({ site, open }) => {
  const event = await createPriced(site.organiser, { totalSeats: 2, maxSeatsPerBooking: 2 });
  const taken = await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const page = await open({ viewport: PHONE });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Join the waiting list for 2 seats', heading(page, 'You are first in line for 2 seats'));
  await site.organiser.must('cancelBooking', { bookingId: taken.id });
  await expect(heading(page, '2 seats for you until')).toBeVisible();
  await toPayment(page);
  await payBy(page, 'pays');
  await expect(page.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
});

test('a site in production with demo payments says so on every page, and a local site does not', async ({
  site,
  databases,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const banner = (page: Page) => page.getByText('Demo mode: payments are simulated, and no real money is taken.');
  const local = await open();
  await local.goto(`/events/${event.id}`);
  await expect(heading(local, event.title)).toBeVisible();
  await untilLive(local);
  await expect(banner(local)).toHaveCount(0);

  const production = { NODE_ENV: 'production', PAYMENTS: 'demo', JWT_SECRET: 'x'.repeat(40) };
  const server = await startServer({ ...production, MONGO_URI: databases.newUri() });
  const page = await open({ baseURL: server.url });
  for (const path of ['/', '/bookings', '/login']) {
    await page.goto(path);
    await expect(banner(page)).toBeVisible();
  }
  await page.context().close();
  expect(await server.end('SIGTERM')).toBe(0);
});

test('the payment page has the event as a strip, a running clock, the order directly above its button, and its test cards folded', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUpAndHold(page, event.id);
  await toPayment(page);
  await expect(page.getByRole('banner')).toContainText(event.title);
  await expect(page.getByRole('timer')).toContainText(/^\d+:\d\d Your seats are held until/);
  const first = await page.getByRole('timer').locator('b').textContent();
  await expect(page.getByRole('timer').locator('b')).not.toHaveText(first ?? '');
  const font = () => page.evaluate<string[]>(`[...document.fonts].map((one) => one.family + ' ' + one.status)`);
  await expect.poll(font).toContain('Archivo loaded');
  const [order, pay, cards] = [page.getByText('Your order'), page.getByRole('button'), page.locator('summary')];
  const tops = await Promise.all([order, pay, cards].map(async (one) => (await one.boundingBox())?.y ?? 0));
  expect(tops).toEqual(tops.toSorted((one, other) => one - other));
  await expect(page.getByRole('radio').first()).toBeHidden();
  await expectGoodState(page, 'the payment page');
  expect(await overflowOf(page)).toEqual([]);
});

test('the payment page names the end of the hold and takes the payment without scripts', async ({ site, open }) => {
  const event = await createPriced(site.organiser);
  const buyer = await connectBuyer(site, 'Paula Plain');
  const { id: bookingId } = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const { url } = await buyer.must('checkout', { bookingId });
  const page = await open({ javaScriptEnabled: false });
  await page.goto(url);
  await expect(page.getByRole('timer')).toHaveText(/^ ?Your seats are held until/);
  await page.getByRole('button', { name: 'Pay €40.00' }).click();
  await expect(page).toHaveURL(/\/paid\?token=/);
  await expect.poll(async () => (await buyer.must('getBooking', { bookingId })).status).toBe('confirmed');
  buyer.close();
});
