import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import { cutAt } from './site/network.ts';
import { connectRemote, createEvent, type Remote } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { serverAway } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

const book = ({ must }: Remote, eventId: string, seats: number) =>
  must('book', { requestId: randomUUID(), eventId, seats });

/** Opens the dialog that cancels a booking of three seats, and chooses one seat in it. */
async function chooseOneOfThree(page: Page, opener: Locator): Promise<Locator> {
  await opener.click();
  const dialog = page.getByRole('dialog');
  for (const left of [2, 1]) {
    await dialog.getByRole('button', { name: 'One seat fewer' }).click();
    await expect(dialog.getByRole('button', { name: `Cancel ${left} seat` })).toBeVisible();
  }
  return dialog;
}

/**
 * Expects that an edit of the event keeps the choice of one seat of three, and that a seat cancelled elsewhere asks for
 * a new choice.
 */
async function expectChoiceKept(
  dialog: Locator,
  organiser: Remote,
  eventId: string,
  cancelOne: () => Promise<unknown>,
) {
  const cancelButton = dialog.getByRole('button', { name: 'Cancel 1 seat' });
  await organiser.must('updateEvent', { eventId, revision: 1, changes: { title: 'Another title' } });
  await expect(dialog).toContainText('Another title');
  await expect(cancelButton).toBeVisible();

  await cancelOne();
  await expect(dialog.getByRole('status')).toContainText('This booking has changed meanwhile: it has 2 seats now.');
  await expect(dialog.getByRole('button', { name: /^Cancel/ })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Choose again' }).click();
  await expect(dialog.getByRole('button', { name: 'Cancel booking' })).toBeVisible();
  await dialog.getByRole('button', { name: 'One seat fewer' }).click();
  await cancelButton.click();
  await expect(dialog).toHaveCount(0);
}

test('a push never silently changes how many seats a buyer has chosen to cancel', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  const { token } = await signUp(page);
  const elsewhere = connectRemote(site.url, token);
  const { id: bookingId } = await book(elsewhere, event.id, 3);
  await page.goto('/bookings');
  await untilLive(page);

  const dialog = await chooseOneOfThree(
    page,
    page.getByRole('article').getByRole('button', { name: 'Cancel booking' }),
  );
  await expectChoiceKept(dialog, site.organiser, event.id, () =>
    elsewhere.must('cancelBooking', { bookingId, seats: 1 }),
  );

  expect(await elsewhere.must('getBooking', { bookingId })).toMatchObject({ status: 'confirmed', seats: 1 });
  elsewhere.close();
});

test('a push never silently changes how many seats an organiser cancels, and the attendee gets the reason', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const [page, buyer] = [await open(), await open()];
  const alice = connectRemote(site.url, (await signUp(buyer)).token);
  const { id: bookingId } = await book(alice, event.id, 3);
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/bookings`);
  await untilLive(page);

  const dialog = await chooseOneOfThree(page, page.getByRole('button', { name: /^Cancel the booking of/ }));
  await dialog.getByLabel('Reason').fill('The row is broken.');
  await alice.must('cancelBooking', { bookingId, seats: 1 });
  await expect(dialog.getByRole('status')).toContainText('it has 2 seats now.');
  await dialog.getByRole('button', { name: 'Choose again' }).click();
  await dialog.getByLabel('Reason').fill('The row is broken.');
  await dialog.getByRole('button', { name: 'Cancel booking' }).click();
  await expect(dialog).toHaveCount(0);

  expect(await alice.must('getBooking', { bookingId })).toMatchObject({
    status: 'cancelled',
    ended: { by: 'organiser', reason: 'The row is broken.' },
  });
  alice.close();
});

test('a check-in of one seat whose answer is lost with the connection is sent again and counts once', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const [page, buyer] = [await open({ allowed: [serverAway('the network goes away')] }), await open()];
  const alice = connectRemote(site.url, (await signUp(buyer)).token);
  const { id: bookingId, code } = await book(alice, event.id, 3);
  await signInOrganiser(page);
  const network = await cutAt(page, 'checkIn', 'answer');
  await page.goto(`/admin/events/${event.id}/door`);
  await untilLive(page);

  await page.getByLabel('Seats').fill('1');
  await page.getByLabel('Ticket or code').fill(code);
  await page.keyboard.press('Enter');
  await expect(page.getByText('The connection was lost. We keep trying for you; do not reload.')).toBeVisible();
  // Text typed during the retries belongs to the next ticket, which waits for its turn.
  await page.getByLabel('Seats').fill('1');
  await page.getByLabel('Ticket or code').fill('NOSUCHCODE12');
  await page.keyboard.press('Enter');
  await expect(page.getByText('1 more scan is waiting')).toBeVisible();
  network.restore();

  await expect(page.getByText('Let in: 1 seat')).toBeVisible();
  await expect(page.getByText('Not a ticket for this event')).toBeVisible();
  expect(await alice.must('getBooking', { bookingId })).toMatchObject({ checkedInSeats: 1 });
  alice.close();
});
