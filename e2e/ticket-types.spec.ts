import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import type { Event } from '#shared/event.ts';
import { expectGoodPage, expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { tabTo } from './site/keyboard.ts';
import { bookingsOf, connectRemote, createEvent, inDays, type Remote } from './site/organiser.ts';
import { payBy, toPayment } from './site/payments.ts';
import { signUp } from './site/people.ts';
import { card, expectSeats, heading, pressUntil, seatsOf, untilLive } from './site/seats.ts';
import { expect, SCREENS, test, type Site } from './site/test.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const ADULT = { name: 'Adult', price: euros(4_000) };
const CHILD = { name: 'Child', price: euros(1_200), description: 'Up to 14 years.' };
const FAMILY = { name: 'Family', price: euros(9_000), seats: 4 };
const EARLY = { name: 'Early bird', price: euros(2_500), limit: 2 };
const PARKING = { name: 'Parking', price: euros(500), seats: 0, limit: 5 };

type Types = NonNullable<Parameters<typeof createEvent>[1]>['ticketTypes'];
const create = (site: Site, ticketTypes: Types, more: Parameters<typeof createEvent>[1] = {}) =>
  createEvent(site.organiser, { ...more, ...(ticketTypes && { ticketTypes }) });

const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });
const more = (page: Page, name: string) => page.getByRole('button', { name: `One more: ${name}` });
const fewer = (page: Page, name: string) => page.getByRole('button', { name: `One fewer: ${name}` });
const line = (page: Page, name: string) =>
  page.locator('[data-ticket-type]').filter({ has: page.getByText(name, { exact: true }) });
const typeId = (event: Event, name: string) => event.ticketTypes.find((type) => type.name === name)?.id ?? '';

async function openEvent(page: Page, event: Event): Promise<void> {
  await page.goto(`/events/${event.id}`);
  await untilLive(page);
}

function holdBy(remote: Remote, event: Event, tickets: Record<string, number>) {
  const counts = Object.entries(tickets).map(([name, count]) => ({ type: typeId(event, name), count }));
  return remote.must('book', { requestId: randomUUID(), eventId: event.id, tickets: counts });
}

for (const [name, screen] of Object.entries(SCREENS)) {
  test(`a buyer on a ${name} holds tickets of three types, changes them, pays, and cancels a child’s ticket`, async ({
    site,
    open,
  }) => {
    const event = await create(site, [ADULT, CHILD, PARKING]);
    const page = await open(screen);
    const { token } = await signUp(page);
    await openEvent(page, event);
    await expect(page.getByRole('button', { name: 'Choose tickets' })).toBeDisabled();
    await more(page, 'Parking').click();
    await expect(page.getByText('Parking is sold only together with a seat.')).toBeVisible();
    await more(page, 'Adult').click();
    await more(page, 'Adult').click();
    await more(page, 'Child').click();
    await expect(page.getByText('€97.00', { exact: true })).toBeVisible();
    await pressUntil(page, 'Hold 3 seats', heading(page, 'You hold 3 seats'));
    const held = page.getByRole('list', { name: 'Tickets' });
    await expect(held.getByRole('listitem')).toHaveText(['2 × Adult €80.00', '1 × Child €12.00', '1 × Parking €5.00']);
    await expectSeats(seatsOf(page, event.id), 7, 10);

    await page.getByRole('button', { name: 'Change tickets' }).click();
    await expect(page.getByText('Choose other tickets to change it.')).toBeVisible();
    await more(page, 'Child').click();
    await fewer(page, 'Parking').click();
    await page.getByRole('button', { name: 'Hold 4 seats instead' }).click();
    await expect(held.getByRole('listitem')).toHaveText(['2 × Adult €80.00', '2 × Child €24.00']);
    await expect(page.getByText('€104.00', { exact: true })).toBeVisible();

    await toPayment(page);
    await payBy(page, 'pays', '€104.00');
    await expect(page.getByRole('heading', { level: 1, name: 'Paid' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText('2 × Adult, 2 × Child');

    await page.goto('/bookings');
    const mine = page.getByRole('article');
    await expect(mine.getByRole('list', { name: 'Tickets' })).toContainText('2 × Adult');
    await mine.getByRole('button', { name: 'Cancel booking' }).click();
    const dialog = page.getByRole('dialog');
    for (const press of ['Adult', 'Adult', 'Child'])
      await dialog.getByRole('button', { name: `One fewer: ${press}` }).click();
    await expect(dialog.getByText('1 × Child for')).toBeVisible();
    await expect(dialog.getByText('You get €12.00 back.')).toBeVisible();
    await dialog.getByRole('button', { name: 'Cancel 1 ticket' }).click();
    await expect(dialog).toBeHidden();
    await expect(mine.getByRole('list', { name: 'Tickets' })).toContainText('1 × Child');
    await expect
      .poll(() => bookingsOf(site.url, token))
      .toMatchObject([{ seats: 3, total: euros(9_200), payment: { refundedAmount: 1_200 } }]);
  });
}

test('a booking cancelled in parts by buyer and organiser, and then as a whole, says what was booked, and what was cancelled when', async ({
  site,
  open,
}) => {
  const event = await create(site, [ADULT, CHILD, PARKING]);
  const page = await open();
  const buyer = connectRemote(site.url, (await signUp(page)).token);
  const { id: bookingId } = await holdBy(buyer, event, { Adult: 2, Child: 2, Parking: 1 });
  const { url } = await buyer.must('checkout', { bookingId });
  await fetch(url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }), redirect: 'manual' });
  const confirmed = async () => (await buyer.must('getBooking', { bookingId })).status;
  await expect.poll(confirmed).toBe('confirmed');
  const one = (name: string) => [{ type: typeId(event, name), count: 1 }];
  await buyer.must('cancelBooking', { bookingId, requestId: randomUUID(), tickets: one('Child') });
  await site.organiser.must('cancelBooking', { bookingId, tickets: one('Parking'), reason: 'The car park is closed.' });

  const child = /1\s×\sChild given back on .*\. Refund: €12\.00\./;
  const parking = /1\s×\sParking cancelled by the organiser on .*\. Refund: €5\.00\. Reason: The car park is closed\./;
  await page.goto('/bookings');
  const mine = page.getByRole('article').filter({ hasText: event.title });
  const items = mine.getByRole('list', { name: 'Tickets' }).getByRole('listitem');
  await expect(items).toHaveText(['2 × Adult', '1 × Child']);
  for (const text of [child, parking]) await expect(mine).toContainText(text);
  await page.goto(`/events/${event.id}`);
  await expect(page.getByRole('list', { name: 'Tickets' }).getByRole('listitem')).toHaveText([
    '2 × Adult €80.00',
    '2 × Child €24.00',
    '1 × Parking €5.00',
  ]);
  for (const text of [child, parking]) await expect(page.getByRole('main')).toContainText(text);
  await page.goto(`/tickets/${bookingId}`);
  await expect(page.getByRole('article')).toContainText('2 × Adult, 1 × Child');
  for (const text of [child, parking]) await expect(page.getByRole('main')).toContainText(text);

  await buyer.must('cancelBooking', { bookingId });
  buyer.close();
  await page.goto('/bookings');
  await expect(items).toHaveText(['2 × Adult', '2 × Child', '1 × Parking']);
  await expect(mine).toContainText(/4 seats\s+€109\.00/);
  for (const text of [child, parking, /2\s×\sAdult, 1\s×\sChild given back on/]) await expect(mine).toContainText(text);
  await expectGoodState(page, 'a booking cancelled in parts');
  await page.goto(`/de/tickets/${bookingId}`);
  for (const text of [
    /1\s×\sChild am .* zurückgegeben\. Erstattung: 12,00\s€\./,
    /1\s×\sParking am .* vom Veranstalter storniert\. Erstattung: 5,00\s€\. Grund: The car park is closed\./,
    /2\s×\sAdult, 1\s×\sChild am .* zurückgegeben\./,
  ])
    await expect(page.getByRole('main')).toContainText(text);
  await page.setViewportSize(NARROW);
  expect(await overflowOf(page)).toEqual([]);
});

test('tickets are chosen and booked by keyboard alone, and each field says its price and its rules', async ({
  site,
  open,
}) => {
  const event = await create(site, [
    { name: 'Seat', price: euros(0) },
    { name: 'School class', price: euros(0), minPerBooking: 3, maxPerBooking: 5 },
  ]);
  const page = await open();
  await signUp(page);
  await openEvent(page, event);
  await expect(field(page, 'School class')).toHaveAccessibleDescription(
    'Free At least 3 in one booking. At most 5 in one booking.',
  );
  await field(page, 'School class').focus();
  await page.keyboard.press('ArrowUp');
  await expect(field(page, 'School class')).toHaveValue('3');
  await page.keyboard.press('ArrowDown');
  await expect(field(page, 'School class')).toHaveValue('0');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect(field(page, 'School class')).toHaveValue('4');
  await tabTo(page, page.getByRole('button', { name: 'Book 4 seats' }));
  await expect(async () => {
    if (!(await heading(page, 'You have 4 seats').isVisible())) await page.keyboard.press('Enter');
    await expect(heading(page, 'You have 4 seats')).toBeFocused({ timeout: 600 });
  }).toPass();
  await expect(page.getByRole('list', { name: 'Tickets' })).toContainText('4 × School class');
});

test('an early bird that runs out moves no control and alters no choice, and is bookable at once when it returns', async ({
  site,
  open,
}) => {
  const event = await create(site, [EARLY, ADULT]);
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true });
  await signUp(page);
  await openEvent(page, event);
  await expect(line(page, 'Early bird')).toContainText('2 left');
  await expect(line(page, 'Adult')).not.toContainText('left');
  await more(page, 'Early bird').click();
  const button = page.getByRole('button', { name: 'Hold 1 seat' });
  const controls = [more(page, 'Early bird'), more(page, 'Adult'), button];
  const boxes = () => Promise.all(controls.map((one) => one.boundingBox()));
  const before = await boxes();

  const rival = connectRemote(site.url, (await signUp(await open())).token);
  const held = await holdBy(rival, event, { 'Early bird': 2 });
  await expect(line(page, 'Early bird')).toContainText('Sold out');
  await expect(page.getByText('Early bird is sold out now. Without it you can book the rest.')).toBeVisible();
  expect(await boxes()).toEqual(before);
  await expect(field(page, 'Early bird')).toHaveValue('1');
  await expect(more(page, 'Early bird')).toBeDisabled();
  await expect(button).toBeEnabled();
  await expectGoodState(page, 'an early bird that has run out');

  await pressUntil(page, 'Hold 1 seat', page.getByText('Early bird is sold out. Nothing was booked.'));
  await rival.must('cancelBooking', { bookingId: held.id });
  rival.close();
  await expect(line(page, 'Early bird')).toContainText('2 left');
  await pressUntil(page, 'Hold 1 seat', heading(page, 'You hold 1 seat'));
  await expect(page.getByRole('list', { name: 'Tickets' })).toHaveText('1 × Early bird €25.00');
});

test('a buyer who asks for more early birds than are left may take those that are', async ({ site, open }) => {
  const event = await create(site, [EARLY, ADULT]);
  const page = await open();
  await signUp(page);
  await openEvent(page, event);
  await more(page, 'Early bird').click();
  await more(page, 'Early bird').click();
  const rival = connectRemote(site.url, (await signUp(await open())).token);
  await holdBy(rival, event, { 'Early bird': 1 });
  rival.close();
  await expect(page.getByText('Early bird: only 1 is left now.')).toBeVisible();
  await pressUntil(page, 'Hold 2 seats', page.getByText('Early bird: only 1 is left. Nothing was booked.'));
  await page.getByRole('button', { name: 'Take 1 × Early bird' }).click();
  await expect(heading(page, 'You hold 1 seat')).toBeVisible();
});

test('a type says when it is sold by the reader’s clock, and cannot be chosen before and after', async ({
  site,
  open,
}) => {
  const event = await create(site, [
    { ...ADULT, salesUntil: inDays(3) },
    { ...CHILD, salesFrom: inDays(2) },
    { name: 'Door', price: euros(5_000), salesUntil: inDays(-1) },
  ]);
  const page = await open({ timezoneId: 'America/New_York' });
  await openEvent(page, event);
  const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'America/New_York' });
  const time = (iso: string | null | undefined) => clock.format(new Date(iso ?? 0));
  const [adult, child] = event.ticketTypes;
  await expect(line(page, 'Adult')).toContainText(/On sale until .* \(/);
  await expect(line(page, 'Adult')).toContainText(time(adult?.salesUntil));
  await expect(line(page, 'Child')).toContainText(/On sale from /);
  await expect(line(page, 'Child')).toContainText(time(child?.salesFrom));
  await expect(line(page, 'Door')).toContainText('No longer on sale');
  await expect(more(page, 'Child')).toBeDisabled();
  await expect(more(page, 'Door')).toBeDisabled();
  await expect(more(page, 'Adult')).toBeEnabled();
});

test('a choice is kept over a reload and over signing in on another page', async ({ site, open }) => {
  const event = await create(site, [ADULT, CHILD]);
  const page = await open();
  await openEvent(page, event);
  await more(page, 'Adult').click();
  await more(page, 'Child').click();
  await page.reload();
  await untilLive(page);
  await expect(field(page, 'Child')).toHaveValue('1');
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await expect(field(page, 'Adult')).toHaveValue('1');
  await expect(page.getByText('€52.00', { exact: true })).toBeVisible();
  await pressUntil(page, 'Hold 2 seats', heading(page, 'You hold 2 seats'));
});

test('a changed total is shown beside the old one, and nothing is held before the buyer agrees', async ({
  site,
  open,
}) => {
  const event = await create(site, [ADULT, CHILD]);
  const page = await open();
  await signUp(page);
  // The page does not hear of the new price before the buyer presses.
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!String(message).includes('["eventChanged"')) socket.send(message);
    });
  });
  await openEvent(page, event);
  await more(page, 'Adult').click();
  await more(page, 'Child').click();
  const ticketTypes = event.ticketTypes.map(({ id, name, price }) => ({
    id,
    name,
    price: name === 'Child' ? euros(1_500) : price,
  }));
  await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes: { ticketTypes } });
  await pressUntil(page, 'Hold 2 seats', page.getByText('The total changed from €52.00 to €55.00.'));
  await page.getByRole('button', { name: 'Continue at €55.00' }).click();
  await expect(heading(page, 'You hold 2 seats')).toBeVisible();
});

test('the waiting list takes tickets by types, and its offer has them', async ({ site, open }) => {
  const event = await create(site, [ADULT, CHILD], { totalSeats: 3 });
  const rival = connectRemote(site.url, (await signUp(await open())).token);
  const taken = await holdBy(rival, event, { Adult: 3 });
  const page = await open();
  await signUp(page);
  await openEvent(page, event);
  await more(page, 'Adult').click();
  await more(page, 'Child').click();
  await pressUntil(page, 'Join the waiting list for 2 seats', heading(page, 'You are first in line for 2 seats'));
  await expect(page.getByText('1 × Adult, 1 × Child')).toBeVisible();
  await page.getByRole('button', { name: 'Change tickets' }).click();
  await more(page, 'Child').click();
  await page.getByRole('button', { name: 'Wait for 3 seats' }).click();
  await expect(page.getByText('1 × Adult, 2 × Child')).toBeVisible();
  await expectGoodState(page, 'waiting for tickets');
  await rival.must('cancelBooking', { bookingId: taken.id });
  rival.close();
  await expect(heading(page, '3 seats for you until')).toBeVisible();
  await expect(page.getByRole('list', { name: 'Tickets' }).getByRole('listitem')).toHaveText([
    '1 × Adult €40.00',
    '2 × Child €24.00',
  ]);
});

test('where every type is sold out by its own limit, the waiting list is open', async ({ site, open }) => {
  const event = await create(site, [EARLY]);
  const rival = connectRemote(site.url, (await signUp(await open())).token);
  await holdBy(rival, event, { 'Early bird': 2 });
  rival.close();
  const page = await open();
  await signUp(page);
  await openEvent(page, event);
  await pressUntil(page, 'Join the waiting list for 2 seats', heading(page, 'You are first in line for 2 seats'));
});

test('a list says from which price tickets are sold, and where some cost nothing', async ({ site, open }) => {
  const priced = await create(site, [ADULT, CHILD]);
  const partlyFree = await create(site, [ADULT, { name: 'Under 6', price: euros(0) }]);
  const page = await open();
  for (const [event, words] of [
    [priced, 'from €12.00'],
    [partlyFree, 'free to €40.00'],
  ] as const) {
    await page.goto(`/?query=${event.title.split(' ')[1]}`);
    await expect(card(page, event.title)).toContainText(words);
  }
});

test('types, prices and windows are readable without scripts, and a free type is booked by the form', async ({
  site,
  open,
}) => {
  const event = await create(site, [
    { name: 'Seat', price: euros(0), description: 'In the stalls.' },
    { name: 'Guided tour', price: euros(0), seats: 0 },
    { ...ADULT, salesFrom: inDays(3) },
  ]);
  const page = await open({ javaScriptEnabled: false });
  await signUp(page);
  await page.goto(`/events/${event.id}`);
  await expect(line(page, 'Seat')).toContainText('In the stalls.');
  await expect(line(page, 'Adult')).toContainText('€40.00');
  await expect(line(page, 'Adult')).toContainText('On sale from');
  const form = page.locator('noscript form');
  await form.getByLabel('Seat').fill('2');
  await form.getByLabel('Guided tour').fill('1');
  await form.getByRole('button', { name: 'Book' }).click();
  await expect(page.getByRole('heading', { name: 'You have 2 seats' })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Tickets' })).toContainText('1 × Guided tour');
});

test('ticket types have no accessibility violations, fit a narrow phone, and are in German', async ({ site, open }) => {
  test.setTimeout(120_000);
  const event = await create(site, [
    { ...EARLY, salesUntil: inDays(3), description: 'Only for a short while, with a seat in the first row.' },
    { name: 'Ermäßigungsberechtigte (Schülerinnen, Studierende)', price: euros(1_200) },
    FAMILY,
    PARKING,
    { ...ADULT, salesFrom: inDays(2), maxPerBooking: 4 },
  ]);
  const page = await open();
  await signUp(page);
  await expectGoodPage(page, `/events/${event.id}`, 'Early bird');
  await expect(page.getByText('noch 2')).toBeVisible();
  await expect(page.getByText('Belegt 4 Plätze.')).toBeVisible();
  await expect(page.getByText('Nur zusammen mit einem Platz.')).toBeVisible();
  await page.getByRole('button', { name: 'Eins mehr: Family' }).click();
  await pressUntil(page, '4 Plätze reservieren', heading(page, '4 Plätze reserviert'));
  await page.getByRole('button', { name: 'Tickets ändern' }).click();
  await expectGoodState(page, 'changing the tickets of a hold');
  await page.setViewportSize(NARROW);
  expect(await overflowOf(page)).toEqual([]);
  expect(await smallTargets(page, 44)).toEqual([]);
});
