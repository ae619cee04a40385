import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '#shared/event.ts';
import type { Booking } from '#shared/booking.ts';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import type { Shot } from './shot.ts';

const PRICE = { amount: 2_450, currency: 'EUR' };
const CARDS = { pays: '4242424242424242', declined: '4000000000000002', late: '4000000000000341' };
const ASK_EVERY_MS = 200;
const MOST_ASKED = 150;

/** One payment attempt: its event, and the paths of the pages about it. */
interface Payment {
  event: Event;
  paid: string;
  /** Path of the provider's payment page. */
  page: string;
}

/** Makes a payment attempt with each possible outcome, and lists the pages that show them. */
export async function payInEveryWay(organiser: Remote, payer: Remote): Promise<Shot[]> {
  const create = (title: string, days: number) =>
    createEvent(organiser, { title, price: PRICE, totalSeats: 60, startsAt: inDays(days), venue: 'Kleines Haus' });
  const open = await startPaying(payer, await create('Songs for a Winter Evening', 12));
  const declined = await startPaying(payer, await create('Café Concert', 13), CARDS.declined);
  const late = await startPaying(payer, await create('A Night at the Organ', 15), CARDS.late);
  const bought = await startPaying(payer, await create('Recital for Two Pianos', 16), CARDS.pays);
  const returned = await startPaying(payer, await create('The Cherry Orchard', 17), CARDS.pays);
  await until(payer, bought.booking.id, ({ status }) => status === 'confirmed');
  await until(payer, returned.booking.id, ({ status }) => status === 'confirmed');
  await payer.must('cancelBooking', { bookingId: returned.booking.id });
  await until(payer, returned.booking.id, ({ payment }) => payment?.status === 'refunded');
  return shotsOf({ open, declined, late, bought, returned });
}

/** Holds two seats and opens the payment page; pays there if a card is given. */
async function startPaying(payer: Remote, event: Event, card?: string): Promise<Payment & { booking: Booking }> {
  const booking = await payer.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  const { url } = await payer.must('checkout', { bookingId: booking.id });
  const paid = await pathBack(url);
  if (card !== undefined) await fetch(url, { method: 'POST', body: new URLSearchParams({ card }), redirect: 'manual' });
  return { event, booking, paid, page: new URL(url).pathname };
}

/** The path of the page that a payment page of the demo provider leads to. */
export async function pathBack(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  const back = /href="([^"]*\/paid\?[^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  if (back === undefined) throw new Error('The payment page leads nowhere');
  const { pathname, search } = new URL(back);
  return pathname + search;
}

/** Waits until a booking has come as far as `isSo` says. */
export async function until(payer: Remote, bookingId: string, isSo: (booking: Booking) => boolean): Promise<void> {
  for (let asked = 0; asked < MOST_ASKED; asked += 1) {
    if (isSo(await payer.must('getBooking', { bookingId }))) return;
    await sleep(ASK_EVERY_MS);
  }
  throw new Error(`Booking ${bookingId} never came that far`);
}

function shotsOf(of: Record<'open' | 'declined' | 'late' | 'bought' | 'returned', Payment>): Shot[] {
  const by = 'payer';
  const eventPath = ({ event }: Payment) => `/events/${event.id}`;
  const provider = { by: 'signedOut', of: 'provider' } as const;
  return [
    { name: 'payment-open', path: of.open.page, ...provider, ready: 'Pay €49.00' },
    { name: 'payment-declined', path: of.declined.page, ...provider, ready: 'The card was declined' },
    { name: 'payment-paid', path: of.bought.page, ...provider, ready: 'Paid. Thank you.' },
    { name: 'paid-open', path: of.open.paid, by: 'signedOut', ready: 'Not paid yet' },
    { name: 'paid-checking', path: of.late.paid, by: 'signedOut', ready: 'Checking your payment' },
    { name: 'paid-confirmed', path: of.bought.paid, by: 'signedOut', ready: '2 seats are yours' },
    { name: 'paid-unknown', path: '/paid?token=x', by: 'signedOut', ready: 'This link shows no payment' },
    { name: 'paid-mine', path: of.bought.paid, by, ready: 'Add to calendar' },
    { name: 'paid-declined', path: of.declined.paid, by, ready: 'Card declined' },
    { name: 'paid-refunded', path: of.returned.paid, by, ready: /was refunded/ },
    { name: 'event-paying', path: eventPath(of.open), by, ready: 'Continue to payment' },
    { name: 'event-declined', path: eventPath(of.declined), by, ready: 'The last payment did not go through' },
    { name: 'event-receipt', path: eventPath(of.bought), by, ready: 'no real money was taken' },
    { name: 'event-refunded', path: eventPath(of.returned), by, ready: /was refunded/ },
    { name: 'bookings-payments', path: '/bookings', by, ready: /was refunded/ },
  ];
}
