import type { ClientSession, Document } from 'mongodb';
import type { Types } from 'mongoose';
import type { PaymentCollections } from '../store/collections.ts';

/** Enough to see what happened. */
const MOST = 20;

/** Money that does not agree, in a sentence. */
export interface PaymentDifference {
  what: string;
  /** The payment whose money is neither its booking's price nor on its way back; absent where it is not about that. */
  paymentId?: string;
}

/** Money of one payment that is neither a booking's price nor on its way back. Amounts in minor units. */
interface Unmatched {
  _id: Types.ObjectId;
  bookingId: Types.ObjectId;
  came: number | null;
  back: number;
  status: string | null;
  price: number | null;
}

const first = (field: string) => ({ $first: `$booking.${field}` });
const sumOf = (refunds: Document) => ({
  $sum: { $map: { input: refunds, in: '$$this.amount' } },
});
const done = { $filter: { input: '$refunds', cond: { $eq: ['$$this.status', 'done'] } } };

/** A whole price is kept for each confirmed booking, and nothing else: less only where an organiser gave part of it back. */
const WRONG: Document = {
  $cond: [
    { $and: ['$bought', { $eq: ['$status', 'confirmed'] }] },
    {
      $or: [
        { $gt: ['$kept', '$price'] },
        { $lt: ['$kept', { $cond: ['$asked', 0, '$price'] }] },
        { $ne: ['$shown', '$done'] },
      ],
    },
    { $ne: ['$kept', 0] },
  ],
};

const UNMATCHED: Document[] = [
  { $lookup: { from: 'bookings', localField: 'bookingId', foreignField: '_id', as: 'booking' } },
  {
    $project: {
      ...{ bookingId: 1, bought: 1, came: '$paid.amount', back: sumOf({ $ifNull: ['$refunds', []] }) },
      ...{ done: sumOf(done), asked: { $in: ['organiser', '$refunds.cause'] } },
      ...{ status: first('status'), shown: first('payment.refundedAmount') },
      price: { $multiply: [first('seats'), first('price.amount')] },
    },
  },
  { $set: { kept: { $subtract: ['$came', '$back'] } } },
  { $match: { $expr: WRONG } },
  { $limit: MOST },
];

/** [I5] Money captured is a confirmed booking or a refund, and every confirmed booking with a price was paid for. */
export async function findUnmatchedPayments(
  { payments, bookings }: PaymentCollections,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const paid = [{ $match: { eventId, status: 'paid' } }, ...UNMATCHED];
  const unmatched = await payments.aggregate<Unmatched>(paid, { session }).toArray();
  const owed = [
    { $match: { eventId, status: 'confirmed', 'price.amount': { $gt: 0 } } },
    { $lookup: { from: 'payments', localField: '_id', foreignField: 'bookingId', as: 'payments' } },
    { $match: { 'payments.bought': { $ne: true } } },
    { $limit: MOST },
    { $project: { _id: 1 } },
  ];
  const unpaid = await bookings.aggregate<{ _id: Types.ObjectId }>(owed, { session }).toArray();
  return [
    ...unmatched.map(describe),
    ...unpaid.map(({ _id }) => ({ what: `booking ${_id.toHexString()} is confirmed, and nothing was paid for it` })),
    ...(await againstDemo({ payments }, eventId, session)),
  ];
}

function describe({ _id, bookingId, came, back, status, price }: Unmatched): PaymentDifference {
  const paymentId = _id.toHexString();
  const booking = `booking ${bookingId.toHexString()} (${status ?? 'missing'}, ${price ?? 0} in all)`;
  return {
    paymentId,
    what: `payment ${paymentId} has brought ${came ?? 'nothing'} and gives back ${back}: ${booking}`,
  };
}

/** How long a payment may be known to the provider alone: its webhook, or the poller, is on the way. */
const TOLD_WITHIN_MS = 180_000;

/** The demo provider's own books, which a real one would send as a statement. */
async function againstDemo(
  { payments }: Pick<PaymentCollections, 'payments'>,
  eventId: Types.ObjectId,
  session: ClientSession,
): Promise<PaymentDifference[]> {
  const long = { $subtract: ['$$NOW', TOLD_WITHIN_MS] };
  const gone = {
    $filter: { input: '$refunds', cond: { $in: ['$$this.status', ['pending', 'done']] } },
  };
  const differs = [
    { $match: { eventId, provider: 'demo', reference: { $type: 'string' } } },
    { $lookup: { from: 'demoCheckouts', localField: 'reference', foreignField: '_id', as: 'demo' } },
    { $set: { demo: { $first: '$demo' }, gone: sumOf(gone) } },
    {
      $match: {
        $expr: {
          $or: [
            { $and: [{ $eq: ['$status', 'paid'] }, { $ne: ['$paid.amount', '$demo.paid.amount'] }] },
            { $and: [{ $ne: ['$status', 'paid'] }, { $lt: [{ $ifNull: ['$demo.paidAt', '$$NOW'] }, long] }] },
            { $lt: ['$demo.refunded', '$gone'] },
          ],
        },
      },
    },
    { $limit: MOST },
    { $project: { _id: 1 } },
  ];
  const found = await payments.aggregate<{ _id: Types.ObjectId }>(differs, { session }).toArray();
  return found.map(({ _id }) => ({
    what: `payment ${_id.toHexString()} is not what the demo provider has in its books`,
  }));
}
