import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import type { Event } from '#shared/event.ts';
import { expectGoodAtEachWidth } from './site/good-page.ts';
import { connectRemote, createEvent, inDays, type Remote } from './site/organiser.ts';
import { connectBuyer, signInOrganiser, signUp } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const LONG = 'Ermäßigungsberechtigte (Schülerinnen, Studierende, Azubis)';
const HIDDEN = { name: 'Friends of the house', price: euros(1_500), access: 'voucher' as const };

/** Types that a page has to show in each of their ways: limited, bounded in time, of several seats, extras, hidden. */
const TYPES = [
  { name: 'Early bird', price: euros(2_500), limit: 8, salesUntil: inDays(3), description: 'For a short while only.' },
  { name: LONG, price: euros(123_450) },
  { name: 'Family', price: euros(9_000), seats: 4 },
  { name: 'School class', price: euros(800), minPerBooking: 5, maxPerBooking: 8, salesFrom: inDays(2) },
  { name: 'Parking', price: euros(500), seats: 0, limit: 5 },
  HIDDEN,
];

/** The words that are pressed, by the part of the address that chooses the language. */
const WORDS = {
  '': {
    more: 'One more: ',
    fewer: 'One fewer: ',
    question: 'Have a voucher?',
    code: 'Voucher code',
    apply: 'Apply',
    change: 'Change tickets',
    cancel: 'Cancel booking',
    wait: /^Join the waiting list for 2/,
    rules: 'Description, dates and rules',
    newVouchers: 'New vouchers',
    changeVoucher: 'Change WINTER',
    ticket: 'Ticket or code',
    soldOut: 'Sold out',
    withVoucher: 'Tickets with voucher',
    cancelMost: 'Cancel 4 tickets',
    givenBack: /given back on/,
  },
  '/de': {
    more: 'Eins mehr: ',
    fewer: 'Eins weniger: ',
    question: 'Haben Sie einen Gutschein?',
    code: 'Gutscheincode',
    apply: 'Anwenden',
    change: 'Tickets ändern',
    cancel: 'Stornieren',
    wait: /^Auf die Warteliste für 2/,
    rules: 'Beschreibung, Termine und Regeln',
    newVouchers: 'Neue Gutscheine',
    changeVoucher: 'WINTER ändern',
    ticket: 'Ticket oder Code',
    soldOut: 'Ausverkauft',
    withVoucher: 'Tickets mit Gutschein',
    cancelMost: '4 Tickets stornieren',
    givenBack: /zurückgegeben\./,
  },
} as const;

function createTyped({ organiser }: Site, more: Parameters<typeof createEvent>[1] = {}): Promise<Event> {
  return createEvent(organiser, { totalSeats: 60, maxSeatsPerBooking: 20, ticketTypes: TYPES, ...more });
}

async function makeVoucher({ organiser }: Site, event: Event): Promise<void> {
  const opens = event.ticketTypes.flatMap(({ id, access }) => (access === 'voucher' ? [id] : []));
  const voucher = { requestId: randomUUID(), eventId: event.id, count: 1, code: 'WINTER', percentOff: 15, opens };
  await organiser.must('createVouchers', { ...voucher, maxTickets: 20, validUntil: inDays(4) });
}

function bookBy(remote: Remote, event: Event, counts: Record<string, number>, voucher?: string) {
  const tickets = Object.entries(counts).map(([type, count]) => ({ type, count }));
  return remote.must('book', { requestId: randomUUID(), eventId: event.id, tickets, ...(voucher && { voucher }) });
}

const press = (where: Page | Locator, name: string | RegExp) => where.getByRole('button', { name }).click();

/** A signed-in buyer's browser, and a client with the same session. */
async function buyerOf(site: Site, open: () => Promise<Page>): Promise<{ page: Page; remote: Remote }> {
  const page = await open();
  return { page, remote: connectRemote(site.url, (await signUp(page)).token) };
}

// axe checks each state four times: in light and dark, on a desk and on a phone.
test.setTimeout(180_000);

for (const [at, words] of Object.entries(WORDS)) {
  const language = at === '' ? 'English' : 'German';

  test(`choosing tickets with a voucher has no accessibility violations in each state, in ${language}`, async ({
    site,
    open,
  }) => {
    const [event, hidden] = [await createTyped(site), await createTyped(site, { ticketTypes: [HIDDEN] })];
    for (const one of [event, hidden]) await makeVoucher(site, one);
    const page = await open();
    await page.goto(`${at}/events/${hidden.id}`);
    await untilLive(page);
    await expectGoodAtEachWidth(page, 'an event whose types are all hidden');
    await page.goto(`${at}/events/${hidden.id}?voucher=WINTER`);
    await untilLive(page);
    await expectGoodAtEachWidth(page, 'a voucher before signing in');
    await signUp(page);
    // The code is kept, as the buyer comes back from signing in.
    await page.goto(`${at}/events/${hidden.id}`);
    await expect(page.getByText(HIDDEN.name)).toBeVisible();
    await expectGoodAtEachWidth(page, 'a hidden type that a voucher has opened');

    await page.goto(`${at}/events/${event.id}`);
    await untilLive(page);
    await page.getByText(words.question).click();
    await press(page, `${words.more}${LONG}`);
    await expectGoodAtEachWidth(page, 'the open field of a voucher');
    await page.getByLabel(words.code).fill('no-such-code');
    await press(page, words.apply);
    await expect(page.getByText('NO-SUCH-CODE')).toBeVisible();
    await expectGoodAtEachWidth(page, 'a refused voucher');
    await page.getByLabel(words.code).fill('winter');
    await press(page, words.apply);
    await expect(page.getByText(HIDDEN.name)).toBeVisible();
    await expectGoodAtEachWidth(page, 'an applied voucher');
    await bookBy(site.organiser, event, { t1: 8 });
    await expect(page.locator('[data-ticket-type="t1"]').getByText(words.soldOut)).toBeVisible();
    await expectGoodAtEachWidth(page, 'an early bird that has run out');
  });

  test(`a hold and a booking of several types have no accessibility violations in each state, in ${language}`, async ({
    site,
    open,
  }) => {
    const event = await createTyped(site);
    await makeVoucher(site, event);
    const { page, remote } = await buyerOf(site, open);
    const held = await bookBy(remote, event, { t1: 2, t2: 1, t5: 1, t6: 1 }, 'WINTER');
    await page.goto(`${at}/events/${event.id}`);
    await untilLive(page);
    await expect(page.getByText('WINTER')).toBeVisible();
    await expectGoodAtEachWidth(page, 'a hold with a voucher');
    await press(page, words.change);
    await press(page, `${words.more}Family`);
    await press(page, `${words.fewer}Parking`);
    await expectGoodAtEachWidth(page, 'a changed hold');
    const { url } = await remote.must('checkout', { bookingId: held.id });
    await page.goto(url);
    await expectGoodAtEachWidth(page, 'the payment page with a voucher');
    await fetch(url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }), redirect: 'manual' });
    await page.goto(`${at}/events/${event.id}`);
    await expect(page.getByText('WINTER')).toBeVisible();
    await expectGoodAtEachWidth(page, 'a receipt with a voucher');
    await page.goto(`${at}/tickets/${held.id}`);
    await expect(page.getByText('WINTER')).toBeVisible();
    await expectGoodAtEachWidth(page, 'a ticket with a voucher');
    await page.goto(`${at}/bookings`);
    await untilLive(page);
    await press(page, words.cancel);
    const dialog = page.getByRole('dialog');
    await press(dialog, `${words.fewer}${LONG}`);
    await expectGoodAtEachWidth(page, 'cancelling a part');
    await press(dialog, words.cancelMost);
    await expect(dialog).toBeHidden();
    await expect(page.getByText(words.givenBack)).toHaveCount(1);
    await expectGoodAtEachWidth(page, 'a booking of which a part is cancelled');
    await remote.must('cancelBooking', { bookingId: held.id });
    await expect(page.getByText(words.givenBack)).toHaveCount(2);
    await expectGoodAtEachWidth(page, 'a booking that is cancelled as a whole after a part');
    await page.goto(`${at}/tickets/${held.id}`);
    await expect(page.getByText(words.givenBack)).toHaveCount(2);
    await expectGoodAtEachWidth(page, 'the page of a booking cancelled in parts');
    remote.close();
  });

  test(`a waiting list by types has no accessibility violations in each state, in ${language}`, async ({
    site,
    open,
  }) => {
    const event = await createTyped(site, { totalSeats: 2 });
    const { page } = await buyerOf(site, open);
    const rival = await connectBuyer(site, 'Rita');
    await bookBy(rival, event, { t2: 2 });
    await page.goto(`${at}/events/${event.id}`);
    await untilLive(page);
    await press(page, `${words.more}Early bird`);
    await press(page, `${words.more}${LONG}`);
    await expectGoodAtEachWidth(page, 'the choice for a waiting list');
    const join = page.getByRole('button', { name: words.wait });
    await expect(async () => {
      if (await join.isVisible()) await join.click({ timeout: 1_000 });
      await expect(page.getByRole('button', { name: words.change })).toBeVisible({ timeout: 600 });
    }).toPass();
    await expectGoodAtEachWidth(page, 'waiting for tickets');
    await press(page, words.change);
    await expectGoodAtEachWidth(page, 'changing what one waits for');
    rival.close();
  });

  test(`an organiser’s pages of ticket types have no accessibility violations, in ${language}`, async ({
    site,
    open,
  }) => {
    const event = await createTyped(site);
    await makeVoucher(site, event);
    const buyer = await connectBuyer(site, 'Alice Arnold');
    const held = await bookBy(buyer, event, { t1: 2, t3: 1, t5: 1 }, 'WINTER');
    const page = await open();
    await signInOrganiser(page);
    const admin = `${at}/admin/events/${event.id}`;
    await page.goto(admin);
    await untilLive(page);
    await page.getByRole('group', { name: 'School class', exact: true }).getByText(words.rules).click();
    await expectGoodAtEachWidth(page, 'the form of ticket types');
    await page.goto(`${admin}/vouchers`);
    await untilLive(page);
    await expect(page.getByText('WINTER', { exact: true })).toBeVisible();
    await expectGoodAtEachWidth(page, 'the list of vouchers');
    await press(page, words.newVouchers);
    await expectGoodAtEachWidth(page, 'the form of new vouchers');
    await page.keyboard.press('Escape');
    await press(page, words.changeVoucher);
    await expectGoodAtEachWidth(page, 'the form of a voucher');
    const { url } = await buyer.must('checkout', { bookingId: held.id });
    await fetch(url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }), redirect: 'manual' });
    await page.goto(`${admin}/sales`);
    await untilLive(page);
    await expect(page.getByRole('row', { name: /^Family 1 4/ })).toBeVisible();
    await expect(page.getByText(words.withVoucher)).toBeVisible();
    await expectGoodAtEachWidth(page, 'sales by type');
    const rival = await connectBuyer(site, 'Bob Berger');
    await bookBy(rival, event, { t2: 1 });
    await page.goto(`${admin}/bookings`);
    await untilLive(page);
    await expect(page.getByRole('listitem').filter({ hasText: 'Bob Berger' })).toBeVisible();
    await expect(page.getByRole('listitem').filter({ hasText: 'Alice Arnold' })).toBeVisible();
    await expectGoodAtEachWidth(page, 'bookings with their tickets');
    await page.goto(`${admin}/door`);
    await untilLive(page);
    await page.getByLabel(words.ticket).fill(held.code);
    await page.keyboard.press('Enter');
    await expect(page.getByText(/1\s×\s.?Family/)).toBeVisible();
    await expectGoodAtEachWidth(page, 'the mix at check-in');
    for (const one of [buyer, rival]) one.close();
  });
}
