import { endHold } from './site/database.ts';
import { setClockAhead } from './site/network.ts';
import { createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { expectSeats, followUntil, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, SCREENS, test } from './site/test.ts';

const PRICE = { amount: 2_000, currency: 'EUR' };

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`[F20] a hold counts down, survives a reload, shows in all tabs and is released (${name}, wrong clock)`, async ({
    site,
    open,
  }) => {
    const event = await createEvent(site.organiser, { price: PRICE });
    const [buyer, reader] = [await open(screen), await open(screen)];
    await signUp(buyer);
    const tab = await buyer.context().newPage();
    for (const page of [buyer, tab]) await setClockAhead(page);
    for (const page of [buyer, tab, reader]) {
      await page.goto(`/events/${event.id}`);
      await untilLive(page);
    }
    await expect(buyer.getByText('€40.00')).toBeVisible();
    await expect(buyer.getByText('You then have 10 minutes to pay.')).toBeVisible();
    const held = (page = buyer) => page.getByRole('heading', { name: 'You hold 2 seats' });
    const clock = (page = buyer) => page.getByRole('main').getByRole('timer', { name: 'Time left' });

    // A browser paints only the tab in front.
    await buyer.bringToFront();
    await pressUntil(buyer, 'Hold 2 seats', held());

    await expect(clock()).toHaveText(/^9:[0-5]\d$/);
    await expectSeats(seatsOf(reader, event.id), 8, 10);
    await expect(reader.getByRole('meter', { name: '8 of 10 seats free, 2 being booked' })).toBeVisible();
    await expect(held(tab)).toBeVisible();
    await expect(buyer.getByText('If you do not pay in time, the seats go back by themselves')).toBeVisible();
    const before = await clock().textContent();
    await expect(clock()).not.toHaveText(before ?? '');
    await buyer.reload();
    await expect(held()).toBeVisible();
    await expect(clock()).toHaveText(/^9:[0-5]\d$/);

    await buyer.getByRole('button', { name: 'Release' }).click();
    await buyer.getByRole('dialog').getByRole('button', { name: 'Release' }).click();

    for (const page of [buyer, tab])
      await expect(page.getByText('The seats went back. You were not charged.')).toBeVisible();
    for (const page of [buyer, tab, reader]) await expectSeats(seatsOf(page, event.id), 10, 10);
    await expect(buyer.getByRole('button', { name: 'Try the same seats again' })).toHaveCount(0);
    await pressUntil(buyer, 'Hold 2 seats', held());
    for (const page of [buyer, tab]) await expect(held(page)).toBeVisible();
  });
}

test('a bar shows a hold on the other pages of a phone and leads back to it', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open({ viewport: PHONE, hasTouch: true });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));

  await page.goto('/');
  const bar = page.getByRole('complementary', { name: 'You hold 2 seats' });
  await expect(bar).toContainText(event.title);
  await expect(bar).toContainText('€40.00');
  await expect(bar.getByRole('timer')).toHaveText(/^9:[0-5]\d$/);
  await followUntil(page, bar.getByRole('link', { name: 'Continue with that hold' }), `/events/${event.id}#seats`);
  await expect(page.getByRole('heading', { name: 'You hold 2 seats' })).toBeVisible();
});

test('a hold that ends unpaid says so, and the same seats can be held again', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await pressUntil(page, 'Hold 2 seats', page.getByRole('heading', { name: 'You hold 2 seats' }));

  await endHold(site.mongoUri, event.id);

  await expect(page.getByText('Time is up and the seats went back. You were not charged.')).toBeVisible();
  await expectSeats(seatsOf(page, event.id), 10, 10);
  await pressUntil(page, 'Try the same seats again', page.getByRole('heading', { name: 'You hold 2 seats' }));
});
