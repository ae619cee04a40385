import type { Page } from '@playwright/test';
import { endHold, letLateMoneyCome, passMinuteOfSilence } from './site/database.ts';
import { createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

/** Somebody new who holds two seats of an event. */
async function hold(page: Page, eventId: string): Promise<void> {
  await signUp(page);
  await page.goto(`/events/${eventId}`);
  await untilLive(page);
  await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));
}

/** Pays by the card whose money takes its time. */
async function payLate(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Continue to payment' }).click();
  await page.getByRole('radio', { name: 'the money arrives after the hold has ended' }).check();
  await page.getByRole('button', { name: 'Pay €40.00' }).click();
  await expect(page.getByRole('heading', { name: 'Checking your payment' })).toBeVisible();
}

/** The hold's minutes are over, and for another one the provider does not know what becomes of the money. */
async function giveUp({ mongoUri, organiser }: Site, eventId: string): Promise<void> {
  await endHold(mongoUri, eventId, 61_000);
  await expect.poll(() => passMinuteOfSilence(mongoUri, eventId)).toBe(true);
  await expect.poll(async () => (await organiser.must('getEvent', { eventId })).availableSeats).toBe(2);
}

test('[F14] money that comes when the seats are gone is refunded, and the buyer sees it', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE, totalSeats: 2 });
  const [buyer, other] = [await open(), await open()];
  await hold(buyer, event.id);
  await payLate(buyer);

  await giveUp(site, event.id);
  await hold(other, event.id);
  await letLateMoneyCome(site.mongoUri, event.id);

  const refunded = 'Your payment came after the hold had ended and the seats were gone. €40.00 was refunded.';
  await expect(buyer.getByRole('heading', { name: 'The payment came too late' })).toBeVisible({ timeout: 40_000 });
  await expect(buyer.getByText(refunded)).toBeVisible({ timeout: 40_000 });
  await buyer.getByRole('link', { name: 'See the event' }).click();
  await expect(buyer.getByText(refunded)).toBeVisible();
  await expect(other.getByRole('heading', { name: 'You hold 2 seats' })).toBeVisible();
});

test('[F14] money that comes late buys the seats all the same while they are free', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE, totalSeats: 2 });
  const buyer = await open();
  await hold(buyer, event.id);
  await payLate(buyer);
  await giveUp(site, event.id);

  await letLateMoneyCome(site.mongoUri, event.id);

  await expect(buyer.getByText('€40.00 was paid. 2 seats are yours.')).toBeVisible({ timeout: 40_000 });
  await buyer.getByRole('link', { name: 'See the event' }).click();
  await expect(buyer.getByRole('heading', { name: 'You have 2 seats' })).toBeVisible();
});
