import type { EventInput } from '#shared/event.ts';
import { toWallClock, wallClockTimes } from '#shared/time/wall-clock.ts';
import { PRICED_SAMPLES } from './priced-samples.ts';
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
      category: 'Music',
      tags: ['Jazz', 'Open Air'],
      city: 'Köln',
      organiser: 'Hinterhofkultur e. V.',
      address: 'Venloer Straße 389, 50825 Köln',
      seating: 'Freie Platzwahl',
      accessInfo: 'Der Hof ist ebenerdig. Zur Halle führen zwei Stufen, eine Rampe liegt bereit.',
      timeZone: BERLIN,
      totalSeats: 120,
      price: free(),
    },
    inDays: 5,
    doors: '19:00',
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
      category: 'Comedy',
      tags: ['Open Mic', 'Songs'],
      city: 'Hamburg',
      organiser: 'Harbour Voices',
      address: 'Sandtorkai 30, 20457 Hamburg',
      minAge: 16,
      seating: 'Free seating, some standing',
      timeZone: BERLIN,
      totalSeats: 60,
      price: free(),
    },
    inDays: 2,
    doors: '18:30',
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
      category: 'Comedy',
      tags: ['Stand-up'],
      city: 'Leipzig',
      organiser: 'Hinterhofkultur e. V.',
      address: 'Karl-Liebknecht-Straße 36, 04107 Leipzig',
      minAge: 16,
      seating: 'Freie Platzwahl',
      accessInfo: 'Der Keller ist nur über eine Treppe mit vierzehn Stufen zu erreichen.',
      timeZone: BERLIN,
      totalSeats: 40,
      price: free(),
    },
    inDays: 3,
    doors: '19:45',
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
      category: 'Music',
      tags: ['Live', 'Surprise'],
      city: 'Reykjavík',
      organiser: 'Northern Stages',
      address: 'Austurbakki 2, 101 Reykjavík',
      seating: 'Free seating',
      accessInfo: 'Step-free from the harbour side; lifts to every floor.',
      timeZone: 'Atlantic/Reykjavik',
      totalSeats: 500,
      price: free('ISK'),
      maxSeatsPerBooking: 4,
    },
    inDays: 12,
    doors: '20:00',
    from: '21:00',
    to: '23:30',
    opensInMinutes: 3,
  },
  {
    requestId: 'f2040000-0000-4000-8000-000000000008',
    event: {
      title: 'Donaudampfschifffahrtsgesellschaftskonzert',
      description: 'Blasmusik auf dem Oberdeck, flussabwärts und wieder zurück. Abfahrt pünktlich.',
      venue: 'Anlegestelle Steinerne Brücke, Regensburg',
      category: 'Music',
      tags: ['Blasmusik', 'Open Air'],
      city: 'Regensburg',
      organiser: 'Donaukonzerte',
      address: 'Werftstraße 6, 93059 Regensburg',
      seating: 'Freie Platzwahl auf dem Oberdeck',
      accessInfo: 'Das Oberdeck erreicht man nur über eine steile Treppe.',
      timeZone: BERLIN,
      totalSeats: 24,
      price: free(),
    },
    inDays: 15,
    doors: '17:30',
    from: '18:00',
    to: '21:00',
    sold: 9,
  },
  {
    requestId: 'f2040000-0000-4000-8000-00000000000a',
    event: {
      title: 'Licht und Linie: Ausstellung',
      description: 'Zeichnungen aus drei Jahrzehnten. Mit der Buchung kommt man an jedem der Tage einmal hinein.',
      venue: 'Kunstraum Limmat, Zürich',
      category: 'Art',
      tags: ['Zeichnung'],
      city: 'Zürich',
      organiser: 'Kunstverein Limmat',
      address: 'Limmatstrasse 270, 8005 Zürich',
      accessInfo: 'Alle Räume sind stufenlos, das WC ist rollstuhlgerecht.',
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
  ...PRICED_SAMPLES,
  ...TYPED_SAMPLES,
];

export type SampleDates = Pick<EventInput, 'startsAt'> & {
  endsAt: string;
  doorsAt?: string;
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
    ...(sample.doors && { doorsAt: instantAt(now, sample.inDays, sample.doors, timeZone) }),
    ...(sample.inDays < 0 && { salesCloseAt: endsAt }),
    ...(sample.opensInMinutes && {
      salesOpenAt: new Date(now.getTime() + sample.opensInMinutes * 60_000).toISOString(),
    }),
  };
}

const DAY_MS = 86_400_000;

/** The instant at which the clocks of a time zone show this time, `inDays` days from now. */
function instantAt(now: Date, inDays: number, clock: string, timeZone: string): string {
  const [day = ''] = toWallClock(new Date(now.getTime() + inDays * DAY_MS).toISOString(), timeZone).split('T');
  const [instant] = wallClockTimes(`${day}T${clock}`, timeZone);
  if (instant === undefined) throw new Error(`${clock} is no time of a day`);
  return instant;
}
