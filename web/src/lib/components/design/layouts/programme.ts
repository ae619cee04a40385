import type { Event } from '#shared/event.ts';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { sampleEvent, withSeats } from '../samples.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST = 'Donaudampfschifffahrtsgesellschaftskonzert mit Rahmenprogramm';
const priced = (amount: number) => {
  const price = { amount, currency: 'EUR' };
  return { price, ticketTypes: [aTicketType({ price })] };
};
const idOf = (index: number) => `${'d'.repeat(22)}${String(index).padStart(2, '0')}`;

/** A programme of invented events of each kind, in the order of their dates, for a site that has none of its own. */
export function sampleProgramme(nowMs: number): Event[] {
  const at = (days: number) => new Date(nowMs + days * DAY_MS).toISOString();
  const titled = (index: number, days: number, title: string, more: Partial<Event> = {}): Event =>
    sampleEvent(nowMs, {
      id: idOf(index),
      eventId: idOf(index),
      title,
      startsAt: at(days),
      salesCloseAt: at(days),
      ...more,
    });
  const sold = (event: Event, count: number) => withSeats(event, 0, count);
  return [
    titled(1, -2, 'Light and Line: works on glass', { endsAt: at(12), salesCloseAt: at(12), ...priced(0) }),
    sold(titled(2, 0.2, 'Jazz im Hinterhof', { totalSeats: 120, availableSeats: 120 }), 82),
    sold(titled(3, 0.3, 'The Long Night of Short Plays', priced(2_450)), 96),
    sold(titled(4, 2.2, LONGEST, { venue: 'Anlegestelle Steinerne Brücke, Regensburg' }), 40),
    sold(titled(5, 3.1, 'An evening of chamber music, sold out'), 100),
    titled(6, 3.2, 'Open-air cinema', priced(0)),
    titled(7, 9, 'Opening next week', { salesOpenAt: at(6) }),
    sold(titled(8, 9.1, 'Poetry, read by machines', priced(123_456_789)), 12),
    titled(9, 12, 'Moonlight tour of the harbour', { status: 'cancelled', cancelReason: 'Low water' }),
    sold(titled(10, 20, 'Summer festival on the meadow'), 55),
    titled(11, 21, 'Tuning forks, a workshop'),
  ];
}

/** An invented event with every fact and a long title, in a week. */
export function sampleWithAllFacts(nowMs: number): Event {
  const at = (days: number) => new Date(nowMs + days * DAY_MS).toISOString();
  const event = sampleEvent(nowMs, {
    id: idOf(12),
    eventId: idOf(12),
    title: LONGEST,
    venue: 'Anlegestelle Steinerne Brücke',
    city: 'Regensburg',
    address: 'Steinerne Brücke 1, 93047 Regensburg',
    doorsAt: at(6.95),
    endsAt: at(7.15),
    minAge: 12,
    seating: 'Free seating',
    accessInfo: 'Step-free entrance, two places for wheelchairs, an induction loop.',
    category: 'Music',
    tags: ['Boat', 'Opening night'],
    description:
      'An evening **on the water**, with the orchestra of the house.\n\n- A tour at seven\n- Music at nine\n\nBring something warm: the upper deck is open, and the evenings are cool.',
  });
  return withSeats(event, 4, 58);
}
