import { expect, type Locator, type Page } from '@playwright/test';

/** A heading in the main part of the page. */
export const heading = (page: Page, name: string): Locator => page.getByRole('main').getByRole('heading', { name });

/** The card of an event in a list. */
export function card(page: Page, title: string): Locator {
  return page.getByRole('article').filter({ has: page.getByRole('link', { name: title }) });
}

/** The part of the event's page that shows its seats. */
export function seatsOf(page: Page, eventId: string): Locator {
  return page.getByRole('main').locator(`[data-event-id="${eventId}"]`).first();
}

/** Waits until the element shows this number of free seats, in its attribute and in its text. */
export async function expectSeats(place: Locator, free: number, total: number): Promise<void> {
  await expect(place).toHaveAttribute('data-available-seats', String(free));
  await expect(place).toContainText(free === 0 ? 'Sold out' : `${free} of ${total} free`);
}

/** Waits until a page is connected: from then on every change reaches it. */
export async function untilLive(page: Page): Promise<void> {
  await expect(page.getByRole('banner').getByRole('status')).toContainText('Live');
}

/**
 * Presses a booking button until the outcome shows. A button that has just appeared ignores presses for a moment, as
 * a press may be meant for the button before it; a button that worked is gone, so that no press can book twice.
 */
export async function pressUntil(within: Page | Locator, button: string, outcome: Locator): Promise<void> {
  await expect(async () => {
    if (!(await outcome.isVisible())) await within.getByRole('button', { name: button }).click({ timeout: 1_000 });
    await expect(outcome).toBeVisible({ timeout: 600 });
  }).toPass({ timeout: 15_000 });
}

/** Follows a link of the bar until the page has this address. A bar that has just appeared ignores presses for a moment. */
export async function followUntil(page: Page, link: Locator, address: string): Promise<void> {
  await expect(async () => {
    if (!page.url().endsWith(address)) await link.click({ timeout: 1_000 });
    await expect(page).toHaveURL(address, { timeout: 600 });
  }).toPass();
}

/** Opens an event's page and books this many seats there. */
export async function book(page: Page, eventId: string, seats = 2): Promise<void> {
  await page.goto(`/events/${eventId}`);
  await pressUntil(page, `Book ${seats} seat`, page.getByRole('heading', { name: `You have ${seats} seat` }));
}
