import { FIRST_TYPE, firstTicketType } from '#server/booking/rules/state/event-state.ts';
import { Types } from 'mongoose';
import type { EventDoc } from '#server/models/event.ts';
import { searchFieldsOf } from '#server/models/event.ts';
import { noDetails } from '#shared/events/details.ts';

const SUBJECTS = ['Jazz', 'Orchestra', 'Comedy', 'Theatre', 'Ballet', 'Reading', 'Film', 'Opera', 'Circus', 'Choir'];
const VENUES = ['Town hall', 'Riverside stage', 'Old cinema', 'Harbour theatre'];
const HOUR_MS = 3_600_000;

/** The text that finds one of the events, and no other. */
export function searchFor(index: number): string {
  return `${SUBJECTS[index % SUBJECTS.length]} n${index}x`;
}

const FREE = { amount: 0, currency: 'EUR' };

/** So many published events, one each hour from tomorrow on, as they are stored. */
export function listedEvents(count: number, now: Date): EventDoc[] {
  return Array.from({ length: count }, (_, index) => listedEvent(index, now));
}

function listedEvent(index: number, now: Date): EventDoc {
  const texts = { title: searchFor(index), venue: VENUES[index % VENUES.length] ?? '' };
  return {
    _id: new Types.ObjectId(),
    ...texts,
    description: `An evening of ${texts.title}, with a break. Doors open an hour before.`,
    timeZone: 'Europe/Berlin',
    startsAt: new Date(now.getTime() + (24 + index) * HOUR_MS),
    endsAt: null,
    salesOpenAt: null,
    salesCloseAt: null,
    price: FREE,
    ticketTypes: [firstTicketType(FREE)],
    ticketOrder: [FIRST_TYPE],
    ticketTypesMade: 1,
    maxSeatsPerBooking: 10,
    maxSeatsPerUser: null,
    holdMinutes: 10,
    offerMinutes: 15,
    cancelBeforeHours: 0,
    status: 'published',
    ...noDetails(),
    version: 1,
    revision: 1,
    totalSeats: 500,
    availableSeats: 500,
    heldSeats: 0,
    soldSeats: 0,
    waitingCount: 0,
    holdsUntil: null,
    cancelReason: null,
    movedAt: null,
    moves: [],
    ...searchFieldsOf(texts),
    createdBy: null,
    requestId: null,
    requestDigest: null,
    createdAt: now,
    updatedAt: now,
  };
}
