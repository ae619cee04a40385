import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expectGoodPage } from './site/good-page.ts';
import { everythingKept, untilKept } from './site/kept.ts';
import { startMailServer, type MailServer } from './site/mail.ts';
import { createEvent, inDays } from './site/organiser.ts';
import { connectBuyer } from './site/people.ts';
import { refusal, serverAway } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, SCREENS, test as base } from './site/test.ts';
import { withVisitedSite, type VisitedSite } from './site/visited-site.ts';

interface Mailing extends VisitedSite {
  mails: MailServer;
}

/** A site that sends mails. */
const test = base.extend<{ mailing: Mailing }>({
  mailing: async ({ databases, open }, use) => {
    const mails = await startMailServer();
    await withVisitedSite({ databases, open }, { SMTP_URL: mails.url }, (site) => use({ ...site, mails }));
    await mails.close();
  },
});

test.use({ serviceWorkers: 'allow' });
test.setTimeout(90_000);

/** Books two seats of a free event, and waits for the mail with the link. */
async function bookAndRead({ url, organiser, mails }: Mailing, more: Parameters<typeof createEvent>[1] = {}) {
  const event = await createEvent(organiser, more);
  const buyer = await connectBuyer({ url }, 'Bob Buyer');
  const booking = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const path = new URL(await mails.ticketLinkTo(buyer.email)).pathname;
  return { event, buyer, booking, path };
}

const qr = (page: Page) => page.getByRole('main').locator('svg[data-qr]');

test('a mailed link shows the ticket in a fresh browser, follows a move, and says after a cancellation that it ended', async ({
  mailing,
}) => {
  const { event, buyer, booking, path } = await bookAndRead(mailing);
  const page = await mailing.visit({ ...SCREENS.phone });
  const answer = await page.goto(path);
  expect(answer?.status()).toBe(200);
  expect(answer?.headers()).toMatchObject({
    'x-robots-tag': expect.stringContaining('noindex'),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  await expect(page.locator('meta[name=robots]')).toHaveAttribute('content', /noindex/);
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(qr(page)).toHaveAttribute('data-qr', booking.ticket ?? '');
  expect((await qr(page).boundingBox())?.width).toBeGreaterThanOrEqual(200);
  await expect(page.getByText(booking.code.replace(/(.{4})(?=.)/g, '$1 '))).toBeVisible();
  for (const [name, start] of [
    ['Add to calendar', 'BEGIN:VCALENDAR'],
    ['Save as PDF', '%PDF-'],
  ] as const) {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name }).click();
    expect((await readFile(await (await download).path(), 'latin1')).startsWith(start)).toBe(true);
  }

  await untilLive(page);
  const changes = { venue: 'The New Town Hall', startsAt: inDays(21) };
  await mailing.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes });
  await expect(page.getByText('This event moved from “The Old Fire Station” to “The New Town Hall”.')).toBeVisible();
  await expect(page.getByRole('article')).toContainText('The New Town Hall');

  await buyer.must('cancelBooking', { bookingId: booking.id });
  buyer.close();
  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'This ticket is no longer valid.' })).toBeVisible();
  await expect(qr(page)).toHaveCount(0);
});

test('a link that was altered by one letter shows no ticket, like one that never was', async ({ mailing }) => {
  const { event, buyer, path } = await bookAndRead(mailing);
  buyer.close();
  const page = await mailing.visit({ allowed: [refusal(404, '/t/[\\w.-]+', 'a link with another letter')] });
  const altered = path.slice(0, -1) + (path.endsWith('A') ? 'B' : 'A');
  for (const wrong of [altered, '/t/nothing']) {
    const answer = await page.goto(wrong);
    expect(answer?.status()).toBe(404);
    expect(answer?.headers()['x-robots-tag']).toContain('noindex');
    await expect(page.getByRole('heading', { level: 1, name: 'This link opens no ticket' })).toBeVisible();
    await expect(page.locator('body')).not.toContainText(event.title);
  }
});

test('a linked ticket is readable without scripts, in German, with its code', async ({ mailing }) => {
  const { event, buyer, booking, path } = await bookAndRead(mailing, { title: 'Übermäßig große Füße' });
  buyer.close();
  const page = await mailing.visit({ ...SCREENS.phone, javaScriptEnabled: false });
  await page.goto(`/de${path}`);
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(qr(page)).toHaveAttribute('data-qr', booking.ticket ?? '');
  expect((await qr(page).boundingBox())?.width).toBeGreaterThanOrEqual(200);
  await expect(page.getByRole('link', { name: 'Als PDF sichern' })).toHaveAttribute('href', /locale=de$/);
});

test('a linked ticket that was opened once shows without a network, and only this one', async ({ mailing }) => {
  const { event, buyer, path } = await bookAndRead(mailing);
  buyer.close();
  const page = await mailing.visit({ allowed: [serverAway('the network goes away')] });
  await page.goto(path);
  await untilLive(page);
  await expect.poll(() => everythingKept(page)).toContain(event.title);
  await untilKept(page);
  await expect.poll(() => everythingKept(page)).toContain('/t/kept');
  await page.context().setOffline(true);
  await page.reload();
  await expect(page.getByText('This was kept on this device')).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(qr(page)).toBeVisible();
  await page.goto('/t/another-link');
  await expect(page.getByText('No connection, and no ticket kept on this device.')).toBeVisible();
  await expect(page.locator('body')).not.toContainText(event.title);
});

test('a linked ticket has no accessibility violations, in light and dark, and fits 320 px', async ({ mailing }) => {
  const title = 'Donaudampfschifffahrtsgesellschaftskonzert';
  const { buyer, path } = await bookAndRead(mailing, { title });
  buyer.close();
  await expectGoodPage(await mailing.visit(), path, title);
});
