import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { serverAway } from './site/problems.ts';
import { expectSeats, heading, seatsOf } from './site/seats.ts';
import { expect, test } from './site/test.ts';

// The test starts two more servers, one after the other.
test.setTimeout(120_000);

test('[F9] [I5] a restart before and a kill after a payment leave one payment and one booking on every page', async ({
  ownSite: site,
  open,
}) => {
  const event = await createPriced(site.organiser);
  const page = await open({ baseURL: site.url, allowed: [serverAway('the server restarts')] });
  await signUpAndHold(page, event.id);
  const tab = await page.context().newPage();
  await tab.goto(`/events/${event.id}`);
  await expect(heading(tab, 'You hold 2 seats')).toBeVisible();
  const back = await toPayment(page);

  await site.end('SIGTERM');
  await expect(tab.getByRole('banner').getByRole('status')).toContainText('Reconnecting');
  await site.startAgain();
  await page.reload();
  // The payment succeeds without a webhook, and the server is killed before it asks the provider.
  await payBy(page, 'silent');
  await expect(page.getByText('Paid. Thank you.')).toBeVisible();
  await site.end('SIGKILL');
  await site.startAgain();

  await page.goto(back);
  await expect(heading(page, 'Paid')).toBeVisible({ timeout: 40_000 });
  await expect(page.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible();
  await expect(heading(tab, 'You have 2 seats')).toBeVisible({ timeout: 20_000 });
  await expectSeats(seatsOf(tab, event.id), 8, 10);
  const { revenue, confirmed } = await site.organiser.must('eventStats', { eventId: event.id });
  expect([revenue, confirmed]).toEqual([{ amount: 4_000, currency: 'EUR' }, 1]);
  expect((await site.organiser.must('listPaymentTroubles', {})).troubles).toEqual([]);
});
