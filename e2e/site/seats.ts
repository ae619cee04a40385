import { expect, type Locator, type Page } from '@playwright/test';

/** A heading of what the page is about. */
export const heading = (page: Page, name: string): Locator => page.getByRole('main').getByRole('heading', { name });

/** The card of an event in a list. */
export function card(page: Page, title: string): Locator {
  return page.getByRole('article').filter({ has: page.getByRole('link', { name: title }) });
}

/** The place of the event page that shows its seats. */
export function seatsOf(page: Page, eventId: string): Locator {
  return page.getByRole('main').locator(`[data-event-id="${eventId}"]`).first();
}

/** Waits until a place shows so many free seats, to machines and to people alike. */
export async function expectSeats(place: Locator, free: number, total: number): Promise<void> {
  await expect(place).toHaveAttribute('data-available-seats', String(free));
  await expect(place).toContainText(free === 0 ? 'Sold out' : `${free} of ${total} free`);
}

/** Waits until a page is connected: from then on every change reaches it. */
export async function untilLive(page: Page): Promise<void> {
  await expect(page.getByRole('banner').getByRole('status')).toContainText('Live');
}

/**
 * Presses a booking button until that shows. A button that has just appeared ignores presses for a moment, as they were
 * meant for what stood there before; one that was taken is gone, so that no press can book twice.
 */
export async function pressUntil(page: Page, button: string, outcome: Locator): Promise<void> {
  await expect(async () => {
    if (!(await outcome.isVisible())) await page.getByRole('button', { name: button }).click({ timeout: 1_000 });
    await expect(outcome).toBeVisible({ timeout: 600 });
  }).toPass({ timeout: 15_000 });
}

/** Opens an event's page and books so many seats there. */
export async function book(page: Page, eventId: string, seats = 2): Promise<void> {
  await page.goto(`/events/${eventId}`);
  await pressUntil(page, `Book ${seats} seat`, page.getByRole('heading', { name: `You have ${seats} seat` }));
}
