import type { Types } from 'mongoose';
import type { Money } from '#shared/protocol/primitives.ts';
import { changeInBatches } from '../batches.ts';
import type { Migration } from '../migration.ts';

/** The id of the one ticket type that an event of one price gets. */
const ONLY_TYPE = 't1';

interface EventOfOnePrice {
  _id: Types.ObjectId;
  version: number;
  price: Money;
  heldSeats: number;
  soldSeats: number;
  ticketTypes?: object[];
  ticketOrder?: string[];
  ticketTypesMade?: number;
}

interface BookingOfOnePrice {
  _id: Types.ObjectId;
  seats: number;
  /** Of one seat. */
  price?: Money;
  tickets?: object[];
}

interface EntryOfSeats {
  _id: Types.ObjectId;
  seats: number;
  tickets?: object[];
}

/** A ticket of the type is a seat, so that the type has the counters of the event. */
const giveTypes = changeInBatches<EventOfOnePrice>({
  name: 'Give each event its ticket type',
  collection: 'events',
  outstanding: { ticketTypes: { $exists: false } },
  fields: ['version', 'price', 'heldSeats', 'soldSeats'],
  change({ version, price, heldSeats, soldSeats }) {
    const type = {
      id: ONLY_TYPE,
      name: 'Ticket',
      description: '',
      price: { amount: price.amount, currency: price.currency },
      seats: 1,
      limit: null,
      salesFrom: null,
      salesUntil: null,
      minPerBooking: 0,
      maxPerBooking: null,
      access: 'public',
      archived: false,
      held: heldSeats,
      sold: soldSeats,
      // Unknown of an event whose bookings all ended: it is the safe answer.
      booked: true,
    };
    const fields = { ticketTypes: [type], ticketOrder: [ONLY_TYPE], ticketTypesMade: 1 };
    return { guard: { version, heldSeats, soldSeats }, update: { $set: fields } };
  },
});

const giveLineItems = changeInBatches<BookingOfOnePrice>({
  name: 'Give each booking its line item',
  collection: 'bookings',
  outstanding: { tickets: { $exists: false } },
  fields: ['seats', 'price'],
  change({ seats, price = { amount: 0, currency: 'EUR' } }) {
    const { amount, currency } = price;
    const line = { type: ONLY_TYPE, count: seats, price: { amount, currency }, seats: 1 };
    return { guard: { seats }, update: { $set: { tickets: [line] }, $unset: { price: '' } } };
  },
});

const giveTickets = changeInBatches<EntryOfSeats>({
  name: 'Give each waitlist entry its tickets',
  collection: 'waitlist',
  outstanding: { tickets: { $exists: false } },
  fields: ['seats'],
  change: ({ seats }) => ({ guard: { seats }, update: { $set: { tickets: [{ type: ONLY_TYPE, count: seats }] } } }),
});

/**
 * From events with one price and bookings of seats to ticket types and line items. Ledger documents, requests and
 * payments stay as they are: their readers know both forms.
 */
export const ticketTypes: Migration = {
  version: 2,
  title: 'Give each event a ticket type, and each booking line items',
  // A server of version 1 would count seats that no type has.
  compatibleFrom: 2,
  parts: [giveTypes, giveLineItems, giveTickets],
};
