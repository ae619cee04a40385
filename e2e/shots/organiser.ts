import type { Page } from '@playwright/test';
import type { Event } from '#shared/event.ts';
import { inDays, type Remote } from '../site/organiser.ts';
import type { Shot } from './shot.ts';
import { grow } from './tickets.ts';

interface Events {
  free: Event;
  draft: Event;
  off: Event;
  typed: Event;
}

/** Lists the organisers' pages to capture. */
export function organiserShots(organiser: Remote, { free, draft, off, typed }: Events, ticketId: string): Shot[] {
  const by = 'organiser';
  const form = `/admin/events/${draft.id}`;
  const sales = `/admin/events/${free.id}/sales`;
  return [
    { name: 'admin', path: '/admin', by, ready: 'Jazz im Hinterhof' },
    { name: 'admin-drafts', path: '/admin?tab=drafts', by, ready: 'Not yet announced' },
    { name: 'admin-cancelled', path: '/admin?tab=cancelled', by, ready: 'Moonlight tour' },
    { name: 'admin-past', path: '/admin?tab=past', by, ready: 'No past events' },
    { name: 'admin-nothing-found', path: '/admin?query=zebra', by, ready: 'No event matches' },
    { name: 'admin-new', path: '/admin/events/new', by, ready: 'What and where' },
    { name: 'admin-event', path: form, by, ready: 'What and where' },
    {
      name: 'admin-conflict',
      path: form,
      by,
      ready: 'What and where',
      act: (page) => conflict(page, organiser, draft),
    },
    { name: 'admin-twice', path: form, by, ready: 'What and where', act: chooseRepeatedHour },
    { name: 'admin-leave', path: form, by, ready: 'What and where', act: leave },
    { name: 'admin-move', path: `/admin/events/${free.id}`, by, ready: 'What and where', act: move },
    { name: 'admin-sales', path: sales, by, ready: 'Seats sold over time' },
    { name: 'admin-call-off', path: sales, by, ready: 'As a table', act: openCancelEvent },
    { name: 'admin-called-off', path: `/admin/events/${off.id}/sales`, by, ready: 'Called off' },
    { name: 'admin-types', path: `/admin/events/${typed.id}`, by, ready: 'How the 120 seats are divided' },
    { name: 'admin-types-sales', path: `/admin/events/${typed.id}/sales`, by, ready: 'Sales by ticket type' },
    { name: 'admin-types-bookings', path: `/admin/events/${typed.id}/bookings`, by, ready: '4 bookings' },
    { name: 'admin-vouchers', path: `/admin/events/${typed.id}/vouchers`, by, ready: '7 vouchers' },
    { name: 'admin-vouchers-none', path: `/admin/events/${free.id}/vouchers`, by, ready: 'No vouchers yet' },
    {
      name: 'admin-vouchers-new',
      path: `/admin/events/${typed.id}/vouchers`,
      by,
      ready: '7 vouchers',
      act: openNewVouchers,
      actsInGerman: true,
    },
    {
      name: 'admin-vouchers-change',
      path: `/admin/events/${typed.id}/vouchers`,
      by,
      ready: '7 vouchers',
      act: changeVoucher,
      actsInGerman: true,
    },
    {
      name: 'admin-types-rules',
      path: `/admin/events/${typed.id}`,
      by,
      ready: 'How the 120 seats are divided',
      act: openRules,
      actsInGerman: true,
    },
    {
      name: 'admin-types-door',
      path: `/admin/events/${typed.id}/door`,
      by,
      ready: 'Let in',
      act: (page) => admit(page, organiser, typed),
      actsInGerman: true,
    },
    { name: 'admin-bookings', path: `/admin/events/${free.id}/bookings`, by, ready: '2 bookings' },
    { name: 'admin-ticket', path: `/tickets/${ticketId}`, by, ready: 'Ticket of' },
    { name: 'admin-door', path: `/admin/events/${free.id}/door`, by, ready: 'Let in', act: scanNothing },
    { name: 'admin-roles', path: '/admin/roles', by, ready: 'Make organiser' },
  ];
}

async function conflict(page: Page, organiser: Remote, { id: eventId }: Event): Promise<void> {
  const mine = `Pier 9, at the end of the ${'very '.repeat(8)}long quay`;
  await page.getByLabel('Place', { exact: true }).fill(mine);
  await page.getByLabel('Starts').fill(inDays(40).slice(0, 16));
  const { revision } = await organiser.must('getEvent', { eventId });
  const changes = { venue: `Pier ${revision}`, startsAt: inDays(30 + revision) };
  await organiser.must('updateEvent', { eventId, revision, changes });
  await page.getByText('Which version should it be').waitFor();
  await page.getByText('Which version should it be').scrollIntoViewIfNeeded();
}

async function chooseRepeatedHour(page: Page): Promise<void> {
  await page.getByLabel('Starts').fill('2030-10-27T02:15');
  await page.getByText('This time comes twice that night').scrollIntoViewIfNeeded();
}

async function leave(page: Page): Promise<void> {
  await page.getByLabel('Title').fill('Something unsaved');
  await page.getByRole('link', { name: 'Sales', exact: true }).click();
  await page.getByRole('dialog').waitFor();
}

async function move(page: Page): Promise<void> {
  await page.getByLabel('Starts').fill(inDays(20).slice(0, 16));
  await page.getByRole('button', { name: 'Save changes' }).click();
  await page.getByRole('dialog').getByText('bookings are confirmed').waitFor();
}

async function openCancelEvent(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Call off the event' }).click();
  await page.getByRole('dialog').getByText('This cannot be undone').waitFor();
}

async function scanNothing(page: Page): Promise<void> {
  await page.getByLabel('Ticket or code').fill('0000 0000 0000');
  await page.keyboard.press('Enter');
  await page.getByText('Not a ticket for this event').waitFor();
}

async function openNewVouchers(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(?:New vouchers|Neue Gutscheine)$/ }).click();
  await page
    .getByRole('dialog')
    .getByLabel(/^(?:Percent off|Nachlass in Prozent)$/)
    .waitFor();
}

async function changeVoucher(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^(?:Change SUMMER-25|SUMMER-25 ändern)$/ }).click();
  await page.getByRole('dialog').waitFor();
}

async function openRules(page: Page): Promise<void> {
  const card = page.getByRole('group', { name: 'Early bird', exact: true });
  await card.getByText(/^(?:Description, dates and rules|Beschreibung, Termine und Regeln)$/).click();
  await card.scrollIntoViewIfNeeded();
}

/** Checks a booking of several ticket types in; from the second time on, the desk says that it is in already. */
async function admit(page: Page, organiser: Remote, { id: eventId }: Event): Promise<void> {
  const { bookings } = await organiser.must('listEventBookings', { eventId, status: 'confirmed' });
  await page.getByLabel(/^Ticket (?:or code|oder Code)$/).fill(bookings[0]?.code ?? '');
  await page.keyboard.press('Enter');
  await page.getByText(/Family ticket/).waitFor();
  await grow(page);
}
