import { randomUUID } from 'node:crypto';
import type { Event } from '#shared/event.ts';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import type { Shot } from './shot.ts';

/** Puts one person on a waiting list and gives another an offer, and lists the pages that show both. */
export async function waitInLine(
  organiser: Remote,
  soldOut: Event,
  { waiting, offered }: Record<'waiting' | 'offered', Remote>,
): Promise<Shot[]> {
  await waiting.must('joinWaitlist', { requestId: randomUUID(), eventId: soldOut.id, seats: 2 });
  const event = await createEvent(organiser, {
    title: 'Chamber choir by candlelight',
    totalSeats: 2,
    startsAt: inDays(6),
  });
  const taken = await organiser.must('book', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await offered.must('joinWaitlist', { requestId: randomUUID(), eventId: event.id, seats: 2 });
  await organiser.must('cancelBooking', { bookingId: taken.id });
  return [
    { name: 'event-in-line', path: `/events/${soldOut.id}`, by: 'waiting', ready: 'in line for 2 seats' },
    { name: 'event-offered', path: `/events/${event.id}`, by: 'offered', ready: '2 seats for you until' },
    { name: 'bookings-waiting', path: '/bookings', by: 'waiting', ready: 'in line for 2 seats' },
    { name: 'account-waiting', path: '/account', by: 'waiting', ready: 'in line for 2 seats' },
    { name: 'list-waiting', path: '/', by: 'waiting', ready: 'You wait' },
    { name: 'list-with-offer', path: '/', by: 'offered', ready: '2 seats from the waiting list for you' },
  ];
}
