import { z } from 'zod';
import { eventImage } from './images/event-image.ts';
import {
  id,
  limit,
  singleLine,
  MAX_PRICE_AMOUNT,
  MAX_SEATS,
  money,
  page,
  requestId,
  seats,
  text,
  time,
  timeZone,
} from './protocol/primitives.ts';
import { detailsChangesFields, eventDetails, newDetailsFields } from './events/details.ts';
import { listFilterFields, hasRange, NO_RANGE } from './events/filters.ts';
import { ticketsLeft, ticketType, ticketTypesInput } from './tickets/ticket-type.ts';

/**
 * An event's seats: available + held + sold = total. `version` counts the commits that changed them, `waitingCount` the
 * waiting entries of the waiting list; `holdsUntil` is the latest end of a live hold. `ticketsLeft`: how many tickets of
 * each public type can be booked, absent where there is one type without a limit.
 */
export const availability = z.object({
  eventId: id,
  version: z.int(),
  totalSeats: z.int(),
  availableSeats: z.int(),
  heldSeats: z.int(),
  soldSeats: z.int(),
  waitingCount: z.int(),
  holdsUntil: time.nullable(),
  ticketsLeft: ticketsLeft.optional(),
});
export type Availability = z.infer<typeof availability>;

export const eventStatus = z.enum(['draft', 'published', 'cancelled']);

/**
 * An event as clients see it. `price` is the lowest of its public ticket types that take a seat; `timeZone` is the venue's IANA name; `revision` counts the edits of
 * text and settings, `version` the changes of seats. `eventId` equals `id`. `sample`: the server invented the event, and
 * no organiser has edited it. `taxRate`: the tax in its prices, in per cent; null where receipts show none.
 */
export const event = availability.extend({
  id,
  title: z.string(),
  description: z.string(),
  venue: z.string(),
  timeZone: z.string(),
  startsAt: time,
  endsAt: time.nullable(),
  salesOpenAt: time.nullable(),
  salesCloseAt: time,
  price: money,
  taxRate: z.number().nullable(),
  ticketTypes: z.array(ticketType),
  maxSeatsPerBooking: z.int(),
  maxSeatsPerUser: z.int().nullable(),
  holdMinutes: z.int(),
  offerMinutes: z.int(),
  cancelBeforeHours: z.int(),
  status: eventStatus,
  ...eventDetails,
  image: eventImage.nullable(),
  cancelReason: z.string().nullable(),
  revision: z.int(),
  createdAt: time,
  updatedAt: time,
  sample: z.literal(true).optional(),
});
export type Event = z.infer<typeof event>;

export type SeatCounters = Pick<Availability, 'totalSeats' | 'availableSeats' | 'heldSeats' | 'soldSeats'>;

type Instant = 'startsAt' | 'endsAt' | 'salesOpenAt' | 'salesCloseAt' | 'doorsAt';

/**
 * The settings that an organiser decides on, with times as dates. `salesCloseAt: null` follows `startsAt`; `price` is
 * derived from the ticket types.
 */
export interface EventSettings extends Omit<
  Event,
  | keyof Availability
  | Instant
  | 'id'
  | 'ticketTypes'
  | 'image'
  | 'cancelReason'
  | 'revision'
  | 'createdAt'
  | 'updatedAt'
  | 'sample'
> {
  startsAt: Date;
  endsAt: Date | null;
  salesOpenAt: Date | null;
  salesCloseAt: Date | null;
  doorsAt: Date | null;
}

/** The settings of an event without defaults, for both `eventInput` and `eventChanges`. */
const fields = {
  title: singleLine(120),
  description: text(5000),
  venue: singleLine(200),
  timeZone,
  startsAt: time,
  endsAt: time,
  salesOpenAt: time,
  salesCloseAt: time,
  totalSeats: seats,
  price: money.extend({ amount: z.int().min(0).max(MAX_PRICE_AMOUNT) }),
  ticketTypes: ticketTypesInput,
  taxRate: z.number().min(0).max(100).multipleOf(0.01),
  maxSeatsPerBooking: z.int().min(1).max(MAX_SEATS),
  maxSeatsPerUser: z.int().min(1).max(MAX_SEATS).nullable(),
  holdMinutes: z.int().min(1).max(60),
  offerMinutes: z.int().min(10).max(1380),
  cancelBeforeHours: z.int().min(0).max(8760),
  status: z.enum(['draft', 'published']),
};

const newEventFields = {
  ...fields,
  timeZone: fields.timeZone.default('UTC'),
  endsAt: fields.endsAt.optional(),
  salesOpenAt: fields.salesOpenAt.optional(),
  salesCloseAt: fields.salesCloseAt.optional(),
  price: fields.price.optional(),
  ticketTypes: fields.ticketTypes.optional(),
  taxRate: fields.taxRate.optional(),
  maxSeatsPerBooking: fields.maxSeatsPerBooking.default(10),
  maxSeatsPerUser: fields.maxSeatsPerUser.default(null),
  holdMinutes: fields.holdMinutes.default(10),
  offerMinutes: fields.offerMinutes.default(120),
  cancelBeforeHours: fields.cancelBeforeHours.default(24),
  status: fields.status.default('published'),
  ...newDetailsFields,
};

function hasOnePricing({ price, ticketTypes }: { price?: unknown; ticketTypes?: unknown }): boolean {
  return price === undefined || ticketTypes === undefined;
}
const ONE_PRICING = { path: ['price'], message: 'Not together with ticketTypes: each has its own price' };

/**
 * The settings of a new event. An absent `salesCloseAt` follows `startsAt`; with `price` alone it has one ticket type, and
 * without `price` and `ticketTypes` it is free, in euros.
 */
export const eventInput = z.strictObject(newEventFields).refine(hasOnePricing, ONE_PRICING);
export type EventInput = z.infer<typeof eventInput>;

/** `createEvent`. */
export const createEventInput = z.strictObject({ ...newEventFields, requestId }).refine(hasOnePricing, ONE_PRICING);

/**
 * An edit of an event: at least one property; absent ones stay, `null` clears an optional one. Built without defaults:
 * zod 4 fills defaults inside `.partial()`, so that a change of the title would reset the price. `ticketTypes` is the
 * whole list.
 */
export const eventChanges = z
  .strictObject({
    ...fields,
    ...detailsChangesFields,
    taxRate: fields.taxRate.nullable(),
    endsAt: time.nullable(),
    salesOpenAt: time.nullable(),
    salesCloseAt: time.nullable(),
  })
  .partial()
  .refine((changes) => Object.keys(changes).length > 0, 'At least one property must change')
  .refine(hasOnePricing, ONE_PRICING);
export type EventChanges = z.infer<typeof eventChanges>;

/**
 * `listEvents`, soonest first. `query`: words of title or venue, without regard to case and accents. `status`: for
 * organisers; without it they get drafts and published events.
 */
export const listEventsInput = z
  .strictObject({
    page,
    limit,
    query: text(200).optional(),
    when: z.enum(['upcoming', 'past', 'all']).default('upcoming'),
    status: eventStatus.optional(),
    ...listFilterFields,
  })
  .refine(hasRange, NO_RANGE);
export type ListEventsInput = z.infer<typeof listEventsInput>;

/** Feeds and calendars of events have the filters of the list, and no pages. */
export const eventFeedInput = z
  .strictObject({
    query: text(200).optional(),
    when: z.enum(['upcoming', 'past', 'all']).default('upcoming'),
    ...listFilterFields,
  })
  .refine(hasRange, NO_RANGE);
export type EventFeedInput = z.infer<typeof eventFeedInput>;

/** `cancelEvent`. `dryRun` returns the figures of the cancellation and cancels nothing. */
export const cancelEventInput = z.strictObject({
  eventId: id,
  reason: singleLine(500),
  dryRun: z.boolean().optional(),
});

/**
 * What cancelling an event ends: live bookings and their seats, and the `waiting` entries of its waiting list.
 * `refunds` counts the payments to refund; `amount` is their sum in minor units.
 */
export const cancellation = z.object({
  bookings: z.int(),
  seats: z.int(),
  refunds: z.object({ count: z.int(), amount: z.int(), currency: z.string() }),
  waiting: z.int(),
});
export type Cancellation = z.infer<typeof cancellation>;

export const eventPage = z.object({ events: z.array(event), page: z.int(), limit: z.int(), total: z.int() });
export type EventPage = z.infer<typeof eventPage>;
