import type { ClientSession } from 'mongodb';
import { Types } from 'mongoose';
import type { Cancellation } from '#shared/event.ts';
import type { EventState } from '../rules/state/event-state.ts';
import type { PaymentCollections } from './collections.ts';

interface LiveSums {
  bookings: number;
  seats: number;
}

interface RefundSums {
  count: number;
  amount: number;
}

const LIVE_SUMS = { _id: null, bookings: { $sum: 1 }, seats: { $sum: '$seats' } };

/** Money of confirmed bookings less what was refunded before or is being refunded. */
const REFUND_SUMS = [
  { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
  { $match: { 'booking.status': 'confirmed' } },
  { $project: { kept: { $subtract: ['$paid.amount', { $sum: '$refunds.amount' }] } } },
  { $match: { kept: { $gt: 0 } } },
  { $group: { _id: null, count: { $sum: 1 }, amount: { $sum: '$kept' } } },
];

/** What cancelling an event takes back: live bookings, their seats, refunds in minor units, and waiting entries. */
export async function countCancellation(
  { bookings, payments }: PaymentCollections,
  event: EventState,
  session: ClientSession,
): Promise<Cancellation> {
  const eventId = Types.ObjectId.createFromHexString(event.id);
  const live = { eventId, status: { $in: ['held', 'confirmed'] } };
  const [sums] = await bookings.aggregate<LiveSums>([{ $match: live }, { $group: LIVE_SUMS }], { session }).toArray();
  const bought = { $match: { eventId, bought: true } };
  const [refunds] = await payments.aggregate<RefundSums>([bought, ...REFUND_SUMS], { session }).toArray();
  const { currency } = event.settings.price;
  return {
    bookings: sums?.bookings ?? 0,
    seats: sums?.seats ?? 0,
    refunds: { count: refunds?.count ?? 0, amount: refunds?.amount ?? 0, currency },
    waiting: event.waitingCount,
  };
}
