import type { EventInput } from '#shared/event.ts';
import type { Sample } from './sample.ts';
import { TYPED_SAMPLES } from './typed-samples.ts';

const BERLIN = 'Europe/Berlin';
const free = (currency = 'EUR') => ({ amount: 0, currency });

/**
 * One sample of each kind at least: free, priced, nearly full, sold out with a waiting list, opening soon, running,
 * cancelled, draft, of several ticket types with an extra, with an early bird.
 */
export const SAMPLES: readonly Sample[] = [
  {
    requestId: 'f2040000-0000-4000-8000-000000000001',
    event: {
      title: 'Jazz im Hinterhof',
      description:
        'Saxofon, Kontrabass und ein Klavier, das den Sommer überstanden hat. Bei Regen spielen wir in der Halle.',
      venue: 'Alte Schlosserei, Köln',
      timeZone: BERLIN,
      totalSeats: 120,
      price: free(),
    },
    inDays: 5,
    from: '20:00',
    to: '22:30',
    sold: 82,
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000002',
    event: {
      title: 'Open Mic at the Harbour',
      description: 'Ten minutes each, songs or stories, in any language. The list opens at the door.',
      venue: 'Pier 7, Hamburg',
      timeZone: BERLIN,
      totalSeats: 60,
      price: free(),
    },
    inDays: 2,
    from: '19:30',
    to: '23:00',
    sold: 57,
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000003',
    event: {
      title: 'Stand-up im Keller',
      description: 'Sechs Leute, sechs Hocker, ein Mikrofon. Wer in der ersten Reihe sitzt, ist selbst schuld.',
      venue: 'Kulturkeller, Leipzig',
      timeZone: BERLIN,
      totalSeats: 40,
      price: free(),
    },
    inDays: 3,
    from: '20:30',
    to: '22:00',
    sold: 40,
    waitlistPartySizes: [2, 4, 1],
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000004',
    event: {
      title: 'Aurora: a surprise concert',
      description: 'Nobody says who plays. Sales open in a moment, and everybody is waiting: have a friend ready.',
      venue: 'Harpa, Reykjavík',
      timeZone: 'Atlantic/Reykjavik',
      totalSeats: 500,
      price: free('ISK'),
      maxSeatsPerBooking: 4,
    },
    inDays: 12,
    from: '21:00',
    to: '23:30',
    opensInMinutes: 3,
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000005',
    event: {
      title: 'An Evening with the Night Owls',
      description: 'Close harmony from five voices and no microphones at all.',
      venue: 'The Old Fire Station, Oxford',
      timeZone: 'Europe/London',
      totalSeats: 180,
      price: { amount: 1_850, currency: 'GBP' },
    },
    inDays: 8,
    from: '19:30',
    to: '21:45',
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000006',
    event: {
      title: 'Kammermusik bei Kerzenschein',
      description: 'Schubert, Streichquintett in C-Dur. Eine Pause, und danach Glühwein in der Orangerie.',
      venue: 'Orangerie, Wien',
      timeZone: 'Europe/Vienna',
      totalSeats: 90,
      price: { amount: 3_200, currency: 'EUR' },
    },
    inDays: 9,
    from: '19:00',
    to: '21:00',
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000007',
    event: {
      title: 'Poetry After Dark',
      description: 'Four poets, one lamp. Doors close when the first line is read.',
      venue: 'The Boiler Room, Brooklyn',
      timeZone: 'America/New_York',
      totalSeats: 75,
      price: { amount: 1_500, currency: 'USD' },
    },
    inDays: 6,
    from: '21:00',
    to: '22:30',
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000008',
    event: {
      title: 'Donaudampfschifffahrtsgesellschaftskonzert',
      description: 'Blasmusik auf dem Oberdeck, flussabwärts und wieder zurück. Abfahrt pünktlich.',
      venue: 'Anlegestelle Steinerne Brücke, Regensburg',
      timeZone: BERLIN,
      totalSeats: 24,
      price: free(),
    },
    inDays: 15,
    from: '18:00',
    to: '21:00',
    sold: 9,
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000009',
    event: {
      title: 'Tokyo Nights: City Pop',
      description: 'A band of eleven and every song you half remember.',
      venue: 'Loft Nine, Shibuya',
      timeZone: 'Asia/Tokyo',
      totalSeats: 300,
      price: { amount: 4_500, currency: 'JPY' },
    },
    inDays: 20,
    from: '18:30',
    to: '21:00',
  },
  {
    requestId: 'f2040000-0000-4000-8000-00000000000a',
    event: {
      title: 'Licht und Linie: Ausstellung',
      description: 'Zeichnungen aus drei Jahrzehnten. Mit der Buchung kommt man an jedem der Tage einmal hinein.',
      venue: 'Kunstraum Limmat, Zürich',
      timeZone: 'Europe/Zurich',
      totalSeats: 400,
      price: free('CHF'),
    },
    inDays: -2,
    from: '10:00',
    to: '18:00',
    days: 6,
    sold: 131,
  },
  {
    requestId: 'f2040000-0000-4000-8000-00000000000b',
    event: {
      title: 'Winter Lantern Walk',
      description: 'Through the woods with three hundred paper lanterns.',
      venue: 'Roundhay Park, Leeds',
      timeZone: 'Europe/London',
      totalSeats: 150,
      price: { amount: 600, currency: 'GBP' },
    },
    inDays: 4,
    from: '17:00',
    to: '19:00',
    cancelled: 'A storm is forecast for the whole weekend.',
  },
  {
    requestId: 'f2040000-0000-4000-8000-00000000000c',
    event: {
      title: 'Sommernachtsball',
      description: 'Noch ein Entwurf: nur Organisatoren sehen ihn.',
      venue: 'Palais am See, Potsdam',
      timeZone: BERLIN,
      totalSeats: 220,
      price: { amount: 4_900, currency: 'EUR' },
      status: 'draft',
    },
    inDays: 60,
    from: '19:00',
    to: '23:59',
  },
  ...TYPED_SAMPLES,
];

export type SampleDates = Pick<EventInput, 'startsAt'> & {
  endsAt: string;
  salesOpenAt?: string;
  salesCloseAt?: string;
};

/** The dates of a sample for a start at `now`. The sale of an event that has begun stays open until its end. */
export function datesOf(sample: Sample, now: Date): SampleDates {
  const { timeZone } = sample.event;
  const endsAt = instantAt(now, sample.inDays + (sample.days ?? 0), sample.to, timeZone);
  return {
    startsAt: instantAt(now, sample.inDays, sample.from, timeZone),
    endsAt,
    ...(sample.inDays < 0 && { salesCloseAt: endsAt }),
    ...(sample.opensInMinutes && {
      salesOpenAt: new Date(now.getTime() + sample.opensInMinutes * 60_000).toISOString(),
    }),
  };
}

const DAY_MS = 86_400_000;

/** The instant at which the clocks of a time zone show this time, `inDays` days from now. */
function instantAt(now: Date, inDays: number, clock: string, timeZone: string): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(now.getTime() + inDays * DAY_MS));
  const asIfUtc = Date.parse(`${day}T${clock}:00.000Z`);
  return new Date(
    asIfUtc - offsetMs(new Date(asIfUtc - offsetMs(new Date(asIfUtc), timeZone)), timeZone),
  ).toISOString();
}

/** How far the clocks of a time zone are ahead of UTC at this instant, in milliseconds. */
function offsetMs(at: Date, timeZone: string): number {
  const shown = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  return Date.parse(`${shown.replace(' ', 'T')}.000Z`) - Math.floor(at.getTime() / 1_000) * 1_000;
}
