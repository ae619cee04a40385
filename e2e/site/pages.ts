import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { createEvent, inDays } from './organiser.ts';
import { PRICE } from './payments.ts';
import type { Site } from './test.ts';

/** The addresses at which the tests open each page, by the page's route. */
export type Addresses = Record<string, string[]>;

/** The layouts that were tried for the list and for an event's page. */
const LAYOUTS = [1, 2, 3];

const ROUTES = new URL('../../web/src/routes', import.meta.url);

/** Lists the routes that have a page, as SvelteKit names them. */
export function pageRoutes(): string[] {
  const files = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('+page.svelte'))
    .map((file) => `/${file}`.replace(/\/\+page\.svelte$/, '') || '/');
}

/** Creates events of each kind and a booking of the organiser, and returns the addresses of every page with them. */
export async function addressesOf({ organiser }: Pick<Site, 'organiser'>): Promise<Addresses> {
  const name = `Kulturhaus ${randomUUID().slice(0, 8)}`;
  const free = await createEvent(organiser, { organiser: name });
  const priced = await createEvent(organiser, { price: PRICE });
  const soon = await createEvent(organiser, { salesOpenAt: inDays(1) });
  const draft = await createEvent(organiser, { status: 'draft' });
  const soldOut = await createEvent(organiser, { totalSeats: 2 });
  const { id: bookingId } = await organiser.must('book', { requestId: randomUUID(), eventId: soldOut.id, seats: 2 });
  const published = [free, priced, soon, soldOut];
  const administered = [priced, draft].map(({ id }) => `/admin/events/${id}`);
  return {
    '/': ['/', '/?when=past', '/?query=nothing', '/?page=2'],
    '/organisers/[name]': ['', '?when=past'].map((query) => `/organisers/${encodeURIComponent(name)}${query}`),
    '/events/[id]': published.map(({ id }) => `/events/${id}`),
    '/login': ['/login', '/login?next=%2Fbookings'],
    '/register': ['/register'],
    '/forgot': ['/forgot'],
    '/reset': ['/reset', '/reset?token=of-a-mail'],
    '/verify': ['/verify'],
    '/bookings': ['/bookings'],
    '/account': ['/account'],
    '/tickets/[id]': ['/tickets/kept', `/tickets/${bookingId}`],
    '/tickets/[id]/receipts': [`/tickets/${bookingId}/receipts`],
    '/t/[key]': ['/t/kept'],
    '/reminders/[key]': ['/reminders/of-a-mail'],
    '/paid': ['/paid'],
    '/privacy': ['/privacy'],
    '/offline': ['/offline'],
    '/design': ['/design'],
    '/design/list/[layout]': LAYOUTS.map((number) => `/design/list/${number}`),
    '/design/event/[layout]': LAYOUTS.map((number) => `/design/event/${number}`),
    '/admin': ['/admin'],
    '/admin/roles': ['/admin/roles'],
    '/admin/events/new': ['/admin/events/new'],
    '/admin/events/[id]': administered,
    '/admin/events/[id]/sales': administered.map((path) => `${path}/sales`),
    '/admin/events/[id]/vouchers': administered.map((path) => `${path}/vouchers`),
    '/admin/events/[id]/bookings': administered.map((path) => `${path}/bookings`),
    '/admin/events/[id]/door': administered.map((path) => `${path}/door`),
  };
}
