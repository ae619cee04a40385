import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import type { CommandRequest } from '#shared/protocol/commands.ts';
import type { Event } from '#shared/event.ts';
import { expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { bookingsOf, createEvent } from './site/organiser.ts';
import { newAccount, signUp } from './site/people.ts';
import { heading, pressUntil, untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type Site } from './site/test.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const ADULT = { name: 'Adult', price: euros(4_000) };
const CHILD = { name: 'Child', price: euros(1_250) };
const FRIENDS = { name: 'Friends', price: euros(1_000), access: 'voucher' as const };

/** Makes a voucher with a code that no other test has. */
async function makeVoucher(
  { organiser }: Site,
  event: Event,
  more: Partial<CommandRequest<'createVouchers'>>,
): Promise<string> {
  const code = `JAZZ-${randomUUID().slice(0, 8)}`.toUpperCase();
  await organiser.must('createVouchers', { requestId: randomUUID(), eventId: event.id, count: 1, code, ...more });
  return code;
}

const line = (page: Page, name: string) =>
  page.locator('[data-ticket-type]').filter({ has: page.getByText(name, { exact: true }) });
const more = (page: Page, name: string) => page.getByRole('button', { name: `One more: ${name}` });
const question = (page: Page) => page.getByText('Have a voucher?');

async function apply(page: Page, code: string): Promise<void> {
  if (!(await page.getByLabel('Voucher code').isVisible())) await question(page).click();
  await page.getByLabel('Voucher code').fill(code);
  await page.getByRole('button', { name: 'Apply' }).click();
}

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a voucher on a ${name} takes something off each line, and the booking has it`, async ({ site, open }) => {
    const event = await createEvent(site.organiser, { ticketTypes: [ADULT, CHILD] });
    const code = await makeVoucher(site, event, { percentOff: 15, maxTickets: 3 });
    const page = await open(screen);
    const { token } = await signUp(page);
    await page.goto(`/events/${event.id}`);
    await untilLive(page);
    await more(page, 'Adult').click();
    await more(page, 'Child').click();
    await apply(page, ` ${code.toLowerCase()} `);
    await expect(page.getByText(`Voucher ${code} is applied.`)).toBeVisible();
    await expect(page.getByText('Good for 3 more tickets.')).toBeVisible();
    await expect(line(page, 'Adult').locator('s')).toContainText('€40.00');
    await expect(line(page, 'Adult').locator('b')).toHaveText('€34.00');
    // 15 % of €12.50 is €1.875, rounded half up to €1.88.
    await expect(line(page, 'Child').locator('b')).toHaveText('€10.62');
    await expect(page.getByText('−€7.88').or(page.getByText('-€7.88'))).toBeVisible();
    await expect(page.getByText('€44.62', { exact: true })).toBeVisible();
    await expectGoodState(page, 'a voucher');

    await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
    await expect(page.getByRole('list', { name: 'Tickets' }).getByRole('listitem')).toHaveText([
      '1 × Adult €34.00 €6.00 off',
      '1 × Child €10.62 €1.88 off',
    ]);
    await expect(page.getByText(`Voucher ${code}: €7.88 off`)).toBeVisible();
    expect(await bookingsOf(site.url, token)).toMatchObject([{ voucher: code, total: euros(4_462) }]);
  });
}

test('a link with a voucher opens what is hidden where everything else is, after signing in and over a reload', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { ticketTypes: [FRIENDS] });
  const code = await makeVoucher(site, event, { opens: [event.ticketTypes[0]?.id ?? ''] });
  const page = await open({ viewport: NARROW });
  const account = newAccount();
  await signUp(await open(), account);
  await page.goto(`/events/${event.id}?voucher=${code.toLowerCase()}`);
  await untilLive(page);
  await expect(page.getByText('These tickets are sold with a voucher.')).toBeVisible();
  await expect(page.getByText(`Sign in to use the voucher ${code}.`)).toBeVisible();
  await expectGoodState(page, 'a voucher before signing in');
  await page.getByRole('link', { name: 'Sign in to use it' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('link', { name: 'Use your password' }).click();
  await dialog.getByLabel('Email').fill(account.email);
  await dialog.getByLabel('Password').fill(account.password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await expect(line(page, 'Friends')).toContainText('€10.00');
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);

  await page.reload();
  await expect(line(page, 'Friends')).toBeVisible();
  // Another page of the site, and back by a link without the code.
  await page.goto('/bookings');
  await page.goto(`/events/${event.id}`);
  await expect(line(page, 'Friends')).toBeVisible();
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
  await expect(page.getByRole('list', { name: 'Tickets' })).toHaveText('2 × Friends €20.00');
});

test('a voucher is never part of a rendered page, nor are the tickets that it opens', async ({ site, request }) => {
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, FRIENDS] });
  const code = await makeVoucher(site, event, { opens: [event.ticketTypes[1]?.id ?? ''] });
  const html = await (await request.get(`/events/${event.id}?voucher=${code}`)).text();
  expect(html).toContain('Adult');
  expect(html).not.toContain(code);
  expect(html).not.toContain('Friends');
});

test('a removed voucher is gone after a reload too, and its hidden tickets with it', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, FRIENDS] });
  const code = await makeVoucher(site, event, { opens: [event.ticketTypes[1]?.id ?? ''] });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}?voucher=${code}`);
  await expect(line(page, 'Friends')).toBeVisible();
  await page.getByRole('button', { name: 'Remove the voucher' }).click();
  await expect(line(page, 'Friends')).toHaveCount(0);
  await expect(page).toHaveURL(`/events/${event.id}`);
  await page.reload();
  await untilLive(page);
  await expect(question(page)).toBeVisible();
  await expect(line(page, 'Friends')).toHaveCount(0);
});

test('a voucher that gives nothing says why, by keyboard and in German', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, CHILD] });
  const old = await makeVoucher(site, event, {
    percentOff: 10,
    validUntil: new Date(Date.now() - 1_000).toISOString(),
  });
  const page = await open({ viewport: NARROW });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await question(page).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('no-such-code');
  await page.keyboard.press('Enter');
  const said = page.getByRole('status').filter({ hasText: 'Voucher NO-SUCH-CODE' });
  await expect(said).toContainText('This code is not valid for this event.');
  await expectGoodState(page, 'an unknown voucher');
  await page.goto(`/de/events/${event.id}?voucher=${old}`);
  await expect(page.getByText('Dieser Gutschein gilt nicht mehr.')).toBeVisible();
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
});

test('an event with one price takes a voucher as well, and a hundred percent makes it free', async ({ site, open }) => {
  const event = await createEvent(site.organiser, { price: euros(2_000) });
  const code = await makeVoucher(site, event, { percentOff: 100 });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
  await expect(page.getByRole('button', { name: 'Hold 2 seats' })).toBeVisible();
  await apply(page, code);
  await expect(page.getByText(`Voucher ${code} is applied.`)).toBeVisible();
  await pressUntil(page, 'Book 2 seats', heading(page, 'You have 2 seats'));
});

test('a voucher that others used up meanwhile is refused by its reason, and the page shows the full prices again', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, CHILD] });
  const code = await makeVoucher(site, event, { percentOff: 50, maxTickets: 1 });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}?voucher=${code}`);
  await untilLive(page);
  await more(page, 'Adult').click();
  await expect(page.getByText('€20.00', { exact: true }).first()).toBeVisible();
  const tickets = [{ type: event.ticketTypes[0]?.id ?? '', count: 1 }];
  await site.organiser.must('book', { requestId: randomUUID(), eventId: event.id, tickets, voucher: code });
  await pressUntil(page, 'Hold 1 seat', page.getByText('This voucher is used up. Nothing was booked.'));
  await expect(line(page, 'Adult')).toContainText('€40.00');
  await expect(line(page, 'Adult').locator('s')).toHaveCount(0);
});

test('the count of a hidden type moves while its page is open, and never what somebody has chosen', async ({
  site,
  open,
}) => {
  // The page asks for the counts of a voucher every 15 seconds at most.
  test.setTimeout(120_000);
  const asked = { timeout: 25_000 };
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, { ...FRIENDS, limit: 3 }] });
  const hidden = event.ticketTypes[1]?.id ?? '';
  const code = await makeVoucher(site, event, { opens: [hidden] });
  const page = await open();
  await signUp(page);
  await page.goto(`/events/${event.id}?voucher=${code}`);
  await expect(line(page, 'Friends')).toContainText('3 left');
  await more(page, 'Friends').click();
  const tickets = [{ type: hidden, count: 3 }];
  const taken = await site.organiser.must('book', {
    requestId: randomUUID(),
    eventId: event.id,
    tickets,
    voucher: code,
  });
  await expect(line(page, 'Friends')).toContainText('Sold out', asked);
  await expect(page.getByText('Friends is sold out now. Without it you can book the rest.')).toBeVisible();
  await expect(page.getByRole('spinbutton', { name: 'Friends' })).toHaveValue('1');
  await expectGoodState(page, 'a hidden type that is sold out');
  await site.organiser.must('cancelBooking', { bookingId: taken.id });
  await expect(line(page, 'Friends')).toContainText('3 left', asked);
  await pressUntil(page, 'Hold 3 seats', heading(page, 'You hold 3 seats'));
});

test('a voucher that others use up meanwhile says so without moving a control, and its uses come back', async ({
  site,
  open,
}) => {
  test.setTimeout(120_000);
  const asked = { timeout: 25_000 };
  const event = await createEvent(site.organiser, { ticketTypes: [ADULT, CHILD] });
  const code = await makeVoucher(site, event, { percentOff: 50, maxTickets: 1 });
  const page = await open({ viewport: NARROW });
  await signUp(page);
  await page.goto(`/events/${event.id}?voucher=${code}`);
  await untilLive(page);
  await more(page, 'Adult').click();
  await expect(page.getByText('Good for 1 more ticket.')).toBeVisible();
  const controls = [more(page, 'Adult'), more(page, 'Child'), page.getByRole('button', { name: 'Hold 1 seat' })];
  const boxes = () => Promise.all(controls.map((one) => one.boundingBox()));
  const before = await boxes();
  const tickets = [{ type: event.ticketTypes[0]?.id ?? '', count: 1 }];
  const taken = await site.organiser.must('book', {
    requestId: randomUUID(),
    eventId: event.id,
    tickets,
    voucher: code,
  });
  await expect(page.getByRole('status').filter({ hasText: `Voucher ${code}` })).toContainText('used up', asked);
  expect(await boxes()).toEqual(before);
  await site.organiser.must('cancelBooking', { bookingId: taken.id });
  await expect(page.getByText('Good for 1 more ticket.')).toBeVisible(asked);
  await pressUntil(page, 'Hold 1 seat', heading(page, 'You hold 1 seat'));
  await expect(page.getByRole('list', { name: 'Tickets' })).toContainText('€20.00');
});
