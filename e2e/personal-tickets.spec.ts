import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import type { Booking } from '#shared/booking.ts';
import { expectGoodAtEachWidth } from './site/good-page.ts';
import { everythingKept, untilKept } from './site/kept.ts';
import { bookingsOf, connectRemote, createEvent } from './site/organiser.ts';
import { signInOrganiser, signUp } from './site/people.ts';
import { refusal, serverAway } from './site/problems.ts';
import { untilLive } from './site/seats.ts';
import { expect, PHONE, SCREENS, test, type Site } from './site/test.ts';

test.use({ serviceWorkers: 'allow' });
test.setTimeout(90_000);

const qr = (page: Page) => page.getByRole('main').locator('svg[data-qr]');

/** A buyer's browser with the ticket of a booking of so many seats, and a client with the same session. */
async function openBooking(
  { url, organiser }: Site,
  page: Page,
  { seats = 3, title, at = '' }: { seats?: number; title?: string; at?: string } = {},
) {
  const event = await createEvent(organiser, { totalSeats: 20, ...(title !== undefined && { title }) });
  const account = await signUp(page);
  const buyer = connectRemote(url, account.token);
  const booking = await buyer.must('book', { requestId: randomUUID(), eventId: event.id, seats });
  // Headless Chromium has no clipboard access and no share sheet: what is copied is noted.
  await page.addInitScript(`
    window.copied = [];
    navigator.clipboard.writeText = async (text) => void window.copied.push(text);
  `);
  await page.goto(`${at}/tickets/${booking.id}`);
  await untilLive(page);
  return { event, account, buyer, booking };
}

const open = async (page: Page, name = 'One ticket each', more = 'More') => {
  await page.getByText(more, { exact: true }).click();
  await page.getByRole('button', { name }).click();
  return page.getByRole('dialog', { name });
};

const copied = (page: Page) => page.evaluate<string[]>('window.copied');

/** Copies the link of a ticket, and waits until it is noted as sent. */
async function send(page: Page, number: number, of: number): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'One ticket each' });
  const row = dialog.getByRole('listitem').filter({ hasText: `Ticket ${number} of ${of}` });
  await row.getByRole('button', { name: /^Copy link/ }).click();
  await expect(row).toContainText('Sent:');
  return (await copied(page)).at(-1) ?? '';
}

test('a buyer of three seats sends two tickets; each lets in one person, once, and the rest enters with the booking', async ({
  site,
  open: visit,
}) => {
  const page = await visit({ viewport: PHONE, hasTouch: true });
  const { event, account, buyer, booking } = await openBooking(site, page);
  const dialog = await open(page);
  await expect(dialog.getByRole('listitem')).toHaveCount(3);
  await expect(dialog.getByText('Not sent')).toHaveCount(3);
  const [second, third] = [await send(page, 2, 3), await send(page, 3, 3)];
  await expect(dialog.getByText('Not sent')).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(page.getByText('2 of 3 people have tickets of their own.')).toBeVisible();

  const friend = await visit({ ...SCREENS.phone });
  const answer = await friend.goto(second);
  expect(answer?.headers()).toMatchObject({
    'x-robots-tag': expect.stringContaining('noindex'),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  });
  await expect(friend.getByRole('heading', { level: 1, name: event.title })).toBeVisible();
  await expect(friend.getByRole('article')).toContainText('Ticket 2 of 3');
  await expect(qr(friend)).toHaveAttribute('data-qr', /^FR2\./);
  expect((await qr(friend).boundingBox())?.width).toBeGreaterThanOrEqual(200);
  const source = await friend.content();
  for (const secret of [booking.code, account.email, account.name, 'Sign in to cancel'])
    expect(source).not.toContain(secret);
  const download = friend.waitForEvent('download');
  await friend.getByRole('link', { name: 'Save as PDF' }).click();
  expect((await readFile(await (await download).path(), 'latin1')).startsWith('%PDF-')).toBe(true);

  const desk = await visit();
  await signInOrganiser(desk);
  await desk.goto(`/admin/events/${event.id}/door`);
  await untilLive(desk);
  const scan = async (text: string | null) => {
    await desk.getByLabel('Ticket or code').fill(text ?? '');
    await desk.keyboard.press('Enter');
  };
  const own = await qr(friend).getAttribute('data-qr');
  const last = desk.getByRole('main').locator('[aria-live=assertive]');
  await scan(own);
  await expect(last).toContainText('Let in: 1 seat');
  await expect(last).toContainText('Ticket 2 of 3');
  await expect(last).toContainText('1 of 3');
  await scan(own);
  await expect(last).toContainText(/Already inside since \d\d:\d\d/);
  await scan(booking.ticket);
  await expect(last).toContainText('Let in: 2 seats');
  const late = await visit();
  await late.goto(third);
  await expect(late.getByText(/This person is inside since/)).toBeVisible();
  await scan(await qr(late).getAttribute('data-qr'));
  await expect(last).toContainText(/Already inside since \d\d:\d\d/);
  await expect(last).toContainText('3 of 3');
  await friend.reload();
  await expect(friend.getByText(/This person is inside since \d\d:\d\d/)).toBeVisible();
  const [stored] = await bookingsOf(site.url, account.token);
  expect((stored as Booking).checkedInSeats).toBe(3);
  buyer.close();
});

test('a ticket that was taken back says so, and the new link works', async ({ site, open: visit }) => {
  const page = await visit();
  const { event, buyer } = await openBooking(site, page, { seats: 2 });
  const dialog = await open(page);
  const before = await send(page, 2, 2);
  const row = dialog.getByRole('listitem').filter({ hasText: 'Ticket 2 of 2' });
  const friend = await visit({ allowed: [refusal(404, '/t/[\\w.-]+', 'a link with another letter')] });
  await friend.goto(before);
  await expect(qr(friend)).toBeVisible();
  await row.getByRole('button', { name: 'Take back: Ticket 2 of 2' }).click();
  await row.getByRole('button', { name: 'Leave it' }).click();
  await expect(row).toContainText('Sent:');
  await row.getByRole('button', { name: 'Take back: Ticket 2 of 2' }).click();
  await row.getByRole('button', { name: 'Take back now' }).click();
  await expect(row).toContainText('Not sent');
  await expect(dialog.getByRole('status').first()).toContainText('Ticket 2 of 2 was taken back.');
  await expect(row).toBeFocused();

  await friend.reload();
  await expect(friend.getByRole('heading', { level: 1, name: 'This ticket was taken back' })).toBeVisible();
  await expect(qr(friend)).toHaveCount(0);
  await expect(async () => {
    expect(await send(page, 2, 2)).not.toBe(before);
  }).toPass();
  const after = (await copied(page)).at(-1) ?? '';
  await friend.goto(after);
  await expect(qr(friend)).toBeVisible();
  await friend.goto(after.slice(0, -1) + (after.endsWith('A') ? 'B' : 'A'));
  await expect(friend.getByRole('heading', { level: 1, name: 'This link opens no ticket' })).toBeVisible();
  await expect(friend.locator('body')).not.toContainText(event.title);
  buyer.close();
});

test('cancelling a part says which sent tickets end, and their pages say so after that', async ({
  site,
  open: visit,
}) => {
  const page = await visit();
  const { buyer, booking } = await openBooking(site, page);
  await open(page);
  const [second, third] = [await send(page, 2, 3), await send(page, 3, 3)];
  await page.keyboard.press('Escape');
  const friends = [await visit(), await visit()] as const;
  await friends[0].goto(second);
  await friends[1].goto(third);
  for (const friend of friends) await expect(qr(friend)).toBeVisible();

  await page.getByRole('button', { name: 'Cancel booking' }).click();
  const dialog = page.getByRole('dialog', { name: 'Cancel this booking?' });
  await expect(dialog).toContainText('Ticket 2 of 3');
  await dialog.getByRole('button', { name: 'One seat fewer' }).click();
  await dialog.getByRole('button', { name: 'One seat fewer' }).click();
  await expect(dialog).toContainText(/This ends tickets that you have sent: .?Ticket 3 of 3/);
  await expect(dialog).not.toContainText('Ticket 2 of 3');
  await dialog.getByRole('button', { name: 'Cancel 1 seat' }).click();
  await expect(dialog).toBeHidden();
  await friends[1].reload();
  await expect(friends[1].getByRole('heading', { level: 1, name: 'This ticket is no longer valid.' })).toBeVisible();
  await friends[0].reload();
  await expect(friends[0].getByRole('article')).toContainText('Ticket 2 of 2');
  await buyer.must('cancelBooking', { bookingId: booking.id });
  await friends[0].reload();
  await expect(friends[0].getByRole('heading', { level: 1, name: 'This ticket is no longer valid.' })).toBeVisible();
  buyer.close();
});

test('a person’s ticket that was opened once shows without a network, and without scripts', async ({
  site,
  open: visit,
}) => {
  const page = await visit();
  const { event, buyer } = await openBooking(site, page, { seats: 2 });
  await open(page);
  const link = await send(page, 1, 2);
  const friend = await visit({ allowed: [serverAway('the network goes away')] });
  await friend.goto(link);
  await untilLive(friend);
  await expect.poll(() => everythingKept(friend)).toContain(event.title);
  await untilKept(friend);
  await expect.poll(() => everythingKept(friend)).toContain('/t/kept');
  await friend.context().setOffline(true);
  await friend.reload();
  await expect(friend.getByText('This was kept on this device')).toBeVisible();
  await expect(friend.getByRole('article')).toContainText('Ticket 1 of 2');
  await expect(qr(friend)).toBeVisible();
  const plain = await visit({ ...SCREENS.phone, javaScriptEnabled: false });
  await plain.goto(new URL(link).origin + '/de' + new URL(link).pathname);
  await expect(plain.getByRole('article')).toContainText('Ticket 1 von 2');
  await expect(qr(plain)).toBeVisible();
  buyer.close();
});

for (const [at, words] of [
  ['', { name: 'One ticket each', more: 'More' }],
  ['/de', { name: 'Ein Ticket pro Person', more: 'Mehr' }],
] as const) {
  test(`tickets for ten people with long names have no accessibility violations, at ${at || '/'}`, async ({
    site,
    open: visit,
  }) => {
    const title =
      'Donaudampfschifffahrtsgesellschaftskapitänskonzert mit sehr vielen Instrumenten und einem Chor aus Übersee am Abend, II';
    const page = await visit();
    const { buyer, booking } = await openBooking(site, page, { seats: 10, title, at });
    await buyer.must('shareTicket', { bookingId: booking.id, type: 't1', number: 10, issue: 0 });
    const dialog = await open(page, words.name, words.more);
    await expect(dialog.getByRole('listitem')).toHaveCount(10);
    await expectGoodAtEachWidth(page, 'the tickets of ten people');
    const link = await dialog.getByRole('listitem').last().getByRole('link').getAttribute('href');
    await page.goto(link ?? '');
    await untilLive(page);
    await expectGoodAtEachWidth(page, 'the ticket of one person');
    buyer.close();
  });
}
