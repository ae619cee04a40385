import type { Sample } from './sample.ts';

const euros = (amount: number) => ({ amount: amount * 100, currency: 'EUR' });
const kroner = (amount: number) => ({ amount: amount * 100, currency: 'NOK' });

/** Samples with several ticket types: one with a family ticket and an extra, one with an early bird. */
export const TYPED_SAMPLES: readonly Sample[] = [
  {
    requestId: 'f2040000-0000-4000-8000-00000000000d',
    event: {
      title: 'Modellbahntag in der Lokhalle',
      description: 'Vierhundert Meter Gleis, eine Werkstatt zum Mitbauen, und um drei Uhr fährt die echte Dampflok.',
      venue: 'Lokhalle, Göttingen',
      category: 'Family',
      tags: ['Trains', 'Workshop'],
      city: 'Göttingen',
      organiser: 'Modellbahnfreunde Göttingen',
      address: 'Bahnhofsallee 1b, 37081 Göttingen',
      accessInfo: 'Die Halle ist stufenlos. Die Dampflok hat drei hohe Tritte.',
      timeZone: 'Europe/Berlin',
      totalSeats: 300,
      ticketTypes: [
        { name: 'Erwachsene', price: euros(12) },
        { name: 'Kinder', description: 'Bis 14 Jahre.', price: euros(7) },
        { name: 'Familie', description: 'Vier Plätze, davon höchstens zwei Erwachsene.', price: euros(32), seats: 4 },
        { name: 'Parkplatz', description: 'Vor der Halle.', price: euros(5), seats: 0, limit: 40, maxPerBooking: 2 },
      ],
    },
    inDays: 10,
    from: '10:00',
    to: '18:00',
  },
  {
    requestId: 'f2040000-0000-4000-8000-00000000000e',
    event: {
      title: 'Midnight Sun Film Night',
      description: 'Three short films from the far north, and a talk with the people who froze for them.',
      venue: 'Cinemateket, Oslo',
      category: 'Film',
      tags: ['Short films'],
      city: 'Oslo',
      organiser: 'Northern Stages',
      address: 'Dronningens gate 16, 0105 Oslo',
      minAge: 15,
      seating: 'Free seating',
      accessInfo: 'Step-free, with two places for wheelchairs in the last row.',
      timeZone: 'Europe/Oslo',
      totalSeats: 110,
      ticketTypes: [
        { name: 'Early bird', description: 'The first twelve seats.', price: kroner(90), limit: 12, maxPerBooking: 4 },
        { name: 'Regular', price: kroner(140) },
        { name: 'Student', description: 'Show your card at the door.', price: kroner(100) },
      ],
    },
    inDays: 13,
    doors: '19:30',
    from: '20:00',
    to: '22:30',
  },
];
