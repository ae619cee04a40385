import { expectGoodState } from './site/good-page.ts';
import { createEvent } from './site/organiser.ts';
import { signUp } from './site/people.ts';
import { card, expectSeats, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

test('a buyer books in one click, and the count changes on the event page and list of other readers', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const [buyer, reader, phone] = [await open(), await open(), await open({ viewport: PHONE, hasTouch: true })];
  await signUp(buyer);
  await buyer.goto(`/events/${event.id}`);
  await reader.goto(`/events/${event.id}`);
  await phone.goto(`/?query=${event.title}`);
  for (const page of [buyer, reader, phone]) await untilLive(page);
  await expectSeats(seatsOf(reader, event.id), 10, 10);
  await expectSeats(card(phone, event.title), 10, 10);

  await pressUntil(buyer, 'Book 2 seats', buyer.getByRole('heading', { name: 'You have 2 seats' }));

  await expect(buyer.getByRole('heading', { name: 'You have 2 seats' })).toBeFocused();
  await expectSeats(seatsOf(buyer, event.id), 8, 10);
  await expectSeats(seatsOf(reader, event.id), 8, 10);
  await expectSeats(card(phone, event.title), 8, 10);
  await expect(seatsOf(reader, event.id).getByRole('meter')).toHaveAttribute('aria-valuenow', '8');
});

test('a booking of the last seats makes every screen show the event as sold out', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const [buyer, late, list] = [await open({ viewport: PHONE, hasTouch: true }), await open(), await open()];
  await signUp(buyer);
  await signUp(late);
  await buyer.goto(`/events/${event.id}`);
  await late.goto(`/events/${event.id}`);
  await list.goto(`/?query=${event.title}`);
  for (const page of [buyer, late, list]) await untilLive(page);

  await buyer.getByRole('button', { name: 'One seat more' }).click();
  await pressUntil(buyer, 'Book 3 seats', buyer.getByRole('heading', { name: 'You have 3 seats' }));

  for (const page of [buyer, late]) await expectSeats(seatsOf(page, event.id), 0, 3);
  await expectSeats(card(list, event.title), 0, 3);
  await expect(late.getByRole('button', { name: /^Book/ })).toHaveCount(0);
  await expect(late.getByRole('button', { name: 'Join the waiting list for 2 seats' })).toBeVisible();
});

test('a booking above the free seats is answered with the number left, which can be booked', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const [quick, slow] = [await open(), await open()];
  await signUp(quick);
  await signUp(slow);
  for (const page of [quick, slow]) {
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
  }
  await pressUntil(quick, 'Book 2 seats', quick.getByRole('heading', { name: 'You have 2 seats' }));
  await expectSeats(seatsOf(slow, event.id), 1, 3);

  await pressUntil(slow, 'Book 2 seats', slow.getByText('Only 1 seat is left.'));
  await expectGoodState(slow, 'a party that is too large');
  await slow.getByRole('button', { name: 'Take 1 seat' }).click();

  await expect(slow.getByRole('heading', { name: 'You have 1 seat' })).toBeVisible();
  await expectSeats(seatsOf(quick, event.id), 0, 3);
});
