import { randomUUID } from 'node:crypto';
import { createEvent } from './site/organiser.ts';
import { endHold } from './site/database.ts';
import { signUp } from './site/people.ts';
import { pressUntil, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';
import { createSoldOut } from './site/waitlist.ts';

test('screen readers hear of free seats at four moments only: ten left, one left, sold out, free again', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 14, maxSeatsPerBooking: 14 });
  const book = (seats: number) => site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats });
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const region = page.locator('main [aria-live="polite"].visually-hidden').first();
  await book(2);
  await expect(page.getByRole('main').getByRole('meter').first()).toHaveAttribute('aria-valuenow', '12');
  await expect(region).toHaveText('');
  await book(2);
  await expect(region).toHaveText('10 seats left.');
  await book(5);
  await expect(page.getByRole('main').getByRole('meter').first()).toHaveAttribute('aria-valuenow', '5');
  await expect(region).toHaveText('10 seats left.');
  await book(4);
  await expect(region).toHaveText('1 seat left.');
  const last = await book(1);
  await expect(region).toHaveText('Sold out.');
  await site.organiser.must('cancelBooking', { bookingId: last.id });
  await expect(region).toHaveText('Seats are free again.');
});

test('screen readers hear that a sold-out event is cancelled, not that its seats are free again', async ({
  site,
  open,
}) => {
  const { event } = await createSoldOut(site);
  const page = await open();
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const region = page.locator('main [aria-live="polite"].visually-hidden').first();
  await page.evaluate(RECORD);
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'The roof leaks' });
  await expect(page.locator(`[data-event-id="${event.id}"]`).first()).toHaveAttribute('data-available-seats', '4');
  await expect(region).toHaveText('This event is cancelled.');
  expect(await page.evaluate('window.heard')).toEqual(['This event is cancelled.']);
});

/** Records in the page every text that the announcing region has from now on. */
const RECORD = `
  window.heard = [];
  const region = document.querySelector('main [aria-live="polite"].visually-hidden');
  new MutationObserver(() => window.heard.push(region.textContent)).observe(region, {
    characterData: true,
    childList: true,
    subtree: true,
  });
`;

test('screen readers hear of a hold’s time at two minutes left and at thirty seconds left', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  const held = page.getByRole('heading', { name: 'You hold 2 seats' });
  await pressUntil(page, 'Hold 2 seats', held);
  const spoken = page.getByRole('main').getByRole('timer').locator('+ [aria-live="polite"]');
  for (const [leftMs, words] of [
    [121_000, '2 minutes left.'],
    [31_000, '30 seconds left.'],
  ] as const) {
    await endHold(site.mongoUri, event.id, -leftMs);
    await page.reload();
    await expect(spoken).toHaveText(words);
  }
  await endHold(site.mongoUri, event.id);
});

test('screen readers hear of the start and the end of a hold, and its end moves the focus to the outcome', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  const held = page.getByRole('heading', { name: 'You hold 2 seats' });
  await pressUntil(page, 'Hold 2 seats', held);
  await expect(held).toBeFocused();
  await expect(page.getByText(/^Held\. (?:9|10) minutes left\.$/)).toBeAttached();
  await expect(page.getByRole('main').getByRole('timer', { name: 'Time left' })).toHaveAttribute('aria-live', 'off');

  await endHold(site.mongoUri, event.id);
  const outcome = page.getByText('Time is up and the seats went back. You were not charged.');
  await expect(outcome).toBeFocused();
  await pressUntil(page, 'Try the same seats again', held);
});
