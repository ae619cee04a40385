import type { Event } from '#shared/event.ts';
import { amountText } from './format/money.ts';
import { isFewLeft, saleState, type SaleState } from './seats/sale-state.ts';

const AVAILABILITY: Record<SaleState, string> = {
  draft: 'OutOfStock',
  cancelled: 'OutOfStock',
  over: 'OutOfStock',
  closed: 'OutOfStock',
  before: 'PreOrder',
  sold_out: 'SoldOut',
  open: 'InStock',
};

/**
 * An event as schema.org data for search engines: the text of a `script` element of type `application/ld+json`. Data
 * never runs, so the Content-Security-Policy needs no hash for it. The organiser's texts cannot end the element,
 * because `<`, `>` and `&` are escaped. `nowMs` is the server's time.
 */
export function eventStructuredData(event: Event, url: string, nowMs: number): string {
  const data = {
    '@context': 'https://schema.org',
    '@type': 'Event',
    name: event.title,
    ...(event.description !== '' && { description: event.description }),
    url,
    startDate: event.startsAt,
    ...(event.endsAt !== null && { endDate: event.endsAt }),
    eventStatus: schema(event.status === 'cancelled' ? 'EventCancelled' : 'EventScheduled'),
    eventAttendanceMode: schema('OfflineEventAttendanceMode'),
    location: { '@type': 'Place', name: event.venue, address: event.venue },
    maximumAttendeeCapacity: event.totalSeats,
    remainingAttendeeCapacity: event.availableSeats,
    isAccessibleForFree: event.ticketTypes.every(({ price }) => price.amount === 0),
    offers: {
      '@type': 'Offer',
      url,
      price: amountText(event.price),
      priceCurrency: event.price.currency,
      availability: schema(availability(event, nowMs)),
      validFrom: event.salesOpenAt ?? event.createdAt,
      validThrough: event.salesCloseAt,
    },
  };
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, escaped);
}

function availability(event: Event, nowMs: number): string {
  const sale = saleState(event, event.availableSeats, nowMs);
  const isFew = sale === 'open' && isFewLeft(event.availableSeats, event.totalSeats);
  return isFew ? 'LimitedAvailability' : AVAILABILITY[sale];
}

function schema(name: string): string {
  return `https://schema.org/${name}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
