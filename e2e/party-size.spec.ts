import type { Page } from '@playwright/test';
import { randomUUID } from 'node:crypto';
import { bookingsOf, connectRemote, createEvent, inDays } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { createSoldOut, join } from './site/waitlist.ts';
import { expect, PHONE, SCREENS, test } from './site/test.ts';

const partySize = (page: Page) => page.getByRole('spinbutton', { name: 'Seats' });
const change = (page: Page) => page.getByRole('button', { name: 'Change number of seats' });
const total = (page: Page) => page.getByRole('status').filter({ hasText: '€' });

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a changed party size of a hold on a ${name} keeps the hold’s end and shows in every tab`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser, { price: PRICE });
    await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 6 });
    const page = await open(screen);
    const { token } = await signUp(page);
    await page.goto(`/events/${event.id}`);
    await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
    const [before] = await bookingsOf(site.url, token);
    const tab = await page.context().newPage();
    await tab.goto(`/events/${event.id}`);
    await page.bringToFront();
    await change(page).click();
    await page.getByRole('button', { name: 'One seat more' }).click();
    await expect(total(page)).toHaveText('€60.00');
    await page.getByRole('button', { name: 'Hold 3 seats instead' }).click();

    for (const each of [page, tab]) {
      await expect(heading(each, 'You hold 3 seats')).toBeVisible();
      await expect(each.getByText('€60.00', { exact: true })).toBeVisible();
      await expectSeats(seatsOf(each, event.id), 1, 10);
    }
    const [after] = await bookingsOf(site.url, token);
    expect(after).toMatchObject({ id: before?.id, seats: 3, holdExpiresAt: before?.holdExpiresAt });

    await change(page).click();
    await expect(page.getByRole('button', { name: 'Hold 3 seats instead' })).toBeDisabled();
    await expect(page.getByText('Choose another number of seats to change it.')).toBeVisible();
    await page.getByRole('button', { name: 'One seat more' }).click();
    await expect(total(page)).toHaveText('€80.00');
    await expect(page.getByRole('button', { name: 'One seat more' })).toBeDisabled();
    const rival = connectRemote(site.url, (await signUp(await open())).token);
    await rival.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
    rival.close();
    await expectSeats(seatsOf(page, event.id), 0, 10);
    await page.getByRole('button', { name: 'Hold 4 seats instead' }).click();
    await expect(page.getByText('No more seats are free. Your hold is unchanged.')).toBeVisible();
    await page.getByRole('button', { name: 'Keep it as it is' }).click();
    await expect(heading(page, 'You hold 3 seats')).toBeVisible();
    await expect(page.getByText('€60.00', { exact: true })).toBeVisible();
  });
}

test('an unchanged number of seats on the waiting list cannot be sent', async ({ site, open }) => {
  const { event } = await createSoldOut(site);
  const page = await open();
  await join(page, event.id, 'first');
  await change(page).click();
  await expect(page.getByRole('button', { name: 'Wait for 2 seats' })).toBeDisabled();
  await expect(page.getByText('Choose another number of seats to change it.')).toBeVisible();
});

test('with one seat free the control offers one seat; a larger number shown before is not changed', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const [before, after] = [await open(), await open({ viewport: PHONE, hasTouch: true })];
  for (const page of [before, after]) await signUp(page);
  await before.goto(`/events/${event.id}`);
  await untilLive(before);
  await expect(partySize(before)).toHaveValue('2');
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await expect(before.getByText('Only 1 seat is free now.')).toBeVisible();
  await expect(partySize(before)).toHaveValue('2');
  await expect(before.getByRole('button', { name: 'One seat more' })).toBeDisabled();

  // Rendered pages are kept for a second.
  const html = async () => (await after.request.get(`/events/${event.id}`)).text();
  await expect.poll(html).toContain('data-available-seats="1"');
  await after.goto(`/events/${event.id}`);
  await expect(partySize(after)).toHaveValue('1');
  await expect(after.getByRole('button', { name: 'One seat more' })).toBeDisabled();
  await partySize(after).fill('2');
  await partySize(after).blur();
  await expect(partySize(after)).toHaveValue('1');
  await pressUntil(after, 'Book 1 seat', heading(after, 'You have 1 seat'));
});

test('a free booking that cannot be cancelled says so before, and is made only after a second press', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { startsAt: inDays(1), cancelBeforeHours: 48 });
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  const note = page.getByText('A booking made now cannot be cancelled.');
  await expect(note).toBeVisible();
  const button = page.getByRole('button', { name: 'Book 2 seats' }).first();
  const [noteBox, buttonBox] = [await note.boundingBox(), await button.boundingBox()];
  expect((noteBox?.y ?? 0) + (noteBox?.height ?? 0)).toBeLessThanOrEqual(buttonBox?.y ?? 0);
  const dialog = page.getByRole('dialog', { name: 'Book 2 seats?' });
  await pressUntil(page, 'Book 2 seats', dialog);
  await dialog.getByRole('button', { name: 'Not now' }).click();
  await expect(dialog).toBeHidden();
  await expectSeats(seatsOf(page, event.id), 10, 10);

  await pressUntil(page, 'Book 2 seats', dialog);
  await dialog.getByRole('button', { name: 'Book 2 seats' }).click();
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 8, 10);
});

test('an offer of a free event that cannot be cancelled is taken only after a second press', async ({ site, open }) => {
  const settings = { totalSeats: 2, startsAt: inDays(1), cancelBeforeHours: 48 };
  const event = await createEvent(site.organiser, settings);
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const page = await open();
  await join(page, event.id, 'first');
  const { id: eventId, revision } = event;
  await site.organiser.must('updateEvent', { eventId, revision, changes: { totalSeats: 4 } });
  const dialog = page.getByRole('dialog', { name: 'Book 2 seats?' });
  await pressUntil(page, 'Take 2 seats', dialog);
  await expect(page.getByText('A booking made now cannot be cancelled.')).toBeVisible();
  await dialog.getByRole('button', { name: 'Book 2 seats' }).click();
  await expect(heading(page, 'You have 2 seats')).toBeVisible();
});
