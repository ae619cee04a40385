import { slowDown } from './site/network.ts';
import { createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { card, pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test } from './site/test.ts';
import { createSoldOut, giveBack } from './site/waitlist.ts';

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a buyer searches, books, opens the ticket and cancels over slow 3G on a ${name}`, async ({ site, open }) => {
    const event = await createEvent(site.organiser);
    const page = await open(screen);
    await signUp(page);
    await slowDown(page);
    await page.goto('/', { waitUntil: 'commit' });
    await untilLive(page);
    await page.getByRole('searchbox', { name: 'Search events' }).fill(event.title);
    await expect(page.getByText('1 event found')).toBeVisible();
    await card(page, event.title).getByRole('link').click();
    await pressUntil(page, 'Book 2 seats', page.getByRole('heading', { name: 'You have 2 seats' }));
    await page.getByRole('link', { name: 'Open ticket' }).click();
    await expect(page.getByRole('img', { name: 'QR code of this ticket' })).toBeVisible();

    await page.goto('/bookings', { waitUntil: 'commit' });
    const mine = page.getByRole('article').filter({ hasText: event.title });
    await mine.getByRole('button', { name: 'Cancel booking' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
    await expect(dialog).toContainText('go back on sale at once');
    await dialog.getByRole('button', { name: 'Cancel booking' }).click();
    await expect(mine).toContainText('You gave these seats back');
  });
}

test('a buyer joins a waiting list and takes an offer over slow 3G on a phone', async ({ site, open }) => {
  const { event, taken } = await createSoldOut(site);
  const page = await open(SCREENS.phone);
  await signUp(page);
  await slowDown(page);
  await page.goto(`/events/${event.id}`, { waitUntil: 'commit' });
  const inLine = page.getByRole('heading', { name: 'You are first in line for 2 seats' });
  await pressUntil(page, 'Join the waiting list for 2 seats', inLine);
  await giveBack(site.organiser, taken[0]);
  await expect(page.getByRole('complementary', { name: '2 seats for you' })).toBeVisible();
  await pressUntil(page, 'Take 2 seats', page.getByRole('heading', { name: 'You have 2 seats' }));
});
