import { randomUUID } from 'node:crypto';
import { createEvent, inDays, type Remote } from '../site/organiser.ts';
import { photograph, putPicture } from '../site/pictures.ts';
import type { Shot } from './shot.ts';

const euros = (amount: number) => ({ amount, currency: 'EUR' });
const IN_LEIPZIG = { venue: 'Haus der Lichter', city: 'Leipzig', address: 'Werkstraße 12, 04103 Leipzig' };

interface Site {
  url: string;
  organiser: Remote;
  /** A buyer, and the token of the buyer's session. */
  buyer: Remote;
  token: string;
}

/** Creates events with pictures and with every fact, books one, and lists the pages that show them. */
export async function illustrate({ url, organiser, buyer, token }: Site): Promise<Shot[]> {
  const create = (title: string, more: Parameters<typeof createEvent>[1]) =>
    createEvent(organiser, { title, ...IN_LEIPZIG, category: 'Exhibition', ...more });
  const light = await create('Light and Line: works on glass', {
    startsAt: inDays(2),
    endsAt: inDays(2.2),
    doorsAt: inDays(1.98),
    totalSeats: 80,
    price: euros(1_400),
    minAge: 12,
    seating: 'Free seating',
    accessInfo: 'Step-free entrance, two places for wheelchairs, an induction loop.',
    tags: ['Glass', 'Opening night'],
    description:
      'An evening **between the works**, with their makers.\n\n- A tour at seven\n- Music at nine\n\nAll texts are in *English* and German: https://example.org/light',
  });
  const harbour = await create('Harbour lights from the water', {
    startsAt: inDays(6),
    category: 'Tours',
    tags: ['Boat'],
  });
  const organ = await create('Organ by night', { startsAt: inDays(8), category: 'Music', price: euros(900) });
  await create('Tuning forks, a workshop', { startsAt: inDays(8.2), category: 'Music' });
  for (const [index, { id, title }] of [light, harbour, organ].entries())
    await putPicture(url, id, { alt: `A view of “${title}”` }, await photograph(200 + 90 * index));
  const { id } = await buyer.must('book', { requestId: randomUUID(), eventId: harbour.id, seats: 2 });
  const key = await keyOf(url, id, token);
  const by = 'signedOut';
  return [
    { name: 'event-picture', path: `/events/${light.id}`, by, ready: 'between the works' },
    { name: 'event-picture-booked', path: `/events/${harbour.id}`, by: 'buyer', ready: 'You have 2 seats' },
    { name: 'list-city', path: '/?city=Leipzig', by, ready: light.title },
    { name: 'list-filters', path: '/?city=Leipzig&category=Music&free=true', by, ready: 'Tuning forks' },
    { name: 'ticket-link', path: `/t/${key}`, by, ready: 'Show this code' },
    { name: 'ticket-picture', path: `/tickets/${id}`, by: 'buyer', ready: 'Show this code' },
  ];
}

/** The key of the link to a booking's ticket. */
async function keyOf(url: string, bookingId: string, token: string): Promise<string> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/api/bookings/${bookingId}/link`, { headers });
  if (!response.ok) throw new Error(`The link of the ticket was refused: ${await response.text()}`);
  return ((await response.json()) as { key: string }).key;
}
