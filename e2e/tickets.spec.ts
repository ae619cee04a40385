import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { everythingKept, untilKept } from './site/kept.ts';
import { connectRemote, createEvent, inDays } from './site/organiser.ts';
import { newAccount, signInOrganiser, signUp } from './site/people.ts';
import { serverAway } from './site/problems.ts';
import { book, expectSeats, seatsOf, untilLive } from './site/seats.ts';
import { expect, PHONE, test } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });

const qr = (page: Page) => page.getByRole('img', { name: 'QR code of this ticket' });
const code = (page: Page) => page.getByText(/^[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}$/);

/** Opens the ticket of the only booking under "My bookings". */
async function openTicket(page: Page): Promise<void> {
  await page.goto('/bookings');
  await page.getByRole('main').getByRole('link', { name: 'Open ticket' }).click();
  await expect(qr(page)).toBeVisible();
}

test('a ticket shows its QR code, black on white, and its code in groups of four, on a phone', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open({ viewport: PHONE, hasTouch: true, colorScheme: 'dark' });
  await signUp(page);
  await book(page, event.id);
  await openTicket(page);
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(code(page)).toBeVisible();
  const box = await qr(page).boundingBox();
  expect(box?.width).toBeGreaterThanOrEqual(200);
  await expect(qr(page).locator('rect')).toHaveCSS('fill', 'rgb(255, 255, 255)');
  await expect(qr(page).locator('path')).toHaveCSS('fill', 'rgb(0, 0, 0)');
  await expect(qr(page)).toHaveAttribute('data-qr', /^FR1\./);
  const calendar = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Add to calendar' }).click();
  const file = await readFile(await (await calendar).path(), 'utf8');
  expect(file).toContain('BEGIN:VEVENT');
  expect(file).toContain(event.title);
  await expect(page.getByRole('link', { name: 'Google Calendar' })).toBeHidden();
  await page.getByText('More', { exact: true }).click();
  await expect(page.getByRole('link', { name: 'Google Calendar' })).toHaveAttribute('rel', /noopener/);
});

test('a buyer sends a ticket’s link, which opens it in a browser without a session', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  await openTicket(page);
  // Headless Chromium has no share sheet; without clipboard access the toast shows the address.
  await page.evaluate(`navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))`);
  await page.getByRole('button', { name: 'Send ticket' }).click();
  const address = page.getByText(/\/t\/1[\w.-]+$/);
  await expect(address).toBeVisible();
  const friend = await open({ viewport: PHONE, hasTouch: true });
  await friend.goto((await address.textContent()) ?? '');
  await expect(friend.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(qr(friend)).toBeVisible();
});

test('a printed ticket is one A6 block without header, footer and buttons', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { title: 'Donaudampfschifffahrtsgesellschaftskonzert an Bord' });
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  await openTicket(page);
  await page.emulateMedia({ media: 'print' });
  const sheet = page.getByRole('article');
  const [width, height] = [105, 148].map((mm) => Math.round((mm / 25.4) * 96));
  const box = await sheet.boundingBox();
  expect([Math.round(box?.width ?? 0), Math.round(box?.height ?? 0)]).toEqual([width, height]);
  expect(await sheet.evaluate((one) => one.scrollHeight <= one.clientHeight + 1)).toBe(true);
  for (const part of ['banner', 'contentinfo'] as const) await expect(page.getByRole(part)).toBeHidden();
  await expect(page.getByRole('button', { name: 'Print' })).toBeHidden();
  await expect(qr(page)).toBeVisible();
});

test('every ticket of a coming event opens without a network, unopened ones too, and a stale event list does not', async ({
  site,
  open,
}) => {
  const [first, second] = [await createEvent(site.organiser), await createEvent(site.organiser)];
  const page = await open({ allowed: [serverAway('the network goes away')] });
  const { token } = await signUp(page);
  const buyer = connectRemote(site.url, token);
  for (const { id } of [first, second]) {
    await buyer.must('book', { requestId: randomUUID(), eventId: id, seats: 1 });
  }
  buyer.close();
  await page.goto('/');
  await untilLive(page);
  await expect.poll(() => everythingKept(page)).toContain(first.title);
  await untilKept(page);
  await page.context().setOffline(true);

  await page.goto('/bookings');
  await expect(page.getByText('This was kept on this device')).toBeVisible();
  for (const event of [first, second]) {
    const mine = page.getByRole('article').filter({ hasText: event.title });
    await expect(mine).toContainText('Confirmed');
    await mine.getByRole('link', { name: 'Open ticket' }).click();
    await expect(qr(page)).toBeVisible();
    await expect(code(page)).toBeVisible();
    await page.reload();
    await expect(qr(page)).toBeVisible();
    await page.goto('/bookings');
  }
  await expect(page.getByRole('button', { name: 'Cancel booking' })).toHaveCount(0);
  await page.goto('/');
  await expect(page.getByRole('heading', { name: 'No connection' })).toBeVisible();
  await expect(page.getByRole('article')).toHaveCount(0);

  await page.context().setOffline(false);
  await page.goto('/bookings');
  await expect(page.getByRole('button', { name: 'Cancel booking' })).toHaveCount(2);
});

test('signing out removes every ticket from the device', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ allowed: [serverAway('the network goes away')] });
  const account = await signUp(page);
  await book(page, event.id);
  await openTicket(page);
  const address = page.url();
  await untilKept(page);
  await page.getByRole('button', { name: `Account of ${account.name}` }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByText('Sign in to see this ticket.')).toBeVisible();

  await page.context().setOffline(true);
  await page.goto(address);
  await expect(page.getByText('No connection, and no ticket kept on this device.')).toBeVisible();
  await expect(page.locator('body')).not.toContainText(event.title);
  const kept = await everythingKept(page);
  expect(kept).toContain('/tickets/kept');
  for (const secret of [event.title, account.email, account.name]) expect(kept).not.toContain(secret);
});

test('a buyer cancels some seats of a booking after seeing the refund, and keeps the others', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id, 2);
  await page.goto('/bookings');
  const mine = page.getByRole('article').filter({ hasText: event.title });
  await mine.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  await dialog.getByRole('button', { name: 'One seat fewer' }).click();
  await expect(dialog).toContainText(/1 seat for .* goes back on sale at once/);
  await dialog.getByRole('button', { name: 'Cancel 1 seat' }).click();

  await expect(mine).toContainText('1 seat');
  await expect(mine).toContainText('Confirmed');
  await page.goto(`/events/${event.id}`);
  await expectSeats(seatsOf(page, event.id), 9, 10);
});

test('a ticket shows at once that its event was moved or cancelled', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open();
  await signUp(page);
  await book(page, event.id);
  await openTicket(page);
  const changes = { venue: 'The New Town Hall', startsAt: inDays(21) };
  const moved = await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes });
  expect(moved.venue).toBe(changes.venue);

  await expect(page.getByText('This event moved from “The Old Fire Station” to “The New Town Hall”.')).toBeVisible();
  await expect(page.getByText('Your ticket stays valid.')).toBeVisible();
  await expect(page.getByRole('article')).toContainText('The New Town Hall');
  await page.reload();
  await page.getByRole('button', { name: 'Understood' }).click();
  await expect(page.getByText('This event moved')).toHaveCount(0);
  await page.reload();
  await expect(qr(page)).toBeVisible();
  await expect(page.getByText('This event moved')).toHaveCount(0);

  await site.organiser.must('cancelEvent', { eventId: event.id, reason: 'The roof leaks' });
  await expect(page.getByText('This ticket is no longer valid.')).toBeVisible();
  await expect(page.getByText('The roof leaks')).toBeVisible();
});

test('a change of an event’s end or venue shows on each device until the buyer confirms it on one of them', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const [page, other] = [await open(), await open({ viewport: PHONE, hasTouch: true })];
  const { token } = await signUp(page);
  await other.context().addCookies([{ name: 'session', value: token, url: site.url, httpOnly: true }]);
  await book(page, event.id);
  const endsAt = new Date(Date.parse(event.startsAt) + 2 * 3_600_000).toISOString();
  const changes = { endsAt, venue: 'The New Town Hall' };
  await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes });

  // The other device has never shown the event as it was before the change.
  await other.goto('/bookings');
  for (const device of [page, other]) {
    await expect(
      device.getByText('This event moved from “The Old Fire Station” to “The New Town Hall”.'),
    ).toBeVisible();
    await expect(device.getByText(/^This event now ends at /)).toBeVisible();
  }
  await other.getByRole('button', { name: 'Understood' }).click();
  for (const device of [other, page]) await expect(device.getByText('This event moved')).toHaveCount(0);
});

test('a ticket of another user and a ticket that does not exist are not shown', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const theirs = await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  const page = await open();
  await signUp(page);
  for (const id of [theirs.id, 'kept', '0'.repeat(24)]) {
    await page.goto(`/tickets/${id}`);
    await expect(page.getByText('There is no such ticket among your bookings.')).toBeVisible();
  }
});

test('an organiser reads whose ticket a buyer’s is, without the words and actions of the buyer', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser);
  const account = newAccount('Zoë Zander');
  const { token } = await signUp(await open(), account);
  const buyer = connectRemote(site.url, token);
  const { id, code: bookingCode } = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const desk = await open();
  await signInOrganiser(desk);
  const main = desk.getByRole('main');
  await desk.goto(`/de/tickets/${id}`);
  await expect(main).toContainText('Ticket von Zoë Zander');
  await desk.goto(`/tickets/${id}`);
  await expect(qr(desk)).toBeVisible();
  await expect(main).toContainText('Ticket of Zoë Zander');
  await expect(main.getByRole('link', { name: account.email })).toBeVisible();
  await expect(main).not.toContainText(/your ticket|you can cancel|my bookings/i);
  for (const name of ['Cancel booking', 'Add to calendar', 'Google Calendar', 'Understood'])
    await expect(main.getByText(name)).toHaveCount(0);
  await expect(main.getByRole('button')).toHaveText(['Print']);
  await expect(main.getByRole('link', { name: 'Save as PDF' })).toBeVisible();
  await main.getByText('More', { exact: true }).click();
  await expect(main.getByRole('button')).toHaveText(['Print', 'Copy code']);
  expect(await everythingKept(desk)).not.toContain(bookingCode);

  await buyer.must('cancelBooking', { bookingId: id });
  buyer.close();
  await desk.reload();
  await expect(main).toContainText('This ticket is no longer valid.');
  await expect(main).toContainText('The buyer gave these seats back on');
  await expect(main).not.toContainText('You gave');
  await main.getByRole('link', { name: 'Bookings of this event' }).click();
  await expect(desk).toHaveURL(`/admin/events/${event.id}/bookings`);
  await desk.goto(`/tickets/${'0'.repeat(24)}`);
  await expect(main).toContainText('There is no such ticket.');
});

test('without a network My bookings says how many tickets this device does not keep', async ({ site, open }) => {
  const event = await createEvent(site.organiser);
  const page = await open({ allowed: [serverAway('the network goes away')] });
  const { token } = await signUp(page);
  const buyer = connectRemote(site.url, token);
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 1 });
  buyer.close();
  await page.goto('/bookings');
  await untilLive(page);
  await expect.poll(() => everythingKept(page)).toContain(event.title);
  await untilKept(page);
  await page.context().setOffline(true);
  // As if 202 tickets had been bought; the unit tests of the store count them.
  await page.evaluate(`
    const kept = JSON.parse(localStorage.getItem('frontrow.tickets'));
    localStorage.setItem('frontrow.tickets', JSON.stringify({ ...kept, missing: { a: '${inDays(7)}', b: '${inDays(7)}' } }));
  `);
  await page.goto('/bookings');
  await expect(page.getByText('2 more tickets are not kept on this device.')).toBeVisible();
  await page.goto(`/tickets/${'0'.repeat(24)}`);
  await expect(page.getByText('No connection, and this ticket is not kept on this device.')).toBeVisible();
});

test('a page with kept files takes them from the browser’s cache, without the worker, which may be stopped meanwhile', async ({
  open,
}) => {
  const page = await open();
  await signUp(page);
  await page.goto('/bookings');
  await untilKept(page);
  await page.reload();
  await untilLive(page);
  const sources = await page.evaluate<string[]>(`
    performance.getEntriesByType('resource')
      .filter(({ name }) => name.includes('/_app/immutable/') && name.endsWith('.js'))
      .map(({ workerFinalSourceType }) => workerFinalSourceType)
  `);
  expect(sources.length).toBeGreaterThan(10);
  expect(new Set(sources)).toEqual(new Set(['cache']));
});
