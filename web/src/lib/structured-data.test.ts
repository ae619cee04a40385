import { expect, test } from 'vitest';
import { anEvent } from './live/fixtures.ts';
import { eventStructuredData } from './structured-data.ts';

const URL = 'https://tickets.example.org/events/1';
const nowMs = Date.parse('2026-10-01T12:00:00.000Z');

test('an organiser’s text in structured data cannot end its element, and is parsed unchanged', () => {
  const title = '</script><script>alert(1)</script> <!-- & \u2028 "quoted"';
  const text = eventStructuredData(anEvent({ title, description: title, venue: title }), URL, nowMs);
  expect(text).not.toMatch(/[<>&\u2028]/);
  const data = JSON.parse(text) as { name: string; description: string; location: { name: string } };
  expect([data.name, data.description, data.location.name]).toEqual([title, title, title]);
});

test('structured data has start, venue, price and availability of an event', () => {
  const of = (more: Parameters<typeof anEvent>[0]) =>
    JSON.parse(eventStructuredData(anEvent(more), URL, nowMs)) as { eventStatus: string; offers: object };
  expect(of({})).toMatchObject({
    '@type': 'Event',
    startDate: '2026-10-14T18:00:00.000Z',
    eventStatus: 'https://schema.org/EventScheduled',
    location: { '@type': 'Place', name: 'Alte Schlosserei' },
    offers: { price: '20.00', priceCurrency: 'EUR', availability: 'https://schema.org/InStock', url: URL },
  });
  expect(of({ price: { amount: 500, currency: 'JPY' } }).offers).toMatchObject({ price: '500', priceCurrency: 'JPY' });
  expect(of({ availableSeats: 0 }).offers).toMatchObject({ availability: 'https://schema.org/SoldOut' });
  expect(of({ availableSeats: 4 }).offers).toMatchObject({ availability: 'https://schema.org/LimitedAvailability' });
  expect(of({ salesOpenAt: '2026-10-02T12:00:00.000Z' }).offers).toMatchObject({
    availability: 'https://schema.org/PreOrder',
    validFrom: '2026-10-02T12:00:00.000Z',
  });
  expect(of({ status: 'cancelled' })).toMatchObject({
    eventStatus: 'https://schema.org/EventCancelled',
    offers: { availability: 'https://schema.org/OutOfStock' },
  });
});
