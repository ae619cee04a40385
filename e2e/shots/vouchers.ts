import { randomUUID } from 'node:crypto';
import type { Page } from '@playwright/test';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import { pathBack, until } from './money.ts';
import type { Shot } from './shot.ts';
import { cancelPart } from './tickets.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const TYPES = [
  { name: 'Adult', price: euros(4_000) },
  { name: 'Ermäßigungsberechtigte mit Ausweis', price: euros(1_250) },
  { name: 'Programme booklet', price: euros(500), seats: 0 },
];

/** Books with a voucher by types and at one price, held and paid, and lists the pages that show what it took off. */
export async function bookWithVouchers(organiser: Remote, payer: Remote): Promise<Shot[]> {
  const create = async (title: string, more: Parameters<typeof createEvent>[1]) => {
    const event = await createEvent(organiser, { title, totalSeats: 60, startsAt: inDays(21), ...more });
    const voucher = { requestId: randomUUID(), eventId: event.id, count: 1, code: 'WINTER15', percentOff: 15 };
    await organiser.must('createVouchers', voucher);
    return event;
  };
  const hold = async ({ id: eventId }: { id: string }, ...counts: number[]) => {
    const tickets = counts.map((count, index) => ({ type: `t${index + 1}`, count }));
    return payer.must('book', { requestId: randomUUID(), eventId, tickets, voucher: 'WINTER15' });
  };
  const open = await create('Chamber music by candlelight', { ticketTypes: TYPES });
  const held = await hold(open, 2, 1, 1);
  const { url } = await payer.must('checkout', { bookingId: held.id });
  const one = await create('Songs at one price', { price: euros(2_450) });
  const plain = await hold(one, 2);
  await pay(payer, plain.id);
  const bought = await create('Four cellos', { ticketTypes: TYPES });
  const paid = await hold(bought, 2, 2, 1);
  const back = await pay(payer, paid.id);
  const by = 'payer';
  return [
    { name: 'vouchers-held', path: `/events/${open.id}`, by, ready: 'WINTER15' },
    { name: 'vouchers-pay', path: new URL(url).pathname, by: 'signedOut', of: 'provider', ready: 'Voucher' },
    { name: 'vouchers-return', path: back, by, ready: 'WINTER15' },
    { name: 'vouchers-paid', path: `/events/${bought.id}`, by, ready: 'WINTER15' },
    { name: 'vouchers-paid-one-price', path: `/events/${one.id}`, by, ready: 'WINTER15' },
    { name: 'vouchers-ticket', path: `/tickets/${paid.id}`, by, ready: 'WINTER15' },
    { name: 'vouchers-ticket-one-price', path: `/tickets/${plain.id}`, by, ready: 'WINTER15' },
    { name: 'vouchers-bookings', path: '/bookings', by, ready: 'WINTER15' },
    {
      name: 'vouchers-cancel',
      path: '/bookings',
      by,
      ready: 'WINTER15',
      act: (page: Page) => cancelPart(page, /Four cellos/, 'Ermäßigungsberechtigte'),
      actsInGerman: true,
    },
  ];
}

/** Pays for a hold; resolves with the path of the page behind the payment. */
export async function pay(payer: Remote, bookingId: string): Promise<string> {
  const { url } = await payer.must('checkout', { bookingId });
  const back = await pathBack(url);
  await fetch(url, { method: 'POST', body: new URLSearchParams({ card: '4242424242424242' }), redirect: 'manual' });
  await until(payer, bookingId, ({ status }) => status === 'confirmed');
  return back;
}
