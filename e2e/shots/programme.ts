import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { makeSample } from '../site/database.ts';
import { connectRemote, createEvent, inDays, type Remote } from '../site/organiser.ts';
import { illustrate } from './illustrated.ts';
import { payInEveryWay } from './money.ts';
import { organiserShots } from './organiser.ts';
import { cancelInParts } from './parts.ts';
import { register, signIn } from './people.ts';
import type { Shot } from './shot.ts';
import { sellByTypes } from './tickets.ts';
import { bookWithVouchers } from './vouchers.ts';
import { waitInLine } from './waiting.ts';

const PRICE = { amount: 2_450, currency: 'EUR' };
const VENUE = 'Alte Schlosserei, Hinterhof';

interface Site {
  url: string;
  mongoUri: string;
  organiser: Remote;
}

/** Fills a site with events of each kind, bookings, payments and waitlist entries, and lists every page to capture. */
export async function furnish({ url, mongoUri, organiser }: Site) {
  const events = await createEvents(organiser);
  await makeSample(mongoUri, events.sample.id);
  const people = await invite(url);
  const connect = (token: string) => connectRemote(url, token);
  const [buyer, payer] = [connect(people.buyer), connect(people.payer)];
  const [waiting, offered] = [connect(people.waiting), connect(people.offered)];
  const bookings = await bookAll(buyer, events);
  const shots = [
    ...shotsOf(organiser, events, bookings),
    ...(await waitInLine(organiser, events.soldOut, { waiting, offered })),
    ...(await payInEveryWay(organiser, payer)),
    ...(await sellByTypes(organiser, { buyer, waiting, offered })),
    ...(await bookWithVouchers(organiser, payer)),
    ...(await illustrate({ url, organiser, buyer, token: people.buyer })),
    ...(await cancelInParts(organiser, offered)),
  ];
  for (const remote of [buyer, payer, waiting, offered]) remote.close();
  return { people, shots };
}

async function invite(url: string) {
  return {
    signedOut: null,
    buyer: await register(url, 'Anna Wagner'),
    payer: await register(url, 'Ben Okafor'),
    waiting: await register(url, 'Clara Lindqvist'),
    offered: await register(url, 'Dario Conti'),
    organiser: await signIn(url),
  };
}

type Events = Awaited<ReturnType<typeof createEvents>>;
type Bookings = Awaited<ReturnType<typeof bookAll>>;

async function createEvents(organiser: Remote) {
  const create = (more: Parameters<typeof createEvent>[1]) => createEvent(organiser, { venue: VENUE, ...more });
  const free = await create({ title: 'Jazz im Hinterhof', totalSeats: 120, startsAt: inDays(3) });
  await organiser.must('book', { requestId: randomUUID(), eventId: free.id, seats: 10 });
  const soldOut = await create({ title: 'Sold-out evening of chamber music', totalSeats: 4, startsAt: inDays(5) });
  await organiser.must('book', { requestId: randomUUID(), eventId: soldOut.id, seats: 4 });
  const priced = await create({ title: 'The Long Night of Short Plays', price: PRICE, totalSeats: 24 });
  const held = await create({ title: 'Poetry, read by machines', price: PRICE, totalSeats: 60, startsAt: inDays(9) });
  const before = await create({ title: 'Opening next week', salesOpenAt: inDays(6), startsAt: inDays(30) });
  const soon = await create({
    title: 'Opening within the hour',
    price: PRICE,
    salesOpenAt: inDays(0.04),
    startsAt: inDays(31),
  });
  const called = await create({ title: 'Open-air cinema', totalSeats: 200, startsAt: inDays(7) });
  const long = 'Donaudampfschifffahrtsgesellschaftskonzert';
  await create({ title: long, totalSeats: 40, price: PRICE, startsAt: inDays(11) });
  const draft = await create({ title: 'Not yet announced', status: 'draft' });
  const off = await create({ title: 'Moonlight tour of the harbour', totalSeats: 30 });
  await organiser.must('cancelEvent', { eventId: off.id, reason: 'The harbour is closed after a storm.' });
  const sample = await create({ title: 'Night walk through the old town', totalSeats: 20, startsAt: inDays(4) });
  const typed = await createTyped(organiser);
  return { free, soldOut, priced, held, before, soon, called, draft, off, sample, typed };
}

/** An event with ticket types of every kind, some of them sold, and vouchers of every kind. */
async function createTyped(organiser: Remote) {
  const euros = (amount: number) => ({ amount, currency: 'EUR' });
  const typed = await createEvent(organiser, {
    title: 'Summer festival on the meadow',
    venue: VENUE,
    totalSeats: 120,
    startsAt: inDays(20),
    ticketTypes: [
      { name: 'Adult', price: euros(2_400) },
      { name: 'Child', description: 'Up to 14 years', price: euros(900), limit: 40 },
      { name: 'Early bird', price: euros(1_800), limit: 20, salesUntil: inDays(5), maxPerBooking: 4 },
      { name: 'Family ticket for two grown-ups and two', price: euros(5_500), seats: 4, limit: 10 },
      { name: 'Friends of the house', price: euros(0), access: 'voucher' },
      { name: 'Parking', price: euros(600), seats: 0, limit: 30 },
    ],
  });
  const make = (more: object) =>
    organiser.must('createVouchers', { requestId: randomUUID(), eventId: typed.id, count: 1, ...more });
  const book = (counts: Record<string, number>, more: object = {}) => {
    const tickets = Object.entries(counts).map(([type, count]) => ({ type, count }));
    return organiser.must('book', { requestId: randomUUID(), eventId: typed.id, tickets, ...more });
  };
  await make({ code: 'PRESS', percentOff: 100, maxTickets: 40, note: 'For the papers' });
  for (let group = 1; group <= 3; group += 1) await book({ t1: 4, t2: 2, t4: 1, t6: 1 }, { voucher: 'PRESS' });
  await book({ t2: 5, t3: 3 });
  await make({ code: 'FRIENDS-OF-THE-HOUSE', opens: ['t5'], note: 'For the members’ letter', maxTicketsPerUser: 2 });
  await make({ code: 'SUMMER-25', percentOff: 25, ticketTypes: ['t1', 't2'], maxTickets: 50, validUntil: inDays(10) });
  const { vouchers } = await make({ code: 'OLD', amountOff: euros(500), maxTickets: 10 });
  await organiser.must('updateVoucher', { voucherId: vouchers[0]?.id ?? '', changes: { disabled: true } });
  await make({ count: 3, percentOff: 50, maxTickets: 1, note: 'Prize draw' });
  return typed;
}

async function bookAll(buyer: Remote, { free, held, called, sample }: Events) {
  const book = (eventId: string, seats: number) => buyer.must('book', { requestId: randomUUID(), eventId, seats });
  const ticket = await book(free.id, 2);
  const hold = await book(held.id, 3);
  const cancelled = await book(called.id, 1);
  await buyer.must('cancelBooking', { bookingId: cancelled.id });
  return { ticket, hold, invented: await book(sample.id, 1) };
}

function shotsOf(organiser: Remote, events: Events, { ticket, invented }: Bookings): Shot[] {
  const sampleTicket: Shot = {
    name: 'ticket-sample',
    path: `/tickets/${invented.id}`,
    by: 'buyer',
    ready: 'Sample event',
  };
  return [
    ...publicShots(events),
    ...buyerShots(events, ticket.id),
    sampleTicket,
    ...organiserShots(organiser, events, ticket.id),
  ];
}

function publicShots(events: Events): Shot[] {
  const by = 'signedOut';
  return [
    { name: 'list', path: '/', by, ready: 'Jazz im Hinterhof' },
    { name: 'list-german', path: '/de', by, ready: 'Jazz im Hinterhof' },
    { name: 'list-nothing-found', path: '/?query=zebra', by, ready: 'No event matches' },
    { name: 'event-guest', path: `/events/${events.priced.id}`, by, ready: 'You only need your mail address' },
    { name: 'event-before-sale', path: `/events/${events.before.id}`, by, ready: 'Sale opens' },
    { name: 'event-opening-soon', path: `/events/${events.soon.id}`, by, ready: 'Sale opens' },
    { name: 'event-sold-out', path: `/events/${events.soldOut.id}`, by, ready: 'Sold out' },
    { name: 'event-called-off', path: `/events/${events.off.id}`, by, ready: 'does not take place' },
    { name: 'event-sample', path: `/events/${events.sample.id}`, by, ready: 'Sample event' },
    { name: 'login', path: '/login', by, ready: 'Send code' },
    { name: 'login-password', path: '/login?with=password', by, ready: 'Password' },
    { name: 'register', path: '/register', by, ready: 'Send code' },
    { name: 'sign-in-panel', path: `/events/${events.priced.id}`, by, ready: 'Live', act: openPanel },
    { name: 'sign-in-panel-code', path: `/de/events/${events.priced.id}`, by, ready: 'Live', act: openCode },
    { name: 'sign-in-dialog', path: '/account', by, ready: 'Live', act: openSignIn },
    { name: 'forgot', path: '/forgot', by, ready: 'Send link' },
    { name: 'reset', path: '/reset?token=x', by, ready: 'Save password' },
    { name: 'verify', path: '/verify?token=x', by, ready: 'Confirm address' },
    { name: 'bookings-guest', path: '/bookings', by, ready: 'Sign in to see' },
    { name: 'missing', path: '/nowhere', by, ready: 'All events' },
    { name: 'offline', path: '/offline', by, ready: 'No connection' },
    { name: 'design', path: '/design', by, ready: 'Buttons' },
  ];
}

function buyerShots(events: Events, ticketId: string): Shot[] {
  const by = 'buyer';
  return [
    { name: 'event-free', path: `/events/${events.called.id}`, by, ready: 'Book 2 seats' },
    { name: 'event-priced', path: `/events/${events.priced.id}`, by, ready: 'Hold 2 seats' },
    { name: 'event-before-sale-mine', path: `/events/${events.before.id}`, by, ready: 'Sale opens' },
    { name: 'event-held', path: `/events/${events.held.id}`, by, ready: 'You hold 3 seats' },
    { name: 'event-ticket', path: `/events/${events.free.id}`, by, ready: 'You have 2 seats' },
    { name: 'event-waiting', path: `/events/${events.soldOut.id}`, by, ready: 'Sold out' },
    { name: 'list-with-hold', path: '/', by, ready: '3 seats until' },
    { name: 'bookings', path: '/bookings', by, ready: 'Open ticket' },
    { name: 'ticket', path: `/tickets/${ticketId}`, by, ready: 'Show this code' },
    { name: 'account', path: '/account', by, ready: 'Change password' },
    { name: 'cancel-dialog', path: '/bookings', by, ready: 'Open ticket', act: openCancel },
    { name: 'menu', path: '/bookings', by, ready: 'Open ticket', act: openMenu },
  ];
}

async function openPanel(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^(?:Hold|2 Plätze)/ }).click();
  await page.getByLabel(/^E-?Mail/i).waitFor();
}

async function openCode(page: Page): Promise<void> {
  await openPanel(page);
  await page.getByLabel('E-Mail').fill('anna.wagner@example.org');
  await page.keyboard.press('Enter');
  await page.getByLabel('Code', { exact: true }).waitFor();
}

async function openSignIn(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor();
}

async function openCancel(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Cancel booking' }).first().click();
  await page.getByRole('dialog').waitFor();
}

async function openMenu(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Account of/ }).click();
}
