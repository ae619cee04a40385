import type { Page } from '@playwright/test';
import { createEvent, type Remote } from './organiser.ts';
import { signUp } from './people.ts';
import { heading, pressUntil, untilLive } from './seats.ts';
import { expect } from './test.ts';

export const PRICE = { amount: 2_000, currency: 'EUR' };

/** Card numbers as the demo payment page prints them. */
const CARDS = {
  pays: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  late: '4000 0000 0000 0341',
  silent: '4000 0000 0000 9995',
} as const;

export const createPriced = (organiser: Remote, more: Parameters<typeof createEvent>[1] = {}) =>
  createEvent(organiser, { price: PRICE, ...more });

/** Signs up a new user in this browser, who then holds two seats of the event. */
export async function signUpAndHold(page: Page, eventId: string): Promise<void> {
  await signUp(page);
  await page.goto(`/events/${eventId}`);
  await expect(page.getByText('You then have 10 minutes to pay.')).toBeVisible();
  await expect(page.getByText('€40.00')).toBeVisible();
  await untilLive(page);
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
}

/** Goes from a hold to the payment page and returns the address of its link back. */
export async function toPayment(page: Page): Promise<string> {
  // A button that has just appeared ignores presses for a moment.
  await expect(async () => {
    if (!/demo-payment/.test(page.url()))
      await page.getByRole('button', { name: 'Continue to payment' }).click({ timeout: 1_000 });
    await expect(page).toHaveURL(/\/demo-payment\//, { timeout: 2_000 });
  }).toPass({ timeout: 20_000 });
  return (await page.getByRole('link', { name: /back/i }).getAttribute('href')) ?? '';
}

/** Pays by this card on the payment page, for two seats if no other amount is given. */
export async function payBy(page: Page, card: keyof typeof CARDS, amount = '€40.00'): Promise<void> {
  if (!(await page.getByText(CARDS[card]).isVisible())) await page.locator('summary').click();
  await page.getByText(CARDS[card]).click();
  await page.getByRole('button', { name: `Pay ${amount}` }).click();
}
