import type { Types } from 'mongoose';
import { Schema } from 'mongoose';
import type { CaptionedImage, EventMove, TicketTypeState } from '#server/booking/rules/state/event-state.ts';
import { FIRST_TYPE, firstTicketType } from '#server/booking/rules/state/event-state.ts';
import type { EventSettings, SeatCounters } from '#shared/event.ts';
import { filterKeyOf } from '#shared/text/filter-key.ts';
import { SEARCH_TEXT_VERSION, searchTextOf } from '#shared/text/search-text.ts';
import { fillDefaults } from './defaults.ts';

/** An event: its settings, and its counters as of `version`. */
export interface EventDoc extends SeatCounters, EventSettings {
  _id: Types.ObjectId;
  /**
   * In the order in which they were made, at fixed places while the revision stays: a batch addresses their counters by
   * place. A document from before version 2 lacks them, and is read with the one that it has by its price.
   */
  ticketTypes: TicketTypeState[];
  /** The ids in the order of display. */
  ticketOrder: string[];
  /** How many types were ever made: the number of the next id less one. */
  ticketTypesMade: number;
  /** Counts batches; equals `seq` of the newest ledger document. */
  version: number;
  /** Counts edits of text and settings. */
  revision: number;
  /** Entries of the waiting list that wait. */
  waitingCount: number;
  /** When the last live hold ends; `null` without holds. */
  holdsUntil: Date | null;
  /** Events stored by an earlier version lack it. */
  image?: CaptionedImage | null;
  cancelReason: string | null;
  /** The last change of time or venue after the event was published; it moves `cancelUntil`. */
  movedAt: Date | null;
  /** The moves since its first booking, oldest first; events stored by an earlier version lack them. */
  moves?: readonly EventMove[];
  /** Title and venue, folded by the rules of `searchTextVersion`; absent before version 2. */
  searchText: string;
  searchTextVersion?: number;
  /** What the list is filtered by: category, city, organiser and tags, folded by the rules of `searchTextVersion`. */
  categoryKey?: string | null;
  cityKey?: string | null;
  organiserKey?: string | null;
  tagKeys?: string[];
  /** Whether the server invented the event and no organiser has edited it; events stored by an earlier version lack it. */
  sample?: boolean;
  createdBy: Types.ObjectId | null;
  requestId: string | null;
  /** Digest of the first input, which distinguishes a repeat from a reuse of its request id. */
  requestDigest: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const money = { amount: { type: Number, required: true }, currency: { type: String, required: true } };

export const eventSchema = new Schema<EventDoc>(
  {
    title: { type: String, required: true },
    description: { type: String, default: '' },
    venue: { type: String, required: true },
    timeZone: { type: String, required: true },
    startsAt: { type: Date, required: true },
    endsAt: { type: Date, default: null },
    salesOpenAt: { type: Date, default: null },
    salesCloseAt: { type: Date, default: null },
    price: { type: money, required: true, _id: false },
    taxRate: { type: Number, default: null },
    ticketTypes: { type: Schema.Types.Mixed, default: undefined },
    ticketOrder: { type: Schema.Types.Mixed, default: undefined },
    ticketTypesMade: { type: Number, default: undefined },
    maxSeatsPerBooking: { type: Number, required: true },
    maxSeatsPerUser: { type: Number, default: null },
    holdMinutes: { type: Number, required: true },
    offerMinutes: { type: Number, required: true },
    cancelBeforeHours: { type: Number, required: true },
    status: { type: String, required: true },
    category: { type: String, default: null },
    tags: { type: [String], default: [] },
    city: { type: String, default: null },
    organiser: { type: String, default: null },
    address: { type: String, default: null },
    doorsAt: { type: Date, default: null },
    minAge: { type: Number, default: null },
    accessInfo: { type: String, default: null },
    seating: { type: String, default: null },
    version: { type: Number, required: true },
    revision: { type: Number, required: true },
    totalSeats: { type: Number, required: true },
    availableSeats: { type: Number, required: true },
    heldSeats: { type: Number, required: true },
    soldSeats: { type: Number, required: true },
    waitingCount: { type: Number, default: 0 },
    holdsUntil: { type: Date, default: null },
    image: { type: Schema.Types.Mixed, default: null },
    cancelReason: { type: String, default: null },
    movedAt: { type: Date, default: null },
    moves: { type: [Schema.Types.Mixed], default: [] },
    searchText: { type: String, required: true },
    searchTextVersion: { type: Number },
    categoryKey: { type: String, default: null },
    cityKey: { type: String, default: null },
    organiserKey: { type: String, default: null },
    tagKeys: { type: [String], default: [] },
    sample: { type: Boolean },
    createdBy: { type: Schema.Types.ObjectId, default: null },
    requestId: { type: String, default: null },
    requestDigest: { type: String, default: null },
    createdAt: { type: Date, required: true },
    updatedAt: { type: Date, required: true },
  },
  { collection: 'events', versionKey: false, autoIndex: false, autoCreate: false },
);

/** Completes an event that was stored by an earlier version. */
export const completeEvent = fillDefaults(eventSchema, {
  ticketTypes: ({ price, heldSeats, soldSeats }) => [
    { ...firstTicketType(price), held: heldSeats ?? 0, sold: soldSeats ?? 0, booked: true },
  ],
  ticketOrder: () => [FIRST_TYPE],
  ticketTypesMade: () => 1,
});

// The public list, soonest first, paged in the database; `_id` makes the order total. The rest has what a search looks
// at, so that it reads no documents.
eventSchema.index({ status: 1, startsAt: 1, _id: 1, endsAt: 1, searchText: 1 });
// The public list of one category, city, organiser or tag, and of what is free, each paged in the database.
for (const narrowed of ['categoryKey', 'cityKey', 'organiserKey', 'tagKeys', 'price.amount'])
  eventSchema.index({ status: 1, [narrowed]: 1, startsAt: 1, _id: 1, endsAt: 1 });
// Events that have begun and are not over. Without this index each list would read every past event.
eventSchema.index({ status: 1, endsAt: 1, startsAt: 1 });
// Events with a waiting list: the sweep reads them each second.
eventSchema.index({ waitingCount: 1 }, { partialFilterExpression: { waitingCount: { $gt: 0 } } });
eventSchema.index(
  { createdBy: 1, requestId: 1 },
  { unique: true, partialFilterExpression: { requestId: { $type: 'string' } } },
);

// Whether an event still shows an image: the sweep asks for each stored one.
eventSchema.index({ 'image.id': 1 }, { partialFilterExpression: { 'image.id': { $type: 'string' } } });

/** A document from before version 2 has one type, whose tickets are its seats. */
const TYPES = { $ifNull: ['$ticketTypes', [{ seats: 1, held: '$heldSeats', sold: '$soldSeats', limit: null }]] };
const seatsBy = (counter: 'held' | 'sold') => ({
  $sum: { $map: { input: TYPES, in: { $multiply: ['$$this.seats', `$$this.${counter}`] } } },
});
const IS_COUNTED = {
  $and: [
    { $gte: ['$$this.held', 0] },
    { $gte: ['$$this.sold', 0] },
    { $lte: [{ $add: ['$$this.held', '$$this.sold'] }, { $ifNull: ['$$this.limit', Infinity] }] },
  ],
};

/**
 * The database refuses counters that do not add up, and more tickets of a type than its limit, even if our code is wrong.
 */
export const eventValidator = {
  $jsonSchema: {
    required: ['totalSeats', 'availableSeats', 'heldSeats', 'soldSeats', 'version'],
    properties: {
      totalSeats: { bsonType: ['int', 'long', 'double'], minimum: 1 },
      availableSeats: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      heldSeats: { bsonType: ['int', 'long', 'double'], minimum: 0 },
      soldSeats: { bsonType: ['int', 'long', 'double'], minimum: 0 },
    },
  },
  $expr: {
    $and: [
      { $eq: [{ $add: ['$availableSeats', '$heldSeats', '$soldSeats'] }, '$totalSeats'] },
      { $eq: [seatsBy('held'), '$heldSeats'] },
      { $eq: [seatsBy('sold'), '$soldSeats'] },
      { $allElementsTrue: { $map: { input: TYPES, in: IS_COUNTED } } },
    ],
  },
};

interface SearchedSettings {
  title: string;
  venue: string;
  category?: string | null | undefined;
  city?: string | null | undefined;
  organiser?: string | null | undefined;
  tags?: readonly string[] | undefined;
}

/** What the list of events is searched in and filtered by; stored with each change of these settings. */
export function searchFieldsOf({ title, venue, category, city, organiser, tags = [] }: SearchedSettings) {
  return {
    searchText: searchTextOf(title, venue),
    searchTextVersion: SEARCH_TEXT_VERSION,
    categoryKey: keyOrNull(category),
    cityKey: keyOrNull(city),
    organiserKey: keyOrNull(organiser),
    tagKeys: tags.map(filterKeyOf),
  };
}

function keyOrNull(text: string | null | undefined): string | null {
  return typeof text === 'string' ? filterKeyOf(text) : null;
}
