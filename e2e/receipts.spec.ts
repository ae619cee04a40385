import { randomUUID } from 'node:crypto';
import type { Download, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { textOfPdf } from '../server/test/support/read-ticket.ts';
import { expectGoodState } from './site/good-page.ts';
import { createPriced, payBy, signUpAndHold, toPayment } from './site/payments.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { expect, SCREENS, test } from './site/test.ts';

test.setTimeout(90_000);

async function textOf(download: Download): Promise<string> {
  return (await textOfPdf(await readFile(await download.path()))).text;
}

/** Pays for two seats, and opens the ticket's further actions. Returns the address of the ticket. */
async function buyTicket(page: Page, eventId: string): Promise<void> {
  await signUpAndHold(page, eventId);
  await toPayment(page);
  await payBy(page, 'pays');
  await page.waitForURL(/\/paid\?/);
  await expect(page.locator('[data-outcome=confirmed]')).toBeVisible();
  await page.getByText('More', { exact: true }).click();
}

for (const [screen, options] of Object.entries(SCREENS)) {
  test(`a buyer downloads the receipt and has it made out to a company (${screen})`, async ({ site, open }) => {
    const event = await createPriced(site.organiser, { title: `Receipts ${randomUUID()}`, taxRate: 19 });
    const page = await open(options);
    await buyTicket(page, event.id);
    const downloaded = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Receipt (PDF)' }).click();
    const first = await textOf(await downloaded);
    expect(first).toMatch(/Receipt R-\d{6}/);
    expect(first).toContain('Tax, 19 % €6.39');
    await page.getByRole('link', { name: 'Invoice address' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Receipts and invoice address');
    await expect(page.getByRole('listitem').filter({ hasText: 'Receipt R-' })).toHaveCount(1);
    await expectGoodState(page, 'receipts');
    const form = page.getByRole('main');
    await form.getByRole('button', { name: 'Use this address' }).click();
    await expect(form.getByLabel('Company or name')).toBeFocused();
    const name = 'Müller & Söhne Gesellschaft für sehr lange Firmennamen mbH';
    for (const [label, value] of [
      ['Company or name', name],
      ['Street and number', 'Große Gasse 3'],
      ['Postcode', '93047'],
      ['Town', 'Regensburg'],
      ['Country', 'Germany'],
    ] as const)
      await form.getByLabel(label).fill(value);
    await form.getByRole('button', { name: 'Use this address' }).click();
    await expect(page.getByText('The receipt now has this address.')).toBeVisible();
    await expect(page.getByRole('listitem').filter({ hasText: /R-\d{6}/ })).toHaveCount(3);
    await expectGoodState(page, 'receipts');
    const again = page.waitForEvent('download');
    await page
      .getByRole('link', { name: /^PDF of R-/ })
      .last()
      .click();
    expect(await textOf(await again)).toContain('93047 Regensburg');
    await page.reload();
    await expect(form.getByLabel('Company or name')).toHaveValue(name);
  });
}

test('the page of receipts says so where nothing was paid, and is in German', async ({ site, open }) => {
  const event = await createPriced(site.organiser, { price: { amount: 0, currency: 'EUR' } });
  const page = await open();
  const { token } = await signUp(page);
  const booked = await fetch(`${site.url}/api/bookings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ requestId: randomUUID(), eventId: event.id, seats: 1 }),
  });
  const { id } = (await booked.json()) as { id: string };
  await page.goto(`/de/tickets/${id}/receipts`);
  await expect(page.getByText('Es gibt keinen Beleg: Für diese Buchung wurde nichts bezahlt.')).toBeVisible();
  await expectGoodState(page, 'receipts');
});

test('organisers set the tax rate, and get the receipts of an event as a file', async ({ site, open }) => {
  const event = await createPriced(site.organiser, { title: `Taxed ${randomUUID()}` });
  const page = await open();
  await signInOrganiser(page);
  await page.goto(`/admin/events/${event.id}`);
  const tax = page.getByLabel('Tax in the price, in per cent (optional)');
  await tax.fill('nineteen');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Please enter a percentage from 0 to 100')).toBeVisible();
  await tax.fill('8,1');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved.', { exact: false }).first()).toBeVisible();
  expect((await site.organiser.must('getEvent', { eventId: event.id })).taxRate).toBe(8.1);
  await page.goto(`/admin/events/${event.id}/sales`);
  const downloaded = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Receipts (CSV)', exact: true }).click();
  expect((await downloaded).suggestedFilename()).toBe(`receipts-${event.id}.csv`);
});
