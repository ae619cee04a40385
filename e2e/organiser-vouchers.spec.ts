import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expectGoodPage, expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { createEvent, inDays } from './site/organiser.ts';
import { connectBuyer, signInOrganiser } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, test, type OpenOptions, type Site } from './site/test.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const dialog = (page: Page) => page.getByRole('dialog', { name: 'New vouchers' });
const row = (page: Page, code: string) => page.getByRole('main').getByRole('listitem').filter({ hasText: code });

/** Creates an event with a public and a hidden ticket type, and opens its vouchers in an organiser's browser. */
async function openVouchers(
  site: Site,
  open: (options?: OpenOptions) => Promise<Page>,
  options?: OpenOptions,
  more: Parameters<typeof createEvent>[1] = {},
) {
  const event = await createEvent(site.organiser, {
    totalSeats: 40,
    ticketTypes: [
      { name: 'Adult', price: euros(2_000) },
      { name: 'Child', price: euros(800) },
      { name: 'Friends', price: euros(0), access: 'voucher' },
    ],
    ...more,
  });
  const page = await open(options);
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}/vouchers`);
  await untilLive(page);
  const create = (input: object) =>
    site.organiser.must('createVouchers', {
      requestId: randomUUID(),
      eventId: event.id,
      count: 1,
      percentOff: 10,
      ...input,
    });
  return { event, page, create };
}

test('an organiser makes a voucher with a code of their own, and copies the link that applies it', async ({
  site,
  open,
}) => {
  const { event, page } = await openVouchers(site, open, { permissions: ['clipboard-read', 'clipboard-write'] });
  await expect(page.getByText('No vouchers yet.')).toBeVisible();
  await page.getByRole('button', { name: 'New vouchers' }).click();
  await dialog(page).getByLabel('Code', { exact: false }).fill('choir-25');
  await dialog(page).getByLabel('Percent off').fill('25');
  await dialog(page).getByRole('group', { name: 'Discount for' }).getByLabel('Adult').check();
  await dialog(page).getByRole('group', { name: 'Opens' }).getByLabel('Friends').check();
  await dialog(page).getByLabel('Tickets with it, at most').fill('4');
  await dialog(page).getByLabel('Note').fill('For the choir');
  await dialog(page).getByRole('button', { name: 'Make 1 voucher' }).click();

  await expect(page.getByText('The voucher CHOIR-25 is ready.')).toBeVisible();
  const line = row(page, 'CHOIR-25');
  await expect(line).toContainText(/25% off for .?Adult.?; opens .?Friends/);
  await expect(line).toContainText('0 of 4 used, 0 being paid for');
  await expect(line).toContainText('For the choir');
  await line.getByRole('button', { name: 'Copy link: CHOIR-25' }).click();
  await expect(page.getByText('Copied.')).toBeVisible();
  expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(
    `${site.url}/events/${event.id}?voucher=CHOIR-25`,
  );
});

test('the form of new vouchers says at its fields what is missing and what is taken, and makes nothing', async ({
  site,
  open,
}) => {
  const { page, create } = await openVouchers(site, open);
  await create({ code: 'CHOIR' });
  await page.getByRole('button', { name: 'New vouchers' }).click();
  const code = dialog(page).getByLabel('Code', { exact: false });
  await dialog(page).getByLabel('Percent off').fill('101');
  await code.fill('A B');
  await dialog(page).getByRole('button', { name: 'Make 1 voucher' }).click();
  await expect(code).toBeFocused();
  await expect(code).toHaveAccessibleDescription(/^Please use up to 40 letters, digits and hyphens\./);
  await expect(dialog(page).getByLabel('Percent off')).toHaveAccessibleDescription(
    /^Please enter a whole number from 1/,
  );
  await code.fill('choir');
  await dialog(page).getByLabel('Discount').selectOption('Amount off each ticket');
  await dialog(page).getByLabel('Off each ticket').fill('2.50');
  await dialog(page).getByRole('button', { name: 'Make 1 voucher' }).click();
  await expect(code).toHaveAccessibleDescription(/^This event has a voucher with this code already\./);
  await expect(dialog(page)).toBeVisible();
});

test('a thousand vouchers are made at once, are paged and searched, and come as CSV', async ({ site, open }) => {
  const { event, page, create } = await openVouchers(site, open);
  await create({ code: 'SINGLE', note: 'For the mayor' });
  await page.getByRole('button', { name: 'New vouchers' }).click();
  await dialog(page).getByLabel('How many').fill('1000');
  await expect(dialog(page).getByLabel('Code', { exact: false })).toHaveCount(0);
  await dialog(page).getByLabel('Tickets with it, at most').fill('1');
  await dialog(page).getByRole('button', { name: 'Make 1000 vouchers' }).click();
  await expect(page.getByText('1000 vouchers are ready. The CSV has all codes and links.')).toBeVisible();
  await expect(page.getByRole('heading', { name: '1001 vouchers' })).toBeVisible();
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.getByText('Page 2 of 51')).toBeVisible();
  await page.getByRole('searchbox', { name: 'Code or note' }).fill('mayor');
  await expect(page.getByRole('heading', { name: '1 voucher' })).toBeVisible();
  await expect(row(page, 'SINGLE')).toBeVisible();

  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toBe(`vouchers-${event.id}.csv`);
  const lines = (await readFile(await file.path(), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(1_002);
});

test('the use of a voucher is shown live while buyers hold, pay and give back', async ({ site, open }) => {
  const { event, page, create } = await openVouchers(site, open);
  await create({ code: 'TWICE', percentOff: 50, maxTickets: 3 });
  await page.reload();
  await untilLive(page);
  const line = row(page, 'TWICE');
  await expect(line).toContainText('0 of 3 used, 0 being paid for');
  const buyer = await connectBuyer(site, 'Alice');
  const booked = await buyer.must('book', {
    requestId: randomUUID(),
    eventId: event.id,
    tickets: [{ type: 't1', count: 3 }],
    voucher: 'twice',
  });
  await expect(line).toContainText('0 of 3 used, 3 being paid for');
  await expect(line).toContainText('Used up');
  const { url } = await buyer.must('checkout', { bookingId: booked.id });
  const body = new URLSearchParams({ card: '4242424242424242' });
  await fetch(url, { method: 'POST', body, redirect: 'manual' });
  await expect(line).toContainText('3 of 3 used, 0 being paid for');
  await buyer.must('cancelBooking', { bookingId: booked.id });
  await expect(line).toContainText('0 of 3 used, 0 being paid for');
  buyer.close();
});

test('a voucher is changed, disabled and enabled again; its limit stays at least what is used', async ({
  site,
  open,
}) => {
  const { event, page, create } = await openVouchers(site, open);
  await create({ code: 'FRIENDS', percentOff: 100, maxTickets: 5 });
  const buyer = await connectBuyer(site, 'Alice');
  const book = () => {
    const tickets = [{ type: 't1', count: 2 }];
    return buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets, voucher: 'FRIENDS' });
  };
  await book();
  await page.reload();
  await untilLive(page);
  const line = row(page, 'FRIENDS');
  await line.getByRole('button', { name: 'Change FRIENDS' }).click();
  const change = page.getByRole('dialog', { name: 'Change FRIENDS' });
  await change.getByLabel('Tickets with it, at most').fill('1');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change.getByLabel('Tickets with it, at most')).toHaveAccessibleDescription(/^At least 2: that many/);
  await change.getByLabel('Tickets with it, at most').fill('9');
  await change.getByLabel('Note').fill('Longer list');
  await change.getByRole('button', { name: 'Save' }).click();
  await expect(change).toBeHidden();
  await expect(line).toContainText('2 of 9 used');
  await expect(line).toContainText('Longer list');

  await line.getByRole('button', { name: 'Disable FRIENDS' }).click();
  await expect(line).toContainText('Disabled');
  await expect(book()).rejects.toThrow('VOUCHER_INVALID');
  await line.getByRole('button', { name: 'Enable FRIENDS' }).click();
  await expect(line.getByRole('button', { name: 'Disable FRIENDS' })).toBeVisible();
  await book();
  await expect(line).toContainText('4 of 9 used');
  buyer.close();
});

test('a voucher that another organiser makes is shown on a press only', async ({ site, open }) => {
  const { event, page, create } = await openVouchers(site, open);
  await create({ code: 'FIRST' });
  await page.reload();
  await untilLive(page);
  await expect(row(page, 'FIRST')).toBeVisible();
  await create({ code: 'SECOND' });
  const buyer = await connectBuyer(site, 'Alice');
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets: [{ type: 't1', count: 1 }] });
  await page.getByRole('button', { name: 'Show' }).click();
  await expect(page.getByRole('main').getByRole('listitem').first()).toContainText('SECOND');
  buyer.close();
});

test('the pages of vouchers have no accessibility violations and fit 320 px in both languages', async ({
  site,
  open,
}) => {
  test.setTimeout(120_000);
  const { event, page, create } = await openVouchers(site, open);
  await create({
    code: 'W'.repeat(40),
    note: 'Anlegestelle Steinerne Brücke, Regensburg',
    maxTickets: 1_000,
    maxTicketsPerUser: 2,
    opens: ['t3'],
    ticketTypes: ['t1', 't2'],
    validFrom: inDays(1),
    validUntil: inDays(2),
  });
  await create({ code: 'SHORT' });
  const path = `/admin/events/${event.id}/vouchers`;
  await expectGoodPage(page, path, '2 vouchers');
  await page.goto(path);
  await untilLive(page);
  await page.getByRole('button', { name: 'New vouchers' }).click();
  await dialog(page).getByLabel('Percent off').fill('0');
  await dialog(page).getByRole('button', { name: 'Make 1 voucher' }).click();
  await expect(dialog(page).getByLabel('Percent off')).toBeFocused();
  await expectGoodState(page, 'new vouchers');
  await page.setViewportSize(NARROW);
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Change SHORT' }).click();
  await expectGoodState(page, 'changing a voucher');
});
