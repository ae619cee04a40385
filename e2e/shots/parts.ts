import { randomUUID } from 'node:crypto';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import { until } from './money.ts';
import type { Shot } from './shot.ts';
import { pay } from './vouchers.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** Books, pays and cancels in parts, once keeping some tickets and once none, and lists the pages that show it. */
export async function cancelInParts(organiser: Remote, buyer: Remote): Promise<Shot[]> {
  const event = (title: string, days: number) =>
    createEvent(organiser, {
      title,
      totalSeats: 60,
      venue: 'Großes Haus',
      startsAt: inDays(days),
      ticketTypes: [
        { name: 'Adult', price: euros(4_000) },
        { name: 'Ermäßigungsberechtigte mit Ausweis', price: euros(1_250) },
        { name: 'Parking', price: euros(500), seats: 0 },
      ],
    });
  const buy = async (eventId: string) => {
    const tickets = [2, 2, 1].map((count, index) => ({ type: `t${index + 1}`, count }));
    const { id } = await buyer.must('book', { requestId: randomUUID(), eventId, tickets });
    await pay(buyer, id);
    await buyer.must('cancelBooking', { bookingId: id, requestId: randomUUID(), tickets: [{ type: 't2', count: 1 }] });
    const reason = 'The car park is closed that evening.';
    await organiser.must('cancelBooking', { bookingId: id, tickets: [{ type: 't3', count: 1 }], reason });
    return id;
  };
  const [open, over] = [await event('Three quartets', 22), await event('Requiem', 23)];
  const [kept, whole] = [await buy(open.id), await buy(over.id)];
  await buyer.must('cancelBooking', { bookingId: whole });
  await until(buyer, whole, ({ payment }) => payment?.status === 'refunded');
  const by = 'offered';
  const closed = /The car park is closed/;
  return [
    { name: 'parts-event', path: `/events/${open.id}`, by, ready: closed },
    { name: 'parts-bookings', path: '/bookings', by, ready: closed },
    { name: 'parts-ticket', path: `/tickets/${kept}`, by, ready: closed },
    { name: 'parts-ticket-over', path: `/tickets/${whole}`, by, ready: closed },
    { name: 'parts-admin', path: `/admin/events/${over.id}/bookings`, by: 'organiser', ready: closed },
    { name: 'parts-admin-ticket', path: `/tickets/${kept}`, by: 'organiser', ready: closed },
  ];
}
