import { randomUUID } from 'node:crypto';
import { connectRemote, createEvent } from './site/organiser.ts';
import { PRICE } from './site/payments.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { book, card, expectSeats, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';
import { createSoldOut, giveBack, join } from './site/waitlist.ts';

test('the seats of a cancelled booking are free again on another reader’s screen', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const [buyer, reader] = [await open(), await open()];
  await signUp(buyer);
  await book(buyer, event.id);
  await reader.goto(`/events/${event.id}`);
  await untilLive(reader);
  await expectSeats(seatsOf(reader, event.id), 8, 10);

  await buyer.getByRole('navigation').getByRole('link', { name: 'My bookings' }).click();
  const coming = buyer.getByRole('region', { name: 'Upcoming' });
  const mine = buyer.getByRole('article').filter({ hasText: event.title });
  await expect(mine).toContainText('Confirmed');
  await expect(mine).toContainText('2 seats');
  await mine.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = buyer.getByRole('dialog', { name: 'Cancel this booking?' });
  await expect(dialog).toContainText('This cannot be undone.');
  await dialog.getByRole('button', { name: 'Keep booking' }).click();
  await expect(dialog).toBeHidden();
  await expect(mine).toContainText('Confirmed');

  await mine.getByRole('button', { name: 'Cancel booking' }).click();
  await dialog.getByRole('button', { name: 'Cancel booking' }).click();

  await expect(mine).toContainText('Cancelled');
  await expect(mine).toContainText('You gave these seats back');
  await expect(coming).toHaveCount(0);
  await expect(mine.getByRole('button')).toHaveCount(0);
  await expectSeats(seatsOf(reader, event.id), 10, 10);
});

test('a booking made on another device appears under My bookings at once', async ({ site, open }) => {
  const startsAt = new Date(Date.now() + 2 * 3_600_000).toISOString();
  const event = await createEvent(site.organiser, { startsAt, cancelBeforeHours: 0 });
  const page = await open({ viewport: PHONE, hasTouch: true });
  const { token } = await signUp(page);
  const elsewhere = connectRemote(site.url, token);
  await page.goto('/bookings');
  await expect(page.getByText('No bookings yet.')).toBeVisible();

  const booked = await elsewhere.must('book', { requestId: randomUUID(), eventId: event.id, seats: 3 });
  const mine = page
    .getByRole('article')
    .filter({ has: page.getByRole('link', { name: event.title }), hasText: 'Confirmed' });
  await expect(mine).toContainText('3 seats');
  await expect(mine).toContainText(/Starts in (?:2:00:00|1:59:\d\d)/);
  await page.goto(`/?query=${event.title}`);
  await expect(card(page, event.title), 'the card in the list').toContainText('You have 3 seats');
  await page.goto('/bookings');
  await elsewhere.must('cancelBooking', { bookingId: booked.id });
  await expect(card(page, event.title).filter({ hasText: 'Cancelled' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Past and ended' })).toContainText(event.title);

  const priced = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  await elsewhere.must('book', { requestId: randomUUID(), eventId: priced.id, seats: 2 });
  const held = page.getByRole('article').filter({ hasText: priced.title });
  await expect(held).toContainText('Held');
  await expect(held.getByRole('timer', { name: 'Time left' })).toHaveText(/^(?:10:00|9:\d\d)$/);
  await held.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(held).toContainText('You gave these seats back');
  elsewhere.close();
});

test('a booking of a cancelled event shows the cancellation once, with its reason', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  await page.goto('/bookings');
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'The hall is flooded.' });
  const ended = page.getByRole('region', { name: 'Past and ended' }).getByRole('article');
  await expect(ended).toContainText('Reason: The hall is flooded.');
  await expect(ended.getByText('Cancelled', { exact: true })).toHaveText(['Cancelled']);
});

test('a waitlist entry is shown under My bookings, on the card and in the account, and moves up live', async ({
  site,
  open,
}) => {
  const { event, taken } = await createSoldOut(site);
  const [first, page] = [await open(), await open({ viewport: PHONE, hasTouch: true })];
  await join(first, event.id, 'first');
  await join(page, event.id, 'second');

  await page.goto('/bookings');
  const upcoming = page.getByRole('region', { name: 'Upcoming' });
  const waiting = upcoming.getByRole('article').filter({ hasText: 'Waiting' });
  await expect(waiting).toContainText(event.title);
  await expect(waiting).toContainText('You are second in line for 2 seats');
  await expect(page.getByText('No bookings yet.')).toHaveCount(0);
  await page.goto('/account');
  const account = page.getByRole('region', { name: 'My bookings' });
  await expect(account).toContainText(event.title);
  await expect(account).toContainText('You are second in line for 2 seats');
  await page.goto(`/?query=${event.title}`);
  await expect(card(page, event.title)).toContainText('You wait, 2nd');

  await first.getByRole('button', { name: 'Leave the waiting list' }).click();
  await expect(card(page, event.title)).toContainText('You wait, 1st');
  await page.goto('/bookings');
  await expect(waiting).toContainText('You are first in line for 2 seats');
  await giveBack(site.organiser, taken[0]);
  await expect(waiting).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Upcoming' })).toContainText(event.title);
});

test('a buyer leaves a waiting list under My bookings, which is empty then', async ({ site, open }) => {
  const { event } = await createSoldOut(site);
  const page = await open();
  await join(page, event.id, 'first');
  await page.goto('/bookings');
  await page.getByRole('main').getByRole('button', { name: 'Leave the waiting list' }).click();
  await expect(page.getByText('No bookings yet.')).toBeVisible();
});

test('a signed-out visitor of My bookings is asked to sign in, with My bookings as the next page', async ({ open }) => {
  const page = await open();
  await page.goto('/bookings');
  await expect(page.getByText('Sign in to see your bookings.')).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await expect(page).toHaveURL('/login?next=%2Fbookings');
});

test('a paid booking cancelled in two steps shows what was left, what was booked, and what was refunded when', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: PRICE });
  const page = await open();
  const buyer = connectRemote(site.url, (await signUp(page)).token);
  const { id: bookingId } = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const { url } = await buyer.must('checkout', { bookingId });
  await fetch(url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }), redirect: 'manual' });
  await page.goto('/bookings');
  const mine = page.getByRole('article').filter({ hasText: event.title });
  await expect(mine).toContainText('Confirmed');

  await buyer.must('cancelBooking', { bookingId, seats: 1, requestId: randomUUID() });
  await expect(mine).toContainText(/1 seat\s+€20\.00/);
  await expect(mine).toContainText('€20.00 of €40.00 was refunded.');
  await expect(mine).toContainText(/1 seat given back on .*\. Refund: €20\.00\./);
  await page.goto(`/events/${event.id}`);
  await expect(page.getByText('2 × €20.00, all taxes and fees included')).toBeVisible();

  await page.goto('/bookings');
  await buyer.must('cancelBooking', { bookingId, requestId: randomUUID() });
  await expect(mine).toContainText(/2 seats\s+€40\.00/);
  await expect(mine).toContainText('€40.00 was refunded.');
  await expect(mine.getByText('1 seat given back on')).toHaveCount(2);
  buyer.close();
});

test('a cancelled event names no free seats, neither to readers nor to organisers', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 2 });
  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'Low water' });
  const page = await open();
  await signInOrganiser(page);
  for (const path of ['', '/sales', '/bookings', '/door'].map((tab) => `/admin/events/${event.id}${tab}`)) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.getByRole('main')).toContainText('Cancelled');
    await expect(page.getByRole('main')).not.toContainText(/seats? free/);
  }
  for (const path of [`/events/${event.id}`, `/?query=${event.title}`]) {
    await page.goto(path);
    await untilLive(page);
    await expect(page.getByRole('meter', { name: '2 of 2 seats free' })).toHaveCount(0);
    await expect(page.locator('main')).not.toContainText('2 of 2');
  }
});

test('an offer is called an offer under My bookings, and is passed on there without a word of charges', async ({
  site,
  open,
}) => {
  const { event, taken } = await createSoldOut(site);
  const page = await open({ viewport: PHONE, hasTouch: true });
  await join(page, event.id, 'first');
  await giveBack(site.organiser, taken[0]);
  await page.goto('/bookings');
  const mine = page.getByRole('article').filter({ hasText: event.title });
  await expect(mine).toContainText('Offered');
  await expect(mine.getByRole('link', { name: 'See the offer' })).toBeVisible();
  await expect(mine).not.toContainText(/Held|Release|Continue/);
  const dialog = page.getByRole('dialog', { name: 'Pass these seats on?' });
  await pressUntil(page, 'Pass them on', dialog);
  await dialog.getByRole('button', { name: 'Pass them on' }).click();
  await expect(mine.getByRole('button', { name: 'Pass them on' })).toHaveCount(0);
  await expect(page.getByRole('main')).not.toContainText(/charged/);
});
