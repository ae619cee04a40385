import type { Page } from '@playwright/test';
import { endHold, letLateMoneyCome, passMinuteOfSilence } from './site/database.ts';
import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { heading } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

/** Pays by the demo card whose money arrives late. */
async function payLate(page: Page): Promise<void> {
  await toPayment(page);
  await payBy(page, 'late');
  await expect(heading(page, 'Checking your payment')).toBeVisible();
}

/** Ends the hold, and the minute after it in which the provider may still report an outcome: the seats return. */
async function giveUp({ mongoUri, organiser }: Site, eventId: string): Promise<void> {
  await endHold(mongoUri, eventId, 61_000);
  await expect.poll(() => passMinuteOfSilence(mongoUri, eventId)).toBe(true);
  await expect.poll(async () => (await organiser.must('getEvent', { eventId })).availableSeats).toBe(2);
}

test('[F14] money that arrives after the seats are gone is refunded, and the buyer sees the refund', async ({
  site,
  open,
}) => {
  const event = await createPriced(site.organiser, { totalSeats: 2 });
  const [buyer, other] = [await open(), await open()];
  await signUpAndHold(buyer, event.id);
  await payLate(buyer);

  await giveUp(site, event.id);
  await signUpAndHold(other, event.id);
  await letLateMoneyCome(site.mongoUri, event.id);

  const refunded = 'Your payment came after the hold had ended and the seats were gone. €40.00 was refunded.';
  await expect(heading(buyer, 'The payment came too late')).toBeVisible({ timeout: 40_000 });
  await expect(buyer.getByText(refunded)).toBeVisible({ timeout: 40_000 });
  await buyer.getByRole('link', { name: 'See the event' }).click();
  await expect(buyer.getByText(refunded)).toBeVisible();
  await expect(heading(other, 'You hold 2 seats')).toBeVisible();
  await buyer.goto('/bookings');
  await expect(buyer.getByText('€40.00 was refunded.')).toHaveText([refunded]);
});

test('[F14] money that arrives late still buys the seats while they are free', async ({ site, open }) => {
  const event = await createPriced(site.organiser, { totalSeats: 2 });
  const buyer = await open();
  await signUpAndHold(buyer, event.id);
  await payLate(buyer);
  const list = await buyer.context().newPage();
  await list.goto('/bookings');
  await expect(heading(list, event.title)).toBeVisible();
  await endHold(site.mongoUri, event.id);
  await expect(list.getByText('We are checking your payment.')).toBeVisible();
  await expect(list.getByRole('timer')).toHaveCount(0);
  await expect(list.getByRole('button', { name: 'Release' })).toHaveCount(0);
  await giveUp(site, event.id);

  await letLateMoneyCome(site.mongoUri, event.id);

  await expect(buyer.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible({ timeout: 40_000 });
  await buyer.getByRole('link', { name: 'See the event' }).click();
  await expect(heading(buyer, 'You have 2 seats')).toBeVisible();
});
