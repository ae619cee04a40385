import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { verifyAddress } from './site/database.ts';
import { createEvent, type Remote } from './site/organiser.ts';
import { connectBuyer, newAccount, signInOrganiser, signUp } from './site/people.ts';
import { NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { seatsOf, untilLive } from './site/seats.ts';
import { expect, test } from './site/test.ts';

/** Finds the value of the figure with this name on the page of a sale. */
function figure(page: Page, name: string) {
  const one = page.getByRole('main').locator('dl > div');
  return one
    .filter({ has: page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }) })
    .getByRole('definition');
}

const book = ({ must }: Remote, eventId: string, seats: number) =>
  must('book', { requestId: randomUUID(), eventId, seats });

test('an organiser’s page of a sale shows bookings and check-ins live', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 40 });
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/sales`);
  await untilLive(page);
  await expect(page.getByText('Nothing sold yet.')).toBeVisible();
  const alice = await connectBuyer(site, 'Alice');

  const { code } = await book(alice, event.id, 3);

  await expect(figure(page, 'Seats sold').first()).toHaveText('3');
  await expect(figure(page, 'Bookings')).toHaveText('1');
  await expect(seatsOf(page, event.id)).toHaveAttribute('data-available-seats', '37');
  await expect(page.getByRole('figure')).toContainText('One bar for each hour; the tallest is 3.');
  await site.organiser.must('checkIn', { ticket: code, seats: 2 });
  await expect(figure(page, 'Checked in').first()).toHaveText('2');
  alice.close();
});

test('an organiser finds bookings by name and status, cancels one, and downloads the list as CSV', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 40 });
  const [zoe, bob] = [await connectBuyer(site, 'Zoë Müller'), await connectBuyer(site, 'Bob')];
  const hers = await book(zoe, event.id, 3);
  await book(bob, event.id, 1);
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/bookings`);
  await expect(page.getByRole('heading', { name: '2 bookings' })).toBeVisible();

  await page.getByLabel('Name, email or code').fill('muller');
  await expect(page.getByRole('heading', { name: '1 booking' })).toBeVisible();
  const line = page.getByRole('listitem').filter({ hasText: 'Zoë Müller' });
  await expect(line).toContainText('address not verified');
  await line.getByRole('button', { name: 'Cancel the booking of Zoë Müller' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel the booking of Zoë Müller?' });
  await dialog.getByRole('button', { name: 'One seat fewer' }).click();
  await dialog.getByRole('button', { name: 'Cancel 2 seats' }).click();
  await expect(dialog).toBeHidden();
  await expect(line).toContainText('1 seat');
  await line.getByRole('button', { name: 'Cancel the booking of Zoë Müller' }).click();
  await dialog.getByRole('button', { name: 'Cancel booking' }).click();
  await expect(line).toContainText('Cancelled');
  await page.getByLabel('Status').selectOption('Confirmed');
  await expect(page.getByText('No booking matches.')).toBeVisible();
  expect(await zoe.must('getBooking', { bookingId: hers.id })).toMatchObject({ ended: { by: 'organiser' } });

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  const table = await readFile(await (await download).path(), 'utf8');
  expect(table).toContain(`"${hers.code}","cancelled","1","0","Zoë Müller","${zoe.email}"`);
  for (const one of [zoe, bob]) one.close();
});

test('new bookings appear in an organiser’s list only after a press on Show', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { totalSeats: 40 });
  const [alice, bob] = [await connectBuyer(site, 'Alice'), await connectBuyer(site, 'Bob')];
  await book(alice, event.id, 1);
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/bookings`);
  await expect(page.getByRole('heading', { name: '1 booking' })).toBeVisible();
  await untilLive(page);
  await book(bob, event.id, 2);
  const offer = page.getByRole('status').filter({ hasText: 'The list has changed.' });
  await expect(offer).toBeVisible();
  await expect(page.getByRole('main').getByText('Bob')).toHaveCount(0);
  await offer.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('listitem').first()).toContainText('Bob');
  await expect(page.getByRole('heading', { name: '2 bookings' })).toBeVisible();
  for (const one of [alice, bob]) one.close();
});

test('an organiser cancels an event after a preview of the consequences and sees the progress', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { totalSeats: 3 });
  const [alice, bob] = [await connectBuyer(site, 'Alice'), await connectBuyer(site, 'Bob')];
  await book(alice, event.id, 3);
  await bob.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/sales`);
  await untilLive(page);
  await page.getByRole('button', { name: 'Call off the event' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('1 booking is cancelled, seats: 3');
  await expect(dialog).toContainText('1 person on the waiting list is notified');
  await dialog.getByRole('button', { name: 'Call off the event' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/Please fill this in/);
  expect(await site.organiser.must('getEvent', { eventId: event.id })).toMatchObject({ status: 'published' });
  await dialog.getByLabel('Reason').fill('The singer has lost her voice.');
  await dialog.getByRole('button', { name: 'Call off the event' }).click();

  await expect(page.getByText('Called off: The singer has lost her voice.')).toBeVisible();
  await expect(page.getByText('All bookings and the waiting list are done, 2 in all.')).toBeVisible();
  await expect(figure(page, 'Cancelled')).toHaveText('1');
  await expect(page.getByRole('button', { name: 'Call off the event' })).toHaveCount(0);
  for (const one of [alice, bob]) one.close();
});

test('check-in by a scanner that types accepts a ticket once, and for its own event only', async ({ site, open }) => {
  const [event, other] = [await createEvent(site.organiser), await createEvent(site.organiser)];
  const alice = await connectBuyer(site, 'Alice Arnold');
  const [ticket, foreign] = [await book(alice, event.id, 2), await book(alice, other.id, 1)];
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/door`);
  await untilLive(page);
  const field = page.getByLabel('Ticket or code');
  await expect(field).toBeFocused();
  const scan = async (text: string) => {
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  };

  await scan(ticket.ticket ?? '');
  await expect(page.getByText('Let in: 2 seats')).toBeVisible();
  await expect(page.getByText('Alice Arnold · 2 of 2 inside')).toBeVisible();
  await expect(page.getByRole('heading', { name: '2 of 2 inside' })).toBeVisible();
  await expect(field).toBeFocused();
  await scan(ticket.code.toLowerCase());
  await expect(page.getByText('Already inside')).toBeVisible();
  await scan(foreign.ticket ?? '');
  await expect(page.getByText('A ticket for another event')).toBeVisible();
  await scan(foreign.code);
  await expect(page.getByText('Not a ticket for this event')).toBeVisible();
  expect(await alice.must('getBooking', { bookingId: foreign.id })).toMatchObject({ checkedInSeats: 0 });
  alice.close();
});

test('an organiser gives a user with a verified address the organiser’s role and takes it away, and that user’s page follows', async ({
  site,
  open,
}) => {
  const [page, other] = [await open(), await open()];
  const account = await signUp(other, newAccount('Bob'));
  await other.goto('/');
  await untilLive(other);
  await signInOrganiser(page);
  await page.goto('/admin/roles');
  await untilLive(page);
  await page.getByLabel('Email').fill(account.email);
  await page.getByRole('button', { name: 'Make organiser' }).click();
  await expect(page.getByText('This address is not verified.')).toBeVisible();
  await verifyAddress(site.mongoUri, account.email);
  await page.getByRole('button', { name: 'Make organiser' }).click();
  await expect(page.getByText(`Bob (${account.email}) is an organiser now.`)).toBeVisible();
  const organiserLink = other.getByRole('navigation').getByRole('link', { name: 'Organise' });
  await expect(organiserLink).toBeVisible();
  await page.getByRole('button', { name: 'Take the role away' }).click();
  await expect(page.getByText(`Bob (${account.email}) is not an organiser any more.`)).toBeVisible();
  await expect(organiserLink).toHaveCount(0);
  await page.getByLabel('Email').fill('nobody@example.org');
  await page.getByRole('button', { name: 'Make organiser' }).click();
  await expect(page.getByText('There is no account with this address.')).toBeVisible();
});

test('an organiser refunds part of a price, and the figures of the sale show it', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: { amount: 2_000, currency: 'EUR' } });
  const alice = await connectBuyer(site, 'Alice');
  const { id: bookingId } = await book(alice, event.id, 2);
  const { url } = await alice.must('checkout', { bookingId });
  const body = new URLSearchParams({ card: '4242424242424242' });
  await fetch(url, { method: 'POST', body, redirect: 'manual' });
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/bookings`);
  const line = page.getByRole('listitem').filter({ hasText: 'Alice' });
  await expect(line).toContainText('Confirmed');
  await line.getByRole('button', { name: 'Refund part of the price to Alice' }).click();
  const dialog = page.getByRole('dialog', { name: 'Refund part to Alice?' });
  await dialog.getByLabel('Amount in EUR').fill('41');
  await dialog.getByRole('button', { name: 'Refund' }).click();
  await expect(dialog.getByLabel('Amount in EUR')).toHaveAccessibleDescription('Please enter an amount up to €40.00.');
  await dialog.getByLabel('Amount in EUR').fill('7.50');
  await dialog.getByLabel('Reason').fill('The view was blocked.');
  await dialog.getByRole('button', { name: 'Refund' }).click();

  await expect(dialog).toBeHidden();
  await expect(line).toContainText('€7.50');
  await page.getByRole('link', { name: 'Sales' }).click();
  await expect(figure(page, 'Revenue')).toHaveText('€32.50');
  await expect(figure(page, 'Refunds done')).toHaveText('1');
  alice.close();
});

test('all tabs of an event are in view on the narrowest phone, in both languages, without scrolling sideways', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: NARROW, hasTouch: true });
  await signInOrganiser(page);
  const languages = {
    '/de': { row: 'Diese Veranstaltung', tabs: ['Veranstaltung', 'Verkauf', 'Gutscheine', 'Buchungen', 'Einlass'] },
    '': { row: 'This event', tabs: ['Event', 'Sales', 'Vouchers', 'Bookings', 'Door'] },
  };
  for (const [at, { row: name, tabs }] of Object.entries(languages)) {
    await page.goto(`${at}/admin/events/${event.id}`);
    const row = page.getByRole('navigation', { name });
    await expect(row.getByRole('link')).toHaveText(tabs);
    for (const tab of await row.getByRole('link').all()) {
      await tab.click();
      await expect(tab).toHaveAttribute('aria-current', 'page');
      for (const one of await row.getByRole('link').all()) await expect(one).toBeInViewport({ ratio: 1 });
    }
    expect(await row.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
    expect(await overflowOf(page), 'the page itself is no wider').toEqual([]);
    expect(await smallTargets(page, 44)).toEqual([]);
  }
});
