import { expect, test } from 'vitest';
import { aTicketType } from '#shared/tickets/ticket-type.fixture.ts';
import { anEvent } from './live/fixtures.ts';
import { eventStructuredData, organiserStructuredData } from './structured-data.ts';

const URL = 'https://tickets.example.org/events/1';
const nowMs = Date.parse('2026-10-01T12:00:00.000Z');

test('an organiser’s text in structured data cannot end its element, and is parsed unchanged', () => {
  const title = '</script><script>alert(1)</script> <!-- & \u2028 "quoted"';
  const text = eventStructuredData(anEvent({ title, description: title, venue: title }), URL, nowMs);
  expect(text).not.toMatch(/[<>&\u2028]/);
  const data = JSON.parse(text) as { name: string; description: string; location: { name: string } };
  expect([data.name, data.description, data.location.name]).toEqual([title, title, title]);
});

interface Data {
  eventStatus: string;
  offers: object[];
}

function dataOf(more: Parameters<typeof anEvent>[0]): Data {
  return JSON.parse(eventStructuredData(anEvent(more), URL, nowMs)) as Data;
}

test('structured data has start, venue, price and availability of an event', () => {
  expect(dataOf({})).toMatchObject({
    '@type': 'Event',
    startDate: '2026-10-14T20:00:00+02:00',
    eventStatus: 'https://schema.org/EventScheduled',
    location: { '@type': 'Place', name: 'Alte Schlosserei', address: 'Alte Schlosserei' },
    offers: [{ price: '20.00', priceCurrency: 'EUR', availability: 'https://schema.org/InStock', url: URL }],
  });
  expect(dataOf({ availableSeats: 0 }).offers).toMatchObject([{ availability: 'https://schema.org/SoldOut' }]);
  expect(dataOf({ availableSeats: 4 }).offers).toMatchObject([
    { availability: 'https://schema.org/LimitedAvailability' },
  ]);
  expect(dataOf({ salesOpenAt: '2026-10-02T12:00:00.000Z' }).offers).toMatchObject([
    { availability: 'https://schema.org/PreOrder', validFrom: '2026-10-02T12:00:00.000Z' },
  ]);
  expect(dataOf({ status: 'cancelled' })).toMatchObject({
    eventStatus: 'https://schema.org/EventCancelled',
    offers: [{ availability: 'https://schema.org/OutOfStock' }],
  });
});

test('structured data has what an event says of itself', () => {
  const more = {
    category: 'Music',
    tags: ['Jazz'],
    city: 'Köln',
    address: 'Hof 3',
    minAge: 16,
    organiser: 'Kultur & Söhne',
  };
  const doors = { doorsAt: '2026-10-14T17:00:00.000Z', endsAt: '2026-10-14T21:00:00.000Z' };
  expect(dataOf({ ...more, ...doors })).toMatchObject({
    doorTime: '2026-10-14T19:00:00+02:00',
    endDate: '2026-10-14T23:00:00+02:00',
    location: { address: { '@type': 'PostalAddress', streetAddress: 'Hof 3', addressLocality: 'Köln' } },
    keywords: ['Music', 'Jazz'],
    organizer: {
      '@type': 'Organization',
      name: 'Kultur & Söhne',
      url: 'https://tickets.example.org/organisers/Kultur%20%26%20S%C3%B6hne',
    },
    typicalAgeRange: '16-',
  });
  expect(dataOf({})).not.toHaveProperty('keywords');
  expect(dataOf({})).not.toHaveProperty('organizer');
});

test('each ticket type on sale that takes a seat is an offer, with its own price, window and limit', () => {
  const ticketTypes = [
    aTicketType({ name: 'Adult' }),
    aTicketType({ name: 'Early', available: 0, price: { amount: 1_000, currency: 'EUR' } }),
    aTicketType({ name: 'Late', salesFrom: '2026-10-10T12:00:00.000Z' }),
    aTicketType({ name: 'Past', salesUntil: '2026-09-30T12:00:00.000Z' }),
    aTicketType({ name: 'Parking', seats: 0 }),
    aTicketType({ name: 'Gone', archived: true }),
  ];
  const schema = (name: string) => `https://schema.org/${name}`;
  const { offers } = dataOf({ ticketTypes });
  expect(offers).toMatchObject([
    { name: 'Adult', price: '20.00', availability: schema('InStock') },
    { name: 'Early', price: '10.00', availability: schema('SoldOut') },
    { name: 'Late', availability: schema('PreOrder'), validFrom: '2026-10-10T12:00:00.000Z' },
    { name: 'Past', availability: schema('OutOfStock'), validThrough: '2026-09-30T12:00:00.000Z' },
  ]);
  expect(offers).toHaveLength(4);
});

test('structured data of an organiser has the events with the venue’s offset, and cannot end its element', () => {
  const text = organiserStructuredData({
    name: '</script><b>Söhne',
    url: 'https://tickets.example.org/organisers/x',
    events: [anEvent({ title: 'Jazz' })],
    urlOf: (id) => `https://tickets.example.org/events/${id}`,
  });
  expect(text).not.toMatch(/[<>&]/);
  expect(JSON.parse(text)).toMatchObject({
    '@type': 'Organization',
    name: '</script><b>Söhne',
    event: [
      {
        '@type': 'Event',
        name: 'Jazz',
        startDate: '2026-10-14T20:00:00+02:00',
        url: `https://tickets.example.org/events/${anEvent().id}`,
        location: { name: 'Alte Schlosserei' },
      },
    ],
  });
});
