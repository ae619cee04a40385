import type { ClientSession, Collection } from 'mongodb';
import { Types } from 'mongoose';
import type { BookingDoc } from '#server/models/booking.ts';
import type { Cancellation } from '#shared/event.ts';
import type { EventState } from './rules/event-state.ts';

interface Sums {
  bookings: number;
  seats: number;
  refunds: number;
  amount: number;
}

const OWED = { $multiply: ['$seats', '$price.amount'] };
const PAID = { $and: [{ $eq: ['$status', 'confirmed'] }, { $gt: ['$price.amount', 0] }] };
const SUMS = {
  _id: null,
  bookings: { $sum: 1 },
  seats: { $sum: '$seats' },
  refunds: { $sum: { $cond: [PAID, 1, 0] } },
  amount: { $sum: { $cond: [PAID, OWED, 0] } },
};

/** What calling the event off takes back: live bookings and their seats, what was paid for them, and who waits. */
export async function countStakes(
  bookings: Collection<BookingDoc>,
  event: EventState,
  session: ClientSession,
): Promise<Cancellation> {
  const eventId = Types.ObjectId.createFromHexString(event.id);
  const live = { eventId, status: { $in: ['held', 'confirmed'] } };
  const [sums] = await bookings.aggregate<Sums>([{ $match: live }, { $group: SUMS }], { session }).toArray();
  const { currency } = event.settings.price;
  return {
    bookings: sums?.bookings ?? 0,
    seats: sums?.seats ?? 0,
    refunds: { count: sums?.refunds ?? 0, amount: sums?.amount ?? 0, currency },
    waiting: event.waitingCount,
  };
}
