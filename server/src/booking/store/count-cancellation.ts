import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { Cancellation } from '#shared/event.ts';
import type { BookingCollections } from './load.ts';
import type { EventState } from '../rules/state/event-state.ts';

interface Sums {
  bookings: number;
  seats: number;
}

interface Refunds {
  count: number;
  amount: number;
}

const SUMS = { _id: null, bookings: { $sum: 1 }, seats: { $sum: '$seats' } };

/** What is left of the money of confirmed bookings: some of it may have been given back before, or be on its way. */
const REFUNDS = [
  { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
  { $match: { 'booking.status': 'confirmed' } },
  { $project: { kept: { $subtract: ['$paid.amount', { $sum: '$refunds.amount' }] } } },
  { $match: { kept: { $gt: 0 } } },
  { $group: { _id: null, count: { $sum: 1 }, amount: { $sum: '$kept' } } },
];

/** What calling the event off takes back: live bookings and their seats, the money that goes back for them, and who waits. */
export async function countCancellation(
  { bookings, payments }: Pick<BookingCollections, 'bookings' | 'payments'>,
  event: EventState,
  session: ClientSession,
): Promise<Cancellation> {
  const eventId = Types.ObjectId.createFromHexString(event.id);
  const live = { eventId, status: { $in: ['held', 'confirmed'] } };
  const [sums] = await bookings.aggregate<Sums>([{ $match: live }, { $group: SUMS }], { session }).toArray();
  const bought = { $match: { eventId, bought: true } };
  const [refunds] = await payments.aggregate<Refunds>([bought, ...REFUNDS], { session }).toArray();
  const { currency } = event.settings.price;
  return {
    bookings: sums?.bookings ?? 0,
    seats: sums?.seats ?? 0,
    refunds: { count: refunds?.count ?? 0, amount: refunds?.amount ?? 0, currency },
    waiting: event.waitingCount,
  };
}
