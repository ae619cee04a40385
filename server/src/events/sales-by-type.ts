import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { BookingCollections } from '#server/booking/store/collections.ts';
import { ticketsPrice } from '#server/booking/store/queries/count-tickets.ts';
import type { BookingDoc } from '#server/models/booking.ts';
import type { EventDoc } from '#server/models/event.ts';
import type { TypeSales } from '#shared/organiser.ts';
import { sellsSeatsAlone } from '#shared/tickets/named-lines.ts';
import { apportioned } from './apportioned.ts';

const TOTAL = ticketsPrice('$tickets');
/** What is kept of the payment of a booking; null without one. */
const KEPT = { $subtract: ['$payment.amount', '$payment.refundedAmount'] };
/** A booking's revenue: the price of its tickets, or the paid amount minus its refunds if that is less. */
export const REVENUE = { $min: [TOTAL, KEPT] };

/** The sums of one ticket type over the confirmed bookings. */
interface TypeSum {
  _id: string;
  tickets: number;
  seats: number;
  amount: number;
}

const BY_TYPE: Document[] = [
  { $unwind: '$tickets' },
  {
    $group: {
      _id: '$tickets.type',
      tickets: { $sum: '$tickets.count' },
      seats: { $sum: { $multiply: ['$tickets.count', '$tickets.seats'] } },
      amount: { $sum: { $multiply: ['$tickets.count', '$tickets.price.amount'] } },
    },
  },
];

/** Bookings of which a part was refunded that no ticket was given back for. */
const PARTLY_REFUNDED: Document[] = [
  { $match: { 'payment.refundedAmount': { $gt: 0 } } },
  { $project: { tickets: 1, missing: { $subtract: [TOTAL, KEPT] } } },
  { $match: { missing: { $gt: 0 } } },
];

interface CountedSale {
  event: EventDoc;
  /** Confirmed seats, and the revenue of all confirmed bookings in minor units. */
  seats: number;
  amount: number;
}

/** What is sold of each ticket type, in the event's order; the revenues add up to that of the event. */
export async function readSalesByType(
  { bookings }: Pick<BookingCollections, 'bookings'>,
  { event, seats, amount }: CountedSale,
  session: ClientSession,
): Promise<TypeSales[]> {
  const [only] = event.ticketTypes;
  if (only && sellsSeatsAlone(event.ticketTypes))
    return typeSales(event, new Map([[only.id, { _id: only.id, tickets: seats, seats, amount }]]));
  const confirmed = { $match: { eventId: event._id, status: 'confirmed' } };
  const found = await bookings.aggregate<TypeSum>([confirmed, ...BY_TYPE], { session }).toArray();
  const sums = new Map(found.map((sum) => [sum._id, sum]));
  const reduced = bookings.aggregate<Pick<BookingDoc, 'tickets'> & { _id: Types.ObjectId; missing: number }>(
    [confirmed, ...PARTLY_REFUNDED],
    { session },
  );
  for await (const { tickets, missing } of reduced) {
    const shares = apportioned(
      missing,
      tickets.map(({ count, price }) => count * price.amount),
    );
    for (const [index, { type }] of tickets.entries()) {
      const sum = sums.get(type);
      if (sum) sum.amount -= shares[index] ?? 0;
    }
  }
  return typeSales(event, sums);
}

function typeSales({ ticketTypes, ticketOrder, price }: EventDoc, sums: ReadonlyMap<string, TypeSum>): TypeSales[] {
  const placeOf = (id: string) => ticketOrder.indexOf(id);
  return ticketTypes
    .toSorted((a, b) => placeOf(a.id) - placeOf(b.id))
    .map(({ id, name }) => {
      const { tickets = 0, seats = 0, amount = 0 } = sums.get(id) ?? {};
      return { id, name, tickets, seats, revenue: { amount, currency: price.currency } };
    });
}
