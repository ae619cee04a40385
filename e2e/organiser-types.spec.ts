import { randomUUID } from 'node:crypto';
import type { Locator, Page } from '@playwright/test';
import type { Event } from '#shared/event.ts';
import { expectGoodState, NARROW, overflowOf, smallTargets } from './site/good-page.ts';
import { createEvent, inDays, newWord } from './site/organiser.ts';
import { connectBuyer, signInOrganiser } from './site/people.ts';
import { untilLive } from './site/seats.ts';
import { expect, test, type Site } from './site/test.ts';

const SAVED = 'Saved. Every screen shows it now.';
/** Two adults and a child, with no-break spaces and the marks that keep the direction of names apart. */
const MIX = /2\s×\s.?Adult.?,\s1\s×\s.?Child/;
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const card = (page: Page, name: string) => page.getByRole('group', { name, exact: true });
const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();
const names = (page: Page) => page.getByRole('list', { name: 'Ticket types' }).getByLabel('Name', { exact: true });
const namesOf = ({ ticketTypes }: Event) => ticketTypes.map(({ name }) => name);

/** Creates an event with adults, children and parking from one pool of forty seats. */
function createTyped(site: Site, more: Parameters<typeof createEvent>[1] = {}) {
  return createEvent(site.organiser, {
    totalSeats: 40,
    ticketTypes: [
      { name: 'Adult', price: euros(2_000) },
      { name: 'Child', price: euros(800), limit: 10 },
      { name: 'Parking', price: euros(500), seats: 0, limit: 5 },
    ],
    ...more,
  });
}

/** Opens a page of an event in an organiser's browser. */
async function openAs(open: () => Promise<Page>, path: string): Promise<Page> {
  const page = await open();
  await signInOrganiser(page);
  await page.goto(path);
  await untilLive(page);
  return page;
}

const read = (site: Site, { id: eventId }: Event) => site.organiser.must('getEvent', { eventId });

test('an organiser turns one price into several ticket types and creates the event with them', async ({
  site,
  open,
}) => {
  const page = await openAs(open, '/admin/events/new');
  await page.getByLabel('Title').fill(`Fair ${newWord()}`);
  await page.getByLabel('Place', { exact: true }).fill('Pier 7');
  await page.getByLabel('Starts').fill(inDays(9).slice(0, 16));
  await page.getByLabel('Seats', { exact: true }).fill('40');
  await page.getByLabel('Price per seat').fill('20');
  await page.getByRole('button', { name: 'Sell several ticket types' }).click();

  await expect(page.getByText('All ticket types sell from the same 40 seats.')).toBeVisible();
  await expect(card(page, 'Ticket').getByLabel('Price')).toHaveValue('20');
  await expect(names(page).nth(1)).toBeFocused();
  await page.keyboard.type('Child');
  await card(page, 'Child').getByLabel('Price').fill('8');
  await card(page, 'Ticket').getByLabel('Name', { exact: true }).fill('Adult');
  await page.getByRole('button', { name: 'Add a ticket type' }).click();
  await expect(names(page).nth(2)).toBeFocused();
  await page.keyboard.type('Parking');
  await card(page, 'Parking').getByLabel('Price').fill('5');
  await card(page, 'Parking').getByLabel('Seats per ticket').fill('0');
  await card(page, 'Parking').getByLabel('Tickets, at most').fill('5');
  await page.getByRole('button', { name: 'Create and publish' }).click();

  await expect(page).toHaveURL(/\/admin\/events\/[0-9a-f]{24}$/);
  const eventId = page.url().slice(-24);
  expect(await site.organiser.must('getEvent', { eventId })).toMatchObject({
    price: euros(800),
    ticketTypes: [
      { id: 't1', name: 'Adult', price: euros(2_000), seats: 1, limit: null },
      { id: 't2', name: 'Child', price: euros(800), seats: 1, limit: null },
      { id: 't3', name: 'Parking', price: euros(500), seats: 0, limit: 5 },
    ],
  });
});

test('an event with one price keeps the form of one price, and saves it as its only ticket type', async ({
  site,
  open,
}) => {
  const event = await createEvent(site.organiser, { price: euros(1_000) });
  const page = await openAs(open, `/admin/events/${event.id}`);
  await expect(page.getByRole('list', { name: 'Ticket types' })).toHaveCount(0);
  await page.getByLabel('Price per seat').fill('12.50');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect(await read(site, event)).toMatchObject({ ticketTypes: [{ id: 't1', price: euros(1_250) }] });
});

test('ticket types are ordered and archived by keyboard, and an archived one is sold again', async ({ site, open }) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  const up = page.getByRole('button', { name: 'Move Parking up' });
  await up.focus();
  await page.keyboard.press('Enter');
  await expect(up).toBeFocused();
  await expect(page.getByText('Parking is number 2 of 3.')).toBeAttached();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Move Parking down' })).toBeFocused();
  await page.getByRole('button', { name: 'Archive Child' }).press('Enter');
  await expect(names(page).nth(1)).toBeFocused();
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  const stored = await read(site, event);
  expect(stored.ticketTypes.filter(({ archived }) => !archived).map(({ name }) => name)).toEqual(['Parking', 'Adult']);
});

test('an archived ticket type that has sold stays in the form, and can be sold again', async ({ site, open }) => {
  const event = await createTyped(site);
  const buyer = await connectBuyer(site, 'Alice');
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets: [{ type: 't2', count: 2 }] });
  const page = await openAs(open, `/admin/events/${event.id}`);
  await page.getByRole('button', { name: 'Archive Child' }).click();
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect((await read(site, event)).ticketTypes).toContainEqual(
    expect.objectContaining({ name: 'Child', archived: true }),
  );
  await page.reload();
  await page.getByRole('button', { name: 'Sell again: Child' }).click();
  await expect(names(page).nth(2)).toBeFocused();
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  expect((await read(site, event)).ticketTypes.every(({ archived }) => !archived)).toBe(true);
  buyer.close();
});

test('the form shows live what is sold of each type, and refuses a limit below that at its field', async ({
  site,
  open,
}) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  const limit = card(page, 'Child').getByLabel('Tickets, at most');
  await expect(limit).toHaveAccessibleDescription('0 sold, 0 being paid for');
  const buyer = await connectBuyer(site, 'Alice');
  const tickets = [
    { type: 't1', count: 1 },
    { type: 't2', count: 3 },
    { type: 't3', count: 1 },
  ];
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets });

  await expect(limit).toHaveAccessibleDescription('0 sold, 3 being paid for');
  const bars = page.getByRole('figure', { name: 'How the 40 seats are divided' });
  await expect(bars).toContainText('0 sold, 4 being paid for, 36 free');
  await expect(bars).toContainText('takes no seat; 0 sold, 1 being paid for; at most 5');
  await limit.fill('2');
  await save(page);
  await expect(limit).toHaveAccessibleDescription(/^At least 3: that many tickets of this type are held or sold\./);
  await expect(limit).toBeFocused();
  expect((await read(site, event)).ticketTypes[1]).toMatchObject({ limit: 10 });
  buyer.close();
});

test('no maximum is hidden: the form shows that of a booking, and says what an empty one of a type means', async ({
  site,
  open,
}) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  await expect(page.getByLabel('Seats per booking, at most')).toHaveValue('10');
  await page.getByRole('button', { name: 'Add a ticket type' }).click();
  await page.keyboard.type('Programme');
  const type = card(page, 'Programme');
  await type.getByText('Description, dates and rules').click();
  const most = type.getByLabel('In one booking, at most');
  await expect(most).toHaveValue('');
  await expect(most).toHaveAccessibleDescription('Empty: only the event’s seats per booking count.');
  await type.getByLabel('Seats per ticket').fill('0');
  await expect(most).toHaveAccessibleDescription('Empty: up to 100 in one booking.');
  await expect(type.getByLabel('Tickets, at most')).toHaveValue('');
});

test('a refused field of a ticket type opens its closed part and takes the focus', async ({ site, open }) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  const child = card(page, 'Child');
  await child.getByText('Description, dates and rules').click();
  await child.getByLabel('Sold from').fill(`${inDays(5).slice(0, 10)}T12:00`);
  await child.getByLabel('Sold until').fill(`${inDays(4).slice(0, 10)}T12:00`);
  await child.getByText('Description, dates and rules').click();
  await expect(child.getByLabel('Sold until')).toBeHidden();
  await save(page);
  await expect(child.getByLabel('Sold until')).toBeFocused();
  await expect(child.getByLabel('Sold until')).toHaveAccessibleDescription(
    /^This has to be after the start of the sale of this type\./,
  );
});

test('edits of different ticket types by two organisers are merged, and one field asks whose it is', async ({
  site,
  open,
}) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  await card(page, 'Adult').getByLabel('Price').fill('25');
  await card(page, 'Child').getByLabel('Price').fill('9');
  const [adult, child, parking] = event.ticketTypes.map(
    ({ archived: _, available: _a, held: _h, sold: _s, ...type }) => type,
  );
  if (!adult || !child || !parking) throw new Error('three types were made');
  const ticketTypes = [
    adult,
    { ...child, price: euros(700) },
    { ...parking, limit: 8 },
    { name: 'VIP', price: euros(9_000) },
  ];
  await site.organiser.must('updateEvent', { eventId: event.id, revision: event.revision, changes: { ticketTypes } });

  await expect(
    page.getByText('Someone else just changed this event: Parking: Tickets, at most, VIP: Name.'),
  ).toBeVisible();
  await expect(page.getByText('Yours: 9 EUR')).toBeVisible();
  await page.getByRole('button', { name: 'Take theirs: Child: Price' }).click();
  await expect(names(page).nth(3)).toHaveValue('VIP');
  await save(page);
  await expect(page.getByText(SAVED)).toBeVisible();
  const stored = await read(site, event);
  expect(namesOf(stored)).toEqual(['Adult', 'Child', 'Parking', 'VIP']);
  expect(stored.ticketTypes).toMatchObject([{ price: euros(2_500) }, { price: euros(700) }, { limit: 8 }, {}]);
});

test('ticket types that are not saved are asked about before the form is left', async ({ site, open }) => {
  const event = await createTyped(site);
  const page = await openAs(open, `/admin/events/${event.id}`);
  await page.getByRole('button', { name: 'Add a ticket type' }).click();
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.getByRole('button', { name: 'Stay here' }).click();
  await page.getByRole('button', { name: 'Remove New ticket type' }).click();
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await expect(page).toHaveURL(`/admin/events/${event.id}/sales`);
});

test('sales are shown by ticket type, live', async ({ site, open }) => {
  const event = await createTyped(site, {
    ticketTypes: [
      { name: 'Adult', price: euros(0) },
      { name: 'Family', price: euros(0), seats: 4, limit: 3 },
    ],
  });
  const page = await openAs(open, `/admin/events/${event.id}/sales`);
  const row = (name: string): Locator => page.getByRole('row', { name });
  await expect(row('Family 0 0 €0.00')).toBeVisible();
  const buyer = await connectBuyer(site, 'Alice');
  const tickets = [
    { type: 't1', count: 2 },
    { type: 't2', count: 1 },
  ];
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets });
  await expect(row('Family 1 4 €0.00')).toBeVisible();
  await expect(row('Adult 2 2 €0.00')).toBeVisible();
  await expect(page.getByRole('figure', { name: 'How the 40 seats are divided' })).toContainText('6 sold');
  await expect(page.getByText('Tickets with voucher')).toHaveCount(0);
  const input = { eventId: event.id, count: 1, code: 'HALF', percentOff: 50, ticketTypes: ['t1'] };
  await site.organiser.must('createVouchers', { requestId: randomUUID(), ...input });
  await buyer.must('book', { requestId: randomUUID(), eventId: event.id, tickets, voucher: 'HALF' });
  const figure = page.locator('dl > div').filter({ hasText: 'Tickets with voucher' });
  await expect(figure.getByRole('definition')).toHaveText('2');
  buyer.close();
});

test('bookings and check-in name the tickets by type, and the list of bookings is filtered by type', async ({
  site,
  open,
}) => {
  const event = await createTyped(site, {
    ticketTypes: [
      { name: 'Adult', price: euros(0) },
      { name: 'Child', price: euros(0) },
    ],
  });
  const [alice, bob] = [await connectBuyer(site, 'Alice Arnold'), await connectBuyer(site, 'Bob')];
  const tickets = [
    { type: 't1', count: 2 },
    { type: 't2', count: 1 },
  ];
  const { ticket } = await alice.must('book', { requestId: randomUUID(), eventId: event.id, tickets });
  await bob.must('book', { requestId: randomUUID(), eventId: event.id, tickets: [{ type: 't1', count: 1 }] });
  const page = await openAs(open, `/admin/events/${event.id}/bookings`);
  await expect(page.getByRole('listitem').filter({ hasText: 'Alice' })).toContainText(MIX);
  await page.getByLabel('Ticket type').selectOption('Child');
  await expect(page.getByRole('heading', { name: '1 booking' })).toBeVisible();
  await expect(page.getByRole('main')).not.toContainText('Bob');

  await page.getByRole('link', { name: 'Door' }).click();
  const field = page.getByLabel('Ticket or code');
  await expect(field).toBeFocused();
  await field.fill(ticket ?? '');
  await page.keyboard.press('Enter');
  await expect(page.getByText(MIX)).toBeVisible();
  for (const one of [alice, bob]) one.close();
});

test('the list of ticket types has no accessibility violations and fits 320 px in both languages', async ({
  site,
  open,
}) => {
  test.setTimeout(120_000);
  const long = 'Schwerbehindertenbegleitpersonenkarte einschließlich Begleitung';
  const event = await createTyped(site, {
    ticketTypes: [
      { name: 'Adult', price: euros(123_456_789), description: 'From 16', minPerBooking: 2, salesUntil: inDays(3) },
      { name: long.slice(0, 60), price: euros(0), seats: 4, limit: 1_000, access: 'voucher' },
      { name: 'Parking', price: euros(500), seats: 0, limit: 5 },
    ],
  });
  const page = await openAs(open, `/admin/events/${event.id}`);
  await expect(names(page)).toHaveCount(3);
  await expectGoodState(page, 'ticket types');
  for (const at of ['', '/de']) {
    for (const path of [`/admin/events/${event.id}`, `/admin/events/${event.id}/sales`]) {
      await page.setViewportSize(NARROW);
      await page.goto(at + path);
      await untilLive(page);
      await expect(page.getByRole('figure').first()).toBeVisible();
      expect(await overflowOf(page), `${at}${path} at 320 px`).toEqual([]);
      expect(await smallTargets(page, 44), `${at}${path}: too small for a thumb`).toEqual([]);
    }
  }
  await expectGoodState(page, 'sales by type');
});
