import type { Event } from '#shared/event.ts';
import type { TicketType } from '#shared/tickets/ticket-type.ts';
import { organiserPath } from '#shared/text/organiser-path.ts';
import { isoWithOffset } from '#shared/time/wall-clock.ts';
import { amountText } from './format/money.ts';
import { link } from './i18n/links.ts';
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
  const at = (iso: string) => isoWithOffset(iso, event.timeZone);
  const keywords = [event.category, ...event.tags].filter((word) => word !== null);
  const sold = event.ticketTypes.filter(({ seats, archived }) => seats > 0 && !archived);
  const data = {
    '@context': 'https://schema.org',
    '@type': 'Event',
    name: event.title,
    ...(event.description !== '' && { description: event.description }),
    url,
    startDate: at(event.startsAt),
    ...(event.endsAt !== null && { endDate: at(event.endsAt) }),
    ...(event.doorsAt !== null && { doorTime: at(event.doorsAt) }),
    eventStatus: schema(event.status === 'cancelled' ? 'EventCancelled' : 'EventScheduled'),
    eventAttendanceMode: schema('OfflineEventAttendanceMode'),
    location: { '@type': 'Place', name: event.venue, address: addressOf(event) },
    ...(event.organiser !== null && {
      organizer: organiserOf(event.organiser, new URL(link(organiserPath(event.organiser)), url).href),
    }),
    ...(keywords.length > 0 && { keywords }),
    ...(event.minAge !== null && { typicalAgeRange: `${event.minAge}-` }),
    maximumAttendeeCapacity: event.totalSeats,
    remainingAttendeeCapacity: event.availableSeats,
    isAccessibleForFree: event.ticketTypes.every(({ price }) => price.amount === 0),
    offers: sold.map((type) => offerOf(event, type, { url, hasName: sold.length > 1, nowMs })),
  };
  return textOf(data);
}

interface OrganiserDataInput {
  name: string;
  /** The address of the organiser's page. */
  url: string;
  events: readonly Event[];
  urlOf: (eventId: string) => string;
}

/** An organiser with events, as schema.org data in the same form; the page of an event says more of it. */
export function organiserStructuredData({ name, url, events, urlOf }: OrganiserDataInput): string {
  const listed = events.map((event) => ({
    '@type': 'Event',
    name: event.title,
    url: urlOf(event.id),
    startDate: isoWithOffset(event.startsAt, event.timeZone),
    ...(event.endsAt !== null && { endDate: isoWithOffset(event.endsAt, event.timeZone) }),
    location: { '@type': 'Place', name: event.venue, address: addressOf(event) },
  }));
  return textOf({ '@context': 'https://schema.org', ...organiserOf(name, url), event: listed });
}

function organiserOf(name: string, url: string): object {
  return { '@type': 'Organization', name, url };
}

function textOf(data: object): string {
  return JSON.stringify(data).replace(/[<>&\u2028\u2029]/g, escaped);
}

/** Search engines know an address by its parts: without one, the name of the venue is all that there is. */
function addressOf({ venue, address, city }: Event): object | string {
  if (address === null && city === null) return venue;
  const street = address === null ? {} : { streetAddress: address };
  return { '@type': 'PostalAddress', ...street, ...(city !== null && { addressLocality: city }) };
}

interface OfferContext {
  url: string;
  /** The event has several types, which their names tell apart. */
  hasName: boolean;
  nowMs: number;
}

function offerOf(event: Event, type: TicketType, { url, hasName, nowMs }: OfferContext): object {
  const opens = [event.salesOpenAt, type.salesFrom].filter((time) => time !== null).toSorted();
  const closes = [event.salesCloseAt, type.salesUntil].filter((time) => time !== null).toSorted();
  return {
    '@type': 'Offer',
    ...(hasName && { name: type.name }),
    url,
    price: amountText(type.price),
    priceCurrency: type.price.currency,
    availability: schema(availability(event, type, nowMs)),
    validFrom: opens.at(-1) ?? event.createdAt,
    validThrough: closes[0],
  };
}

function availability(event: Event, type: TicketType, nowMs: number): string {
  const sale = saleState(event, event.availableSeats, nowMs);
  if (sale !== 'open') return AVAILABILITY[sale];
  if (type.salesFrom !== null && nowMs < Date.parse(type.salesFrom)) return AVAILABILITY.before;
  if (type.salesUntil !== null && nowMs >= Date.parse(type.salesUntil)) return AVAILABILITY.closed;
  if (type.available === 0) return AVAILABILITY.sold_out;
  return isFewLeft(event.availableSeats, event.totalSeats) ? 'LimitedAvailability' : AVAILABILITY.open;
}

function schema(name: string): string {
  return `https://schema.org/${name}`;
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
