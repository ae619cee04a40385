import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import type { Shot } from './shot.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const ADULT = { name: 'Adult', price: euros(4_000) };
const CHILD = { name: 'Child', price: euros(1_250), description: 'Up to 14 years, with an adult.' };

/** Sells by ticket types in each state, and lists the pages that show it. */
export async function sellByTypes(
  organiser: Remote,
  { buyer, waiting, offered }: Record<'buyer' | 'waiting' | 'offered', Remote>,
): Promise<Shot[]> {
  const create = (title: string, more: Parameters<typeof createEvent>[1]) =>
    createEvent(organiser, { title, totalSeats: 60, venue: 'Großes Haus', ...more });
  const festival = await create('Winter festival of chamber music', {
    startsAt: inDays(20),
    ticketTypes: [
      { name: 'Early bird', price: euros(2_900), limit: 4, salesUntil: inDays(4) },
      ADULT,
      CHILD,
      { name: 'Family', price: euros(9_000), seats: 4 },
      { name: 'School class', price: euros(800), minPerBooking: 5, maxPerBooking: 10, salesFrom: inDays(2) },
      { name: 'Parking', price: euros(500), seats: 0, limit: 12 },
      { name: 'Friends of the house', price: euros(1_500), access: 'voucher' },
    ],
  });
  const idOf = (name: string) => festival.ticketTypes.find((type) => type.name === name)?.id ?? '';
  await organiser.must('createVouchers', {
    requestId: randomUUID(),
    eventId: festival.id,
    count: 1,
    code: 'WINTER15',
    percentOff: 15,
    opens: [idOf('Friends of the house')],
    maxTickets: 20,
    validUntil: inDays(10),
  });
  const hidden = await create('Rehearsal for friends', {
    ticketTypes: [{ name: 'Friends', price: euros(1_000), access: 'voucher' }],
  });
  const soon = await create('Spring opening', { salesOpenAt: inDays(3), ticketTypes: [ADULT, CHILD] });
  const held = await create('Two Sundays of opera', { ticketTypes: [ADULT, CHILD] });
  await buyer.must('book', { requestId: randomUUID(), eventId: held.id, tickets: ticketsOf(2, 1) });
  const soldOut = await create('Piano at dusk', { totalSeats: 3, ticketTypes: [ADULT, CHILD] });
  await organiser.must('book', { requestId: randomUUID(), eventId: soldOut.id, tickets: ticketsOf(2, 1) });
  await waiting.must('joinWaitlist', { requestId: randomUUID(), eventId: soldOut.id, tickets: ticketsOf(1, 1) });
  const returned = await create('Lieder at noon', { totalSeats: 3, ticketTypes: [ADULT, CHILD] });
  const taken = await organiser.must('book', {
    requestId: randomUUID(),
    eventId: returned.id,
    tickets: ticketsOf(2, 1),
  });
  await offered.must('joinWaitlist', { requestId: randomUUID(), eventId: returned.id, tickets: ticketsOf(2, 1) });
  await organiser.must('cancelBooking', { bookingId: taken.id });
  const late = await create('Late booking for early birds', {
    ticketTypes: [
      { name: 'Early bird', price: euros(2_900), limit: 2 },
      { ...ADULT, salesFrom: inDays(2), salesUntil: inDays(6) },
      { name: 'Box office', price: euros(4_500), salesUntil: inDays(-1) },
      CHILD,
    ],
  });
  const voucher = { requestId: randomUUID(), eventId: late.id, count: 1, code: 'ONCE', percentOff: 50, maxTickets: 2 };
  await organiser.must('createVouchers', voucher);
  const early = [{ type: 't1', count: 2 }];
  await organiser.must('book', { requestId: randomUUID(), eventId: late.id, tickets: early, voucher: 'ONCE' });
  const free = await create('Open house', {
    ticketTypes: [
      { name: 'Visitor', price: euros(0) },
      { name: 'Guided tour', price: euros(0), seats: 0, limit: 8 },
    ],
  });
  const visit = await buyer.must('book', { requestId: randomUUID(), eventId: free.id, tickets: ticketsOf(2, 2) });
  const [by, path] = ['buyer' as const, `/events/${festival.id}`];
  return [
    { name: 'tickets-signed-out', path, by: 'signedOut', ready: 'Early bird' },
    { name: 'tickets', path, by, ready: 'Early bird' },
    { name: 'tickets-chosen', path, by, ready: 'Early bird', act: choose, actsInGerman: true },
    { name: 'tickets-extra-alone', path, by, ready: 'Early bird', act: chooseExtra, actsInGerman: true },
    { name: 'tickets-voucher-field', path, by, ready: 'Early bird', act: openVoucher, actsInGerman: true },
    {
      name: 'tickets-voucher',
      path: `${path}?voucher=WINTER15`,
      by,
      ready: 'is applied',
      act: choose,
      actsInGerman: true,
    },
    { name: 'tickets-voucher-refused', path: `${path}?voucher=WINTER99`, by, ready: 'is not valid' },
    { name: 'tickets-voucher-signed-out', path: `${path}?voucher=WINTER15`, by: 'signedOut', ready: 'Sign in to use' },
    { name: 'tickets-hidden', path: `/events/${hidden.id}`, by, ready: 'with a voucher' },
    { name: 'tickets-before-sale', path: `/events/${soon.id}`, by, ready: 'Sale opens' },
    { name: 'tickets-held', path: `/events/${held.id}`, by, ready: '2 × Adult' },
    { name: 'tickets-change', path: `/events/${held.id}`, by, ready: '2 × Adult', act: change, actsInGerman: true },
    { name: 'tickets-sold-out', path: `/events/${soldOut.id}`, by, ready: 'Sold out' },
    { name: 'tickets-waiting', path: `/events/${soldOut.id}`, by: 'waiting', ready: '1 × Adult' },
    {
      name: 'tickets-waiting-change',
      path: `/events/${soldOut.id}`,
      by: 'waiting',
      ready: '1 × Adult',
      act: change,
      actsInGerman: true,
    },
    {
      name: 'tickets-join',
      path: `/events/${soldOut.id}`,
      by,
      ready: 'Sold out',
      act: chooseToWait,
      actsInGerman: true,
    },
    { name: 'tickets-offer', path: `/events/${returned.id}`, by: 'offered', ready: '2 × Adult' },
    { name: 'tickets-windows', path: `/events/${late.id}`, by, ready: 'Early bird' },
    { name: 'tickets-windows-signed-out', path: `/events/${late.id}`, by: 'signedOut', ready: 'Early bird' },
    { name: 'tickets-voucher-used-up', path: `/events/${late.id}?voucher=ONCE`, by, ready: 'used up' },
    { name: 'tickets-booked', path: `/events/${free.id}`, by, ready: '2 × Visitor' },
    { name: 'tickets-ticket', path: `/tickets/${visit.id}`, by, ready: '2 × Visitor' },
    { name: 'tickets-bookings', path: '/bookings', by, ready: '2 × Visitor' },
    { name: 'tickets-cancel', path: '/bookings', by, ready: '2 × Visitor', act: cancelOne, actsInGerman: true },
    { name: 'tickets-list', path: '/?query=Großes', by: 'signedOut', ready: 'from €' },
  ];
}

function ticketsOf(first: number, second: number) {
  return [
    { type: 't1', count: first },
    { type: 't2', count: second },
  ];
}

const choose = (page: Page) => chooseOf(page, { Adult: 2, Child: 1, Parking: 1 });
const chooseToWait = (page: Page) => chooseOf(page, { Adult: 1, Child: 2 });
const chooseExtra = (page: Page) => chooseOf(page, { Adult: 0, Child: 0, Parking: 1 });

/** Fills in numbers, because a choice is kept from one picture to the next. */
async function chooseOf(page: Page, counts: Record<string, number>): Promise<void> {
  for (const [name, count] of Object.entries(counts))
    await page.getByRole('spinbutton', { name, exact: true }).fill(String(count));
  await grow(page);
}

async function openVoucher(page: Page): Promise<void> {
  await page.getByText(/^(?:Have a voucher|Haben Sie einen Gutschein)\?/).click();
  await grow(page);
}

async function change(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(?:Change tickets|Tickets ändern)$/ }).click();
  await page.getByRole('button', { name: /^(?:One more|Eins mehr): Child/ }).click();
  await grow(page);
}

async function cancelOne(page: Page): Promise<void> {
  await cancelPart(page, /2\s×\sVisitor/, 'Visitor');
}

/** Opens the dialog that cancels a part of a booking, and takes a ticket of this type off. */
export async function cancelPart(page: Page, booking: RegExp, type: string): Promise<void> {
  const card = page.getByRole('article').filter({ hasText: booking });
  await card.getByRole('button', { name: /^(?:Cancel booking|Stornieren)/ }).click();
  const fewer = page
    .getByRole('dialog')
    .getByRole('button', { name: new RegExp(`^(?:One fewer|Eins weniger): ${type}`) });
  await fewer.click();
}

/** Makes the window as high as the page, so that a bar at its bottom covers nothing. */
export async function grow(page: Page): Promise<void> {
  const { width = 0 } = page.viewportSize() ?? {};
  const height = await page.locator('html').evaluate((html) => html.scrollHeight);
  await page.setViewportSize({ width, height });
}
